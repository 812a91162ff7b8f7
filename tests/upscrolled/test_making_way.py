"""Workers make way for whoever waits for a page."""

from __future__ import annotations

import subprocess
import sys

ASKED = """
import os
from celery.signals import worker_init
from upscrolled import celery
worker_init.send(sender=None)
print(os.nice(0))
"""


def test_a_worker_takes_what_web_processes_leave() -> None:
    found = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    assert int(found.stdout) == 5
