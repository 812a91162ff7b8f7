"""Administrators give roles to others, for a while, and end them; each step is a row, and is mailed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from moderation import triage, wording
from moderation.operations.claims import checked_reason
from moderation.operations.reviewers import require
from upscrolled import roles
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Account, StaffRole, StaffRoleEnd
from upscrolled.models.staff import GIVEN_AT_MOST
from upscrolled.operations.owed_mail import owe_mail
from upscrolled.operations.staffing import settle
from upscrolled.queries.rows import rows

KINDS: Final = ("post", "media", "account", "message", "hashtag")  # of which there are cases
AT_MOST: Final = 20  # lanes, kinds or languages of one role
_ALONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('upscrolled:staff', 0))"
_RUNS_AT: Final = "SELECT 1 FROM upscrolled_staff_roles(%(account)s, %(moment)s) r WHERE r.id = %(role)s"
_OTHER_ADMIN: Final = """
SELECT 1 FROM upscrolled_staffrole o WHERE o.role = 'admin' AND o.id <> %(role)s
  AND o.id IN (SELECT l.id FROM upscrolled_staff_roles(o.account_id, %(now)s) l)
  AND o.id IN (SELECT l.id FROM upscrolled_staff_roles(o.account_id, %(at)s) l) LIMIT 1
"""


class LastAdministrator(Conflict):
    """Nobody else could give roles any more."""

    safe = "This is the last administrator: make somebody else one first, for longer"


@dataclass(frozen=True, slots=True)
class Reach:
    """In which cases a role holds: lanes, kinds of subjects, languages (two or three letters). Empty is no limit."""

    lanes: Sequence[str] = ()
    kinds: Sequence[str] = ()
    languages: Sequence[str] = ()


@transaction.atomic
def give(
    role: str,
    *,
    to: Account,
    days: int,
    because: str,
    by: Account,
    now: datetime,
    reach: Reach | None = None,
) -> StaffRole:
    """Give somebody else a role for so many days, and mail it.

    Raises Missing for who gives no roles, NotAllowed for oneself, Invalid for what cannot be.
    """
    require(by, "staff", now=now)
    because = checked_reason(because)
    if to.pk == by.pk:
        raise NotAllowed("Nobody gives themselves a role")
    if role not in roles.ROLES:
        raise Invalid(f"Validation failed: Role must be one of {', '.join(roles.ROLES)}")
    if not 1 <= days <= GIVEN_AT_MOST.days:
        raise Invalid(f"Validation failed: {days} days; a role is given for 1 to {GIVEN_AT_MOST.days}")
    if not to.is_active or not to.is_confirmed:
        raise Invalid("Validation failed: a role is given to an open account whose address is confirmed")
    limits = _checked(role, reach or Reach())
    given = StaffRole.objects.create(
        account=to,
        role=role,
        lanes=list(limits.lanes),
        kinds=list(limits.kinds),
        languages=list(limits.languages),
        by=by,
        because=because,
        since=now,
        until=now + timedelta(days=days),
    )
    settle(now=now, account=to)
    assert given.until is not None
    _tell(given, "given", by=by, until=given.until, because=because, now=now)
    return given


@transaction.atomic
def end(role_id: int, *, because: str, by: Account, now: datetime, days: int = 0) -> StaffRole:
    """Have a role end in so many days, or now, and mail it; what its holder holds goes back to the queue then.

    Raises Missing, NotFound, Conflict for one that ends before that anyhow, LastAdministrator, Invalid.
    """
    require(by, "staff", now=now)
    because = checked_reason(because)
    if not 0 <= days <= GIVEN_AT_MOST.days:
        raise Invalid(f"Validation failed: {days} days; a role ends within 0 to {GIVEN_AT_MOST.days}")
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
    ended = StaffRole.objects.select_related("account").filter(pk=role_id).first()
    if ended is None:
        raise NotFound
    at = now + timedelta(days=days)
    if not rows(_RUNS_AT, {"account": ended.account_id, "moment": at, "role": role_id}):
        raise Conflict("This role ends before that anyhow")
    if ended.role == "admin" and not rows(_OTHER_ADMIN, {"role": role_id, "now": now, "at": at}):
        raise LastAdministrator
    StaffRoleEnd.objects.create(staff_role=ended, at=at, by=by, because=because, written_at=now)
    settle(now=now, account=ended.account)
    _tell(ended, "ended", by=by, until=at, because=because, now=now)
    return ended


def _checked(role: str, reach: Reach) -> Reach:
    """Return the limits of a role, each once; legal has those of law where it is given none. Raises Invalid."""
    if role in roles.UNLIMITED and (reach.lanes or reach.kinds or reach.languages):
        raise Invalid(f"Validation failed: what {role} may do has no lanes, kinds or languages")
    allowed = roles.LANES_OF_LAW if role == "legal" else triage.LANES
    lanes = _of("Lanes", reach.lanes or (allowed if role == "legal" else ()), allowed)
    kinds = _of("Kinds", reach.kinds, KINDS)
    languages = sorted({one.strip().lower() for one in reach.languages})
    if len(languages) > AT_MOST or not all(
        one.isascii() and one.isalpha() and 2 <= len(one) <= 3 for one in languages
    ):
        raise Invalid(f"Validation failed: Languages are codes of two or three letters, at most {AT_MOST}")
    return Reach(lanes, kinds, languages)


def _of(name: str, wanted: Sequence[str], allowed: Sequence[str]) -> list[str]:
    if wrong := [one for one in wanted if one not in allowed]:
        raise Invalid(f"Validation failed: {name}: {wrong[0][:20]!r} is none of {', '.join(allowed)}")
    return [one for one in allowed if one in wanted]


def _tell(given: StaffRole, news: str, *, by: Account, until: datetime, because: str, now: datetime) -> None:
    to = given.account
    words = wording.of(to.locale).STAFF
    facts = {
        "subject": words[f"{news}_subject"].format(site=settings.SITE_NAME),
        "body": words[news].format(
            name=to.username,
            by=by.username,
            role=words[f"role_{given.role}"],
            until=f"{until:%Y-%m-%d %H:%M}",
            because=because,
            link=f"{settings.PUBLIC_URL}/admin/",
        ),
    }
    owe_mail(to=to.email, language=to.locale, template="moderation/email/statement", facts=facts, now=now)
