"""`manage.py case_hold`: keep what a case has, by the law; list and release holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date

from moderation.clocks import HOLDS
from moderation.models import CaseHold
from moderation.operations import keeping
from upscrolled.core.errors import DomainError


class Command(BaseCommand):
    """Without a case: the holds that stand."""

    help = "Keep the evidence and statements of a case until a day: case_hold CASE KIND --because …; or list, release."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which case, why, and until when."""
        parser.add_argument("case", nargs="?", type=int)
        parser.add_argument("kind", nargs="?", choices=list(HOLDS))
        parser.add_argument("--because", default="")
        parser.add_argument("--until", default="", help="YYYY-MM-DD; as its kind has it if left out")
        parser.add_argument("--release", type=int, metavar="HOLD")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it."""
        now = datetime.now(UTC)
        try:
            if options["release"]:
                keeping.release(options["release"], by=None, now=now)
            elif options["case"]:
                day = parse_date(options["until"]) if options["until"] else None
                if options["until"] and day is None:
                    raise CommandError(f"{options['until']!r} is no day; write it as 2026-11-28")
                until = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
                keeping.hold(
                    options["case"],
                    kind=options["kind"] or "",
                    because=options["because"],
                    by=None,
                    now=now,
                    until=until,
                )
        except DomainError as error:
            raise CommandError(error.safe) from None
        for held in CaseHold.objects.filter(released_at=None, until__gt=now).order_by("until"):
            self.stdout.write(f"{held.pk}: case {held.case_id} until {held.until:%Y-%m-%d}, {held.because}")
