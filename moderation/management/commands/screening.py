"""`manage.py screening`: rules at the door, what they would have met last week, and their modes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation import rehearsals
from moderation.operations import screening
from moderation.queries import work
from upscrolled.core.errors import DomainError


class Command(BaseCommand):
    """List the rules, or set the mode of one."""

    help = "List the rules for names, bios and hashtags with what they would have met, or set a rule's mode."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of a mode."""
        parser.add_argument("rule", nargs="?", help="the name of a rule")
        parser.add_argument("mode", nargs="?", help="shadow, warn, queue or refuse")
        parser.add_argument("--because", default="", help="why, in a sentence; it is kept")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set a mode if a rule is named; else look at the last week, and list."""
        now = datetime.now(UTC)
        if options["rule"]:
            try:
                screening.set_mode(
                    options["rule"], options["mode"] or "", because=options["because"], by=None, now=now
                )
            except DomainError as error:
                raise CommandError(error.safe) from None
            self.stdout.write(f"{options['rule']}: {options['mode']}")
            return
        rehearsals.begin(now=now)
        while rehearsals.go_on(now=now):
            pass
        seen = rehearsals.last()
        for rule in work.door_rules(now=now):
            met = seen.by_rule.get(rule.name) if seen else None
            count, looked_at = (met.count, met.looked_at) if met else (0, 0)
            self.stdout.write(f"{rule.name:<30} {rule.mode:<8} {count:>5} of {looked_at} texts")
            for field, text in met.sample if met else ():
                self.stdout.write(f"    {field}: {text[:60]}")
