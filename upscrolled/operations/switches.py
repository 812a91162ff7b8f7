"""Turn a switch, and tell what was turned when, by whom and why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from upscrolled import switches
from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Switch, SwitchTurn

BECAUSE_MAX = 1_000


@transaction.atomic
def turn(
    *, name: str, value: str, because: str, by: Account | None, now: datetime, keeper: str = ""
) -> Switch:
    """Turn a switch; every process goes by it two seconds after the commit.

    `by` is None for the server's shell. Turning it to where it stands is recorded too: the reason may be new.
    Raises Invalid for an unknown switch or value, and for no reason or one that is too long.
    """
    declared = switches.BY_NAME.get(name)
    if declared is None:
        raise Invalid(f"There is no switch {name!r}; the switches are {', '.join(switches.BY_NAME)}.")
    if declared.keeper != keeper:
        raise Invalid(f"{name} is turned by `manage.py {declared.keeper or 'switch'}`.")
    if value not in declared.choices:
        raise Invalid(f"{name} has no value {value!r}; its values are {', '.join(declared.choices)}.")
    because = because.strip()
    if not because:
        raise Invalid("Say why: the record of switches keeps the reason.")
    if len(because) > BECAUSE_MAX:
        raise Invalid(f"The reason has {len(because)} characters; at most {BECAUSE_MAX}.")
    first = {"value": declared.default, "changed_at": now, "because": ""}
    Switch.objects.get_or_create(name=name, defaults=first)
    switch = Switch.objects.select_for_update().get(name=name)  # two operators at once: one after the other
    SwitchTurn.objects.create(
        name=name, before=switch.value, after=value, turned_at=now, turned_by=by, because=because
    )
    switch.value, switch.changed_at, switch.changed_by, switch.because = value, now, by, because
    switch.save()
    return switch
