"""`manage.py log_verify`: is the public log what its checkpoints say, did it only grow, is a statement in it?"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation import publishing
from moderation.operations import audit, verifying
from upscrolled.core.errors import DomainError


class Command(BaseCommand):
    """Verify the whole log, or with `--statement` and `--since` one statement or that the log only grew.

    `--publish` publishes what waits first, `--rebuild` makes the tiles again.
    """

    help = "Verify the public moderation log from its leaves up."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--publish", action="store_true", help="publish at once what waits for its batch")
        parser.add_argument("--rebuild", action="store_true", help="make the tiles again from the leaves")
        parser.add_argument("--statement", type=int, metavar="ID", help="is this statement in the log?")
        parser.add_argument("--since", type=int, metavar="SIZE", help="did the log only grow since then?")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify, and say what is wrong."""
        now = datetime.now(UTC)
        if options["rebuild"]:
            self.stdout.write(f"Tiles of {publishing.rebuild()} leaves were made again.")
        if options["publish"]:
            self.stdout.write(f"{publishing.publish(now=now, delay=timedelta())} entries were published.")
        wrong = self._asked(options) or self._whole(now)
        if wrong:
            self.stderr.write(f"The log is not what was signed: {wrong}.")
            sys.exit(1)
        self.stdout.write("The log is what was signed.")

    def _asked(self, options: dict[str, Any]) -> str:
        """Verify what was asked for by itself."""
        try:
            if options["statement"] is not None and (wrong := verifying.statement(options["statement"])):
                return f"statement {options['statement']}: {wrong}"
            if options["since"] is not None and (wrong := verifying.growth(options["since"])):
                return f"since {options['since']} leaves: {wrong}"
        except (DomainError, ValueError) as error:
            raise CommandError(str(error)) from None
        return ""

    def _whole(self, now: datetime) -> str:
        found = audit.log(now=now)
        for finding in found:
            examples = f": {', '.join(finding.examples)}" if finding.examples else ""
            self.stdout.write(
                f"{finding.name:<44} {finding.checked:>9} checked  {finding.wrong:>6} wrong{examples}"
            )
        return ", ".join(finding.name for finding in found if finding.wrong)
