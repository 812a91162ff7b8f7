"""What the web server's own log leaves out; named in `data/granian.json`."""

from __future__ import annotations

import logging


class AsMeant(logging.Filter):
    """Drops granian's doubt about the number of threads: most of ours wait (see `bulkhead`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is written."""
        return "Python threads" not in record.getMessage()
