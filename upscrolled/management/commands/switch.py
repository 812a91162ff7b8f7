"""`manage.py switch`: list the operator's switches; `switch NAME VALUE --because "…"`: turn one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled import switches
from upscrolled.core.errors import DomainError
from upscrolled.models import Account, Switch, SwitchTurn
from upscrolled.operations.switches import turn

HISTORY = 20


class Command(BaseCommand):
    """List switches and turn them; the running product follows within seconds."""

    help = 'List the switches, or turn one: switch NAME VALUE --because "why" [--by ACCOUNT]'

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what to turn, and why."""
        parser.add_argument("name", nargs="?", help=f"one of {', '.join(switches.BY_NAME)}")
        parser.add_argument("value", nargs="?", help="where to turn it; without it, how it was turned before")
        parser.add_argument("--because", default="", help="the reason; it is kept")
        parser.add_argument("--by", default="", help="account of whoever turns it; empty: the shell")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        name, value = options["name"], options["value"]
        if name is None:
            self._list()
            return
        if name not in switches.BY_NAME:
            raise CommandError(
                f"There is no switch {name!r}; the switches are {', '.join(switches.BY_NAME)}."
            )
        if value is None:
            self._history(name)
            return
        try:
            turn(
                name=name,
                value=value,
                because=options["because"],
                by=_account(options["by"]),
                now=datetime.now(UTC),
            )
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None
        self.stdout.write(
            f"{name} is {value}; every process goes by it within {switches.SECONDS:.0f} seconds."
        )

    def _list(self) -> None:
        turned = {switch.name: switch for switch in Switch.objects.select_related("changed_by")}
        for declared in switches.DECLARED:
            switch = turned.get(declared.name)
            value = switch.value if switch else declared.default
            self.stdout.write(f"{declared.name:<14} {value:<10} {_since(switch)}")
            self.stdout.write(f"{'':<14} {' | '.join(declared.choices)}. {declared.sentence}")

    def _history(self, name: str) -> None:
        turns = SwitchTurn.objects.filter(name=name).select_related("turned_by").order_by("-id")[:HISTORY]
        for each in turns:
            who = each.turned_by or "the shell"
            self.stdout.write(
                f"{each.turned_at:%Y-%m-%d %H:%M:%S} UTC  {each.before} to {each.after}, {who}: {each.because}"
            )
        if not turns:
            self.stdout.write(f"{name} was never turned; it stands at {switches.BY_NAME[name].default}.")


def _since(switch: Switch | None) -> str:
    if switch is None:
        return "(never turned)"
    who = switch.changed_by or "the shell"
    return f"since {switch.changed_at:%Y-%m-%d %H:%M:%S} UTC, {who}: {switch.because}"


def _account(name: str) -> Account | None:
    if not name:
        return None
    account = Account.objects.named(name.removeprefix("@"))
    if account is None:
        raise CommandError(f"There is no account {name}.")
    return account
