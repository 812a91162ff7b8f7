"""Appoint a trusted flagger, as the regulator's list says, and end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from moderation.models import TrustedFlagger
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account


@dataclass(frozen=True, slots=True)
class Appointment:
    """What the list of a Digital Services Coordinator says of a flagger."""

    name: str
    appointed_by: str
    area: str


def appoint(account: Account, appointment: Appointment, *, now: datetime) -> TrustedFlagger:
    """Make an account a trusted flagger, or one again. Raises Invalid for what the list must say."""
    facts = {
        "name": appointment.name.strip(),
        "appointed_by": appointment.appointed_by.strip(),
        "area": appointment.area.strip(),
    }
    for name, text in facts.items():
        if not 1 <= len(text) <= 200:
            raise Invalid(f"Validation failed: {name} has {len(text)} characters; it needs 1 to 200")
    again = {**facts, "since": now, "until": None, "ended_because": ""}
    return TrustedFlagger.objects.update_or_create(account=account, defaults=again)[0]


def end(account: Account, *, because: str, now: datetime) -> None:
    """End somebody's time as a trusted flagger. Raises NotFound, Invalid without a reason."""
    if len(because.strip()) < 3:
        raise Invalid("Validation failed: say why it ends")
    ended = TrustedFlagger.objects.filter(account=account, until=None)
    if not ended.update(until=now, ended_because=because.strip()):
        raise NotFound(f"@{account.username} is no trusted flagger")
