"""`manage.py announcement publish TEXT`, `list`, `end ID`: news of the house."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled.core.errors import DomainError
from upscrolled.models import Announcement
from upscrolled.operations import announcements


class Command(BaseCommand):
    """Publish, list and end news that everybody signed in is shown."""

    help = "Publish news of the house, list them, end them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the three things it does."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        publish = verbs.add_parser("publish", help="show a text to everybody signed in")
        publish.add_argument("text")
        publish.add_argument(
            "--starts", type=_moment, help="when what it speaks of begins (2026-12-01T18:00)"
        )
        publish.add_argument("--ends", type=_moment, help="when it ends, and the news is shown no longer")
        publish.add_argument("--all-day", action="store_true", help="days count, hours do not")
        verbs.add_parser("list", help="what is shown, and what was")
        end = verbs.add_parser("end", help="show one no longer")
        end.add_argument("id", type=int)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        now = datetime.now(UTC)
        try:
            if options["verb"] == "publish":
                news = announcements.publish(
                    written=options["text"],
                    starts_at=options["starts"],
                    ends_at=options["ends"],
                    all_day=options["all_day"],
                    now=now,
                )
                self.stdout.write(f"Announcement {news.pk} is shown to everybody who signs in.")
            elif options["verb"] == "end":
                announcements.end(announcement_id=options["id"], now=now)
                self.stdout.write(f"Announcement {options['id']} is shown no longer.")
            else:
                self._list(now)
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None

    def _list(self, now: datetime) -> None:
        found = Announcement.objects.order_by("-id")[:100]
        for news in found:
            shown = news.published_at is not None and (news.ends_at is None or news.ends_at > now)
            since = f"{news.published_at:%Y-%m-%d %H:%M} UTC" if news.published_at else "not published"
            self.stdout.write(f"{news.pk:>4}  {'shown' if shown else 'over ':<5}  {since}  {news.text[:80]}")
        if not found:
            self.stdout.write("There are no announcements.")


def _moment(written: str) -> datetime:
    """Read a moment; without a zone it is meant in UTC. Raises ArgumentTypeError, which the parser tells."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise ArgumentTypeError(f"{written!r} is no moment; one is written 2026-12-01T18:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
