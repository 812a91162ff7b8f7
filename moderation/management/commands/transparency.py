"""`manage.py transparency`: the figures, counted from the public log; or statements for the EU's database."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.dateparse import parse_date

from moderation import counting, dsa
from moderation.queries import figures


class Command(BaseCommand):
    """Print figures as JSON; `--publish` shows them on the page; `--dsa SINCE` prints rows, a line each."""

    help = "Count the figures of moderation from the public log, or export statements for the Transparency Database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the two options."""
        parser.add_argument("--publish", action="store_true", help="show what was counted on the page")
        parser.add_argument(
            "--dsa", default="", metavar="SINCE", help="rows since a day (YYYY-MM-DD), JSON lines"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Count or export; a row that the database would refuse is named, and the exit is 1."""
        if options["dsa"]:
            self._export(options["dsa"])
        elif options["publish"]:
            made = counting.publish(now=datetime.now(UTC), anew=True)
            self.stdout.write(f"Figures of {made.size} leaves are shown.")
        else:
            self.stdout.write(json.dumps(counting.recount(), indent=2, ensure_ascii=False))

    def _export(self, since: str) -> None:
        day = parse_date(since)
        if day is None:
            self.stderr.write(f"{since!r} is no day; write it as 2026-11-28")
            sys.exit(2)
        refused = 0
        for row in figures.transparency_rows(since=datetime(day.year, day.month, day.day, tzinfo=UTC)):
            if wrong := dsa.problems(row):
                refused += 1
                self.stderr.write(f"{row.get('puid')}: {', '.join(wrong)}")
            else:
                self.stdout.write(json.dumps(row, ensure_ascii=False, sort_keys=True))
        if refused:
            sys.exit(1)
