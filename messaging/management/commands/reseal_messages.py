"""`manage.py reseal_messages`: after `keys rotate messages`, seal what is stored with the new key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from messaging.operations.reseal import reseal


class Command(BaseCommand):
    """Do at once what the clock does every hour."""

    help = "Seal with the key in use whatever lies under keys that were replaced. It may be stopped and begun again."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do it, and say how many texts it was."""
        done, lost = reseal(now=datetime.now(UTC))
        self.stdout.write(f"{done} texts were sealed anew.")
        if lost:
            self.stdout.write(f"{lost} texts cannot be opened: their key is lost (see the log).")
