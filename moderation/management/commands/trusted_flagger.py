"""`manage.py trusted_flagger`: who is one, and how good; appoint one, or end it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.operations import flaggers
from moderation.operations.flaggers import Appointment
from moderation.queries import authority
from upscrolled.core.errors import DomainError
from upscrolled.models import Account


class Command(BaseCommand):
    """Without a name: the list with its record."""

    help = "List trusted flaggers with their record, appoint one as the regulator's list says, or end it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, and what the list says."""
        parser.add_argument("username", nargs="?")
        parser.add_argument("--name", default="")
        parser.add_argument("--appointed-by", default="")
        parser.add_argument("--area", default="")
        parser.add_argument("--end", default="", metavar="BECAUSE")

    def handle(self, *_args: Any, **options: Any) -> None:
        """List, appoint or end."""
        now = datetime.now(UTC)
        if options["username"] is None:
            for one in authority.flaggers():
                state = "" if one.until is None else f", ended {one.until:%Y-%m-%d}: {one.ended_because}"
                self.stdout.write(f"{one.name}: {one.upheld} of {one.decided} reports upheld{state}")
            return
        account = Account.objects.named(options["username"])
        if account is None:
            raise CommandError(f"There is no @{options['username']}")
        try:
            if options["end"]:
                flaggers.end(account, because=options["end"], now=now)
            else:
                listed = Appointment(options["name"], options["appointed_by"], options["area"])
                flaggers.appoint(account, listed, now=now)
        except DomainError as error:
            raise CommandError(error.safe) from None
        self.stdout.write("Done.")
