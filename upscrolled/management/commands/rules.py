"""`manage.py rules list`, `rules load FILE`: the rules of the house."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled.core.errors import DomainError
from upscrolled.operations.rules import load_rules
from upscrolled.queries import rules

EXAMPLE = (
    '[{"id": 1, "texts": {"en": "Be kind.", "ar": "كن لطيفاً."}, "hints": {"en": "Also when it is hard."}}]'
)


class Command(BaseCommand):
    """List the rules, or let those of a file hold."""

    help = f"List the rules of the house, or load others from a JSON file: {EXAMPLE}"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the two things it does."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="which rules hold")
        load = verbs.add_parser("load", help="let the rules of a file hold, and no others")
        load.add_argument("file", help="a JSON file, or `shipped` for the rules of the product")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        now = datetime.now(UTC)
        if options["verb"] == "load":
            path = rules.SHIPPED if options["file"] == "shipped" else Path(options["file"])
            try:
                written = msgspec.json.decode(path.read_bytes(), type=list[rules.WrittenRule])
                done = load_rules(written=written, now=now)
            except OSError as error:
                raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
            except msgspec.DecodeError as error:
                raise CommandError(
                    f"{path} is not a list of rules: {error}. One looks like {EXAMPLE}"
                ) from None
            except DomainError as refusal:
                raise CommandError(refusal.safe) from None
            self.stdout.write(
                f"{done.added} added, {done.changed} changed, {done.same} as before, {done.ended} ended; "
                "every process goes by them within a minute."
            )
            rules.forget()
        for rule in rules.house_rules(now):
            self.stdout.write(f"{rule.id:>4}  {rule.texts.get('en', '')}  ({', '.join(sorted(rule.texts))})")
