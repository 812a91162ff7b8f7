"""`manage.py screening`: rules at the door, what they would have met last week, and their modes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation import door
from moderation.operations import screening
from upscrolled.core.errors import Invalid


class Command(BaseCommand):
    """List the rules, or set the mode of one."""

    help = "List the rules for names, bios and hashtags with what they would have met, or set a rule's mode."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of a mode."""
        parser.add_argument("rule", nargs="?", help="the name of a rule")
        parser.add_argument("mode", nargs="?", help="shadow, warn, queue or refuse")
        parser.add_argument("--because", default="", help="why, in a sentence; it is kept")
        parser.add_argument("--days", type=int, default=7, help="how far back to look")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set a mode if one is named; then list."""
        now = datetime.now(UTC)
        if options["rule"]:
            try:
                screening.set_mode(
                    options["rule"], options["mode"] or "", because=options["because"], now=now
                )
            except Invalid as error:
                raise CommandError(error.safe) from None
        for found in door.rehearse(now=now, days=options["days"]):
            self.stdout.write(
                f"{found.rule:<30} {found.mode:<8} {found.met:>5} of {found.looked_at} accounts"
            )
            for example in found.examples:
                self.stdout.write(f"    {example}")
