"""`manage.py keys`: list the site's keys; `keys rotate PURPOSE --because "…"`: put a new one in use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled import keys
from upscrolled.core.errors import DomainError
from upscrolled.models import SigningKey


class Command(BaseCommand):
    """List keys, and replace one. What an old key signed stays verifiable."""

    help = 'List the keys, or replace one: keys rotate PURPOSE --because "why"'

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what to replace, and why."""
        parser.add_argument("verb", nargs="?", choices=["list", "rotate"], default="list")
        parser.add_argument("purpose", nargs="?", help=f"one of {', '.join(keys.PURPOSES)}")
        parser.add_argument("--because", default="", help="the reason; it is kept")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        if options["verb"] == "list":
            self._list()
            return
        if not options["purpose"]:
            raise CommandError(f"Name what the key is for: {', '.join(keys.PURPOSES)}.")
        try:
            made = keys.rotate(options["purpose"], now=datetime.now(UTC), because=options["because"])
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None
        self.stdout.write(f"Key {made.id} is in use for {made.purpose}.")

    def _list(self) -> None:
        for purpose in keys.PURPOSES.values():
            self.stdout.write(f"{purpose.name:<10} {purpose.algorithm:<8} {purpose.sentence}")
            for key in SigningKey.objects.filter(purpose=purpose.name).order_by("-created_at"):
                since = f"since {key.created_at:%Y-%m-%d %H:%M} UTC"
                until = f", retired {key.retired_at:%Y-%m-%d %H:%M}: {key.because}" if key.retired_at else ""
                self.stdout.write(f"           {key.id} {since}{until}")
