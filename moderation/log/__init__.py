"""The public log as arithmetic: tree, proofs, notes, tiles. Values in, values out."""
