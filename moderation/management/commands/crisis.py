"""`manage.py crisis`: is it on, and until when; begin it or end it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation import crisis as state
from moderation.operations import crisis
from upscrolled.core.errors import DomainError
from upscrolled.models import Account


class Command(BaseCommand):
    """Without a word: how it stands."""

    help = "Crisis mode: on --because REASON --hours N, off, or (without a word) how it stands."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and why."""
        parser.add_argument("what", nargs="?", choices=("on", "off"))
        parser.add_argument("--because", default="", help="the reason, which everybody reads")
        parser.add_argument("--hours", type=int, default=24)
        parser.add_argument("--by", default="", help="the moderator; the shell if left out")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it."""
        now = datetime.now(UTC)
        by = Account.objects.named(options["by"]) if options["by"] else None
        if options["by"] and by is None:
            raise CommandError(f"There is no @{options['by']}")
        try:
            if options["what"] == "on":
                crisis.begin(because=options["because"], hours=options["hours"], by=by, now=now)
            elif options["what"] == "off":
                crisis.end(by=by, now=now)
        except DomainError as error:
            raise CommandError(error.safe) from None
        running = state.running(now=now)
        self.stdout.write(
            "Crisis mode is off."
            if running is None
            else f"Crisis mode is on until {running.ends_at:%Y-%m-%d %H:%M} UTC: {running.because}"
        )
