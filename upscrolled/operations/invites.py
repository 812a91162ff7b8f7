"""Invitations: codes that open a door which is closed to everybody else."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Invite

USES_MAX, DAYS_MAX = 10_000, 3_650


def issue_invite(*, uses: int, days: int, by: Account | None, now: datetime) -> Invite:
    """Make a code for that many sign-ups, good for that many days (0: until it is used up). Raises Invalid."""
    if not 1 <= uses <= USES_MAX:
        raise Invalid(f"An invitation is for 1 to {USES_MAX} people, not {uses}.")
    if not 0 <= days <= DAYS_MAX:
        raise Invalid(f"An invitation is good for 0 to {DAYS_MAX} days, not {days}.")
    expires = now + timedelta(days=days) if days else None
    code = secrets.token_urlsafe(12)
    return Invite.objects.create(code=code, account=by, uses_left=uses, created_at=now, expires_at=expires)


def is_good(code: str, *, now: datetime) -> bool:
    """Say whether a code would open the door now; whoever uses it first has it."""
    return _good(code, now).exists()


def use_invite(code: str, *, now: datetime) -> bool:
    """Take one use of a code, within the caller's transaction; False if there is none left.

    One statement looks and takes: of two at once on the last use, one waits for the other's commit and gets nothing.
    """
    return bool(_good(code, now).update(uses_left=F("uses_left") - 1))


def inviter(code: str) -> int | None:
    """Return who gave the code away, if it was a person."""
    return Invite.objects.filter(code=code).values_list("account_id", flat=True).first()


def _good(code: str, now: datetime) -> QuerySet[Invite]:
    in_time = Q(expires_at=None) | Q(expires_at__gt=now)
    return Invite.objects.filter(in_time, code=code, uses_left__gt=0)
