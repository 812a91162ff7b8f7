"""`manage.py legal_order`: enter an order of an authority, or see the clocks of all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from moderation import addresses
from moderation.clocks import ORDERS
from moderation.operations.orders import NewOrder, enter_order
from moderation.queries import authority
from moderation.subjects import Subject
from upscrolled.core.errors import DomainError
from upscrolled.models import Account


class Command(BaseCommand):
    """Without arguments: the clocks. With a kind and `--about`: enter an order."""

    help = "Enter an order of an authority with its clock, or list the orders and their clocks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Everything that an order says."""
        parser.add_argument("kind", nargs="?", choices=list(ORDERS))
        parser.add_argument("--about", default="", help="the address of what it is about, or `post NUMBER`")
        parser.add_argument("--by", default="", help="the moderator who enters it")
        for name in ("authority", "reference", "demand", "law", "policy"):
            parser.add_argument(f"--{name}", default="")
        parser.add_argument("--countries", nargs="*", default=[])
        parser.add_argument("--received", default="", help="when it came, ISO 8601; now if left out")
        parser.add_argument("--deadline", default="", help="until when, ISO 8601; as its kind has it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Enter or list."""
        now = datetime.now(UTC)
        if options["kind"] is None:
            for clock in authority.clocks(now=now):
                state = "waits" if clock.waits else "answered"
                late = ", LATE" if clock.late else ""
                self.stdout.write(
                    f"{clock.order.deadline:%Y-%m-%d %H:%M}  {state}{late}  {clock.order}, case {clock.order.case_id}"
                )
            return
        by = Account.objects.named(options["by"])
        if by is None:
            raise CommandError("--by names the moderator who enters it")
        try:
            order = NewOrder(
                kind=options["kind"],
                authority=options["authority"],
                reference=options["reference"],
                demand=options["demand"],
                subject=_subject(options["about"]),
                received_at=_moment(options["received"]) or now,
                law=options["law"],
                countries=options["countries"],
                policy=options["policy"],
                deadline=_moment(options["deadline"]),
            )
            entered = enter_order(order, by=by, now=now)
        except DomainError as error:
            raise CommandError(error.safe) from None
        self.stdout.write(f"Case {entered.case_id}, to be decided by {entered.deadline:%Y-%m-%d %H:%M} UTC.")


def _subject(about: str) -> Subject:
    kind, _, number = about.partition(" ")
    if number.isdigit():
        return Subject(kind, int(number))
    return addresses.find(about)[0]


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"{text!r} is no moment in ISO 8601, such as 2026-11-28T14:30:00Z")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
