"""The backend of the primary where there are replicas to read on; see `base.py`."""
