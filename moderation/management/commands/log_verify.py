"""`manage.py log_verify`: is the public log what its checkpoints say, and is a statement in it?"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from moderation import publishing
from moderation.operations import audit


class Command(BaseCommand):
    """Verify the whole log; `--publish` publishes what waits first, `--rebuild` makes the tiles again."""

    help = "Verify the public moderation log from its leaves up."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the two options."""
        parser.add_argument("--publish", action="store_true", help="publish at once what waits for its batch")
        parser.add_argument("--rebuild", action="store_true", help="make the tiles again from the leaves")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify, and say what is wrong."""
        now = datetime.now(UTC)
        if options["rebuild"]:
            self.stdout.write(f"Tiles of {publishing.rebuild()} leaves were made again.")
        if options["publish"]:
            self.stdout.write(f"{publishing.publish(now=now, delay=timedelta())} entries were published.")
        found = audit.log(now=now)
        for finding in found:
            examples = f": {', '.join(finding.examples)}" if finding.examples else ""
            self.stdout.write(
                f"{finding.name:<44} {finding.checked:>9} checked  {finding.wrong:>6} wrong{examples}"
            )
        if any(finding.wrong for finding in found):
            self.stderr.write("The log is not what was signed.")
            sys.exit(1)
        self.stdout.write("The log is what was signed.")
