"""Previews of linked pages: asked for by a worker, read, and kept as one row for each address."""
