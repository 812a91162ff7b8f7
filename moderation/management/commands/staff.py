"""`manage.py staff list|give|end`: roles of the staff from the shell, which alone makes the first administrator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from moderation.queries import naming, staffing
from upscrolled.core.errors import DomainError, Invalid, NotFound
from upscrolled.models import Account, StaffRole, StaffRoleEnd
from upscrolled.operations.staffing import appoint, settle
from upscrolled.roles import ROLES


class Command(BaseCommand):
    """Give roles without an end, or end any, the last administrator's too: as the owner of the tables alone may."""

    help = "List who has which role; give one, with or without an end; end one. Run it as the owner of the tables."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs and what they take."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|give|end")
        verbs.add_parser("list", help="List the roles that run.")
        give = verbs.add_parser("give", help="Give somebody a role.")
        give.add_argument("name")
        give.add_argument("role", choices=list(ROLES))
        give.add_argument("--days", type=int, default=0, help="For how long; 0: without an end.")
        give.add_argument("--because", default="given from the shell")
        end = verbs.add_parser("end", help="End every role of that kind that somebody has.")
        end.add_argument("name")
        end.add_argument("role", choices=list(ROLES))
        end.add_argument("--because", default="ended from the shell")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        try:
            self.stdout.write(getattr(self, f"_{options['verb']}")(options, datetime.now(UTC)))
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None
        except DatabaseError as error:
            raise CommandError(str(error).partition("\n")[0]) from None

    def _list(self, options: dict[str, Any], now: datetime) -> str:
        lines = [
            f"@{one.role.account.username}  {one.role.role}  until {one.until:%Y-%m-%d %H:%M}  {one.role.because}"
            if one.until
            else f"@{one.role.account.username}  {one.role.role}  without an end  {one.role.because}"
            for one in staffing.held(now=now)
            if one.runs
        ]
        return "\n".join(lines) or "Nobody has a role."

    def _give(self, options: dict[str, Any], now: datetime) -> str:
        days, account = options["days"], _named(options["name"])
        if not 0 <= days <= 366:
            raise Invalid(f"{days} days; a role is given for 1 to 366, or with 0 without an end.")
        until = now + timedelta(days=days) if days else None
        appoint(account, options["role"], because=options["because"], now=now, until=until)
        return f"@{account.username} is {options['role']}."

    def _end(self, options: dict[str, Any], now: datetime) -> str:
        account = _named(options["name"])
        runs = [
            one.role
            for one in staffing.held(now=now)
            if one.runs and (one.role.account_id, one.role.role) == (account.pk, options["role"])
        ]
        if not runs:
            raise NotFound(f"@{account.username} is not {options['role']}.")
        for role in runs:
            _ended(role, because=options["because"], now=now)
        settle(now=now, account=account)
        return f"@{account.username} is {options['role']} no more."


def _ended(role: StaffRole, *, because: str, now: datetime) -> None:
    StaffRoleEnd.objects.create(staff_role=role, at=now, because=because, written_at=now)


def _named(name: str) -> Account:
    account = naming.person(name.removeprefix("@"))
    if account is None:
        raise NotFound(f"There is no account {name}.")
    return account
