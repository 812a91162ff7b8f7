"""Who has and had which role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Prefetch

from upscrolled.models import StaffRole, StaffRoleEnd
from upscrolled.models.staff import GIVEN_AT_MOST

__all__ = ["GIVEN_AT_MOST", "Held", "held"]

LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Held:
    """A role with what ended it before its time, the earliest first; `until` is None for one without an end."""

    role: StaffRole
    ends: list[StaffRoleEnd]
    until: datetime | None
    runs: bool


def held(*, now: datetime) -> list[Held]:
    """Return the newest roles, those that run and those that are over; two statements."""
    people = ("account", "by")
    ends = Prefetch("ends", StaffRoleEnd.objects.select_related("by").order_by("at", "id"))
    found = StaffRole.objects.select_related(*people).prefetch_related(ends).order_by("-id")[:LISTED]
    return [_held(one, now) for one in found]


def _held(role: StaffRole, now: datetime) -> Held:
    ends = list(role.ends.all())
    moments = [moment for moment in (role.until, *(one.at for one in ends)) if moment is not None]
    until = min(moments, default=None)
    is_open = role.account is not None and role.account.is_active
    return Held(role, ends, until, is_open and role.since <= now and (until is None or until > now))
