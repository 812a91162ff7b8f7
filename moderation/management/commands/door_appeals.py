"""`manage.py door_appeals`: appeals against refusals at the door, and their answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.operations.door_appeals import answer_appeal
from moderation.queries import door
from upscrolled.core.errors import DomainError
from upscrolled.models import Account


class Command(BaseCommand):
    """Without a number: those that wait."""

    help = "List appeals against refusals at the door, or answer one: door_appeals N --by NAME --answer … [--let-in]"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, by whom, and how."""
        parser.add_argument("number", nargs="?", type=int)
        parser.add_argument("--by", default="")
        parser.add_argument("--answer", default="")
        parser.add_argument(
            "--let-in", action="store_true", help="the appeal succeeds: these words are let in"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """List or answer."""
        if options["number"] is None:
            for one in door.waiting():
                self.stdout.write(
                    f"{one.pk}: by {one.deadline:%Y-%m-%d}, rule {one.rule}, {one.field} {one.said!r}: {one.text}"
                )
            return
        by = Account.objects.named(options["by"])
        if by is None:
            raise CommandError("--by names the moderator who answers")
        try:
            answer_appeal(
                options["number"],
                overturn=options["let_in"],
                answer=options["answer"],
                by=by,
                now=datetime.now(UTC),
            )
        except DomainError as error:
            raise CommandError(error.safe) from None
        self.stdout.write("Answered.")
