"""The public ranking: pure functions of spec/discover.md. Values in, values out, no I/O."""
