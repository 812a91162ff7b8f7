"""Restrictions for tests, with the whole chain that the database asks for: nothing else gets past its COMMIT."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from moderation import policies
from moderation.actions import ACTIONS
from moderation.recording import Ruling, record
from moderation.statements import Reasons
from moderation.subjects import Subject, load
from tests.people import LONG_AGO, make_account
from upscrolled.models import Account, Restriction
from upscrolled.operations.staffing import appoint

REASONS = Reasons(
    facts="The post calls a group of people vermin and asks to drive them out.",
    explanation="It attacks people for who they are, which the policy on hatred does not allow.",
)


def moderator(name: str = "mia") -> Account:
    """Somebody who may decide whatever is decided, orders too; the same one each time."""
    found = Account.objects.named(name)
    if found is None:
        found = make_account(name, role="senior", discoverable=False)
        appoint(found, "legal", because="works in a test", now=LONG_AGO)
    return found


def restrict(
    subject_kind: str,
    subject_id: int,
    kind: str,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    countries: list[str] | None = None,
    by: Account | None = None,
) -> Restriction:
    """Restrict something from an hour ago (or `starts_at`) on; a hold ends after 72 hours at the latest."""
    begins = starts_at or datetime.now(UTC) - timedelta(hours=1)
    if kind == "hold" and ends_at is None:
        ends_at = begins + timedelta(hours=72)
    ruling = Ruling(
        ACTIONS[kind],
        policies.in_force("hate", now=begins),
        REASONS,
        (by or moderator()).id,
        countries or [],
        ends_at,
    )
    recorded = record(ruling, load(Subject(subject_kind, subject_id)), now=begins)
    return Restriction.objects.get(decision_id=recorded.decision_id)
