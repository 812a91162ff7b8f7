"""`manage.py audit`: is anybody restricted quietly?"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from moderation.operations import audit


class Command(BaseCommand):
    """Print what was looked at and what is wrong; exit with 1 if anything is."""

    help = "Prove for the whole database that every restriction has its reasons, and that nothing else hides anything."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Ask every question."""
        found = audit.audit(now=datetime.now(UTC))
        for finding in found:
            examples = f": {', '.join(finding.examples)}" if finding.examples else ""
            self.stdout.write(
                f"{finding.name:<52} {finding.checked:>9} checked  {finding.wrong:>6} wrong{examples}"
            )
        self.stdout.write("Named exceptions, which restrict nobody:")
        for exception in audit.exceptions():
            examples = f": {', '.join(exception.examples)}" if exception.examples else ""
            self.stdout.write(f"{exception.name:<66} {exception.checked:>9}{examples}")
        wrong = sum(finding.wrong for finding in found)
        if wrong:
            self.stderr.write(f"{wrong} wrong; docs/moderation.md says what each line means.")
            sys.exit(1)
        self.stdout.write("Nobody is restricted quietly.")
