"""`manage.py audit_counts`: does every stored number agree with the rows that it counts?"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from feed.operations import audit


class Command(BaseCommand):
    """Print how many stored numbers differ from their rows; exit with 1 if any does."""

    help = "Check every stored number (of posts, accounts, polls, news …) against the rows. --repair writes it anew."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument("--repair", action="store_true", help="recount what differs (in quiet hours)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compare, and repair if asked to."""
        found = audit.repair() if options["repair"] else audit.audit()
        for difference in found:
            examples = f": {', '.join(map(str, difference.examples))}" if difference.examples else ""
            self.stdout.write(
                f"{difference.name:<20} {difference.checked:>9} checked  {difference.wrong:>6} differ{examples}"
            )
        wrong = sum(difference.wrong for difference in found)
        if options["repair"]:
            self.stdout.write(f"{wrong} differences, counted anew.")
        elif wrong:
            self.stderr.write(f"{wrong} differences; `manage.py audit_counts --repair` counts them anew.")
            sys.exit(1)
        else:
            self.stdout.write("0 differences.")
