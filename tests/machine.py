"""The machine that tests run on, and what it lacks: said first, and not by a letter among thousands of dots."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from shutil import which

from tests import chromium

_TUS = Path(__file__).parent / "journeys" / "tus" / "node_modules"


def lines() -> list[str]:
    """What stands above the first test."""
    node = bool(which("node"))
    there = {
        "a JavaScript engine (node): scripts of pages": node,
        "node with tus-js-client (`make test` installs it by npm): resumable uploads by their authors' own client": node
        and _TUS.is_dir(),
        "Chromium (apt install chromium, or CHROMIUM=…): pages in a browser (make test-all)": chromium.installed(),
        "pgbouncer (apt install pgbouncer): a pooler before PostgreSQL (make test-all)": which("pgbouncer"),
        "root: servers that are handed to another user, a disk that is full": os.geteuid() == 0,
        "Linux: the walls around what reads uploads": sys.platform == "linux",
    }
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    return [
        f"machine: {os.cpu_count()} processors, user {os.geteuid()}, {now}",
        *(f"not here, so skipped: {what}" for what, is_there in there.items() if not is_there),
    ]
