"""Cases that no report opens: what a moderator came across."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from moderation import casework, subjects
from moderation.grounds import POLICIES
from moderation.operations import claims
from moderation.operations.claims import REASON_LEAST, Claim
from moderation.operations.reviewers import require
from moderation.subjects import Subject
from upscrolled.core.errors import Invalid
from upscrolled.models import Account


@transaction.atomic
def open_case(about: Subject, *, policy: str, because: str, by: Account, now: datetime) -> Claim:
    """Open a case about something that nobody reported, or join the one that is open, and claim it.

    Raises NotFound, Invalid for an unknown policy or no reason, and what claiming raises.
    """
    require(by, "sort", now=now)
    if policy not in POLICIES:
        raise Invalid(f"Validation failed: Reason must be one of {', '.join(POLICIES)}")
    if len(because.strip()) < REASON_LEAST:
        raise Invalid(
            f"Validation failed: Reason has {len(because.strip())} characters; at least {REASON_LEAST}"
        )
    case, is_new = casework.open_or_join(
        subjects.load(about), policy=policy, lane=POLICIES[policy].lane, source="own", now=now
    )
    if is_new:
        casework.place(case, now=now)
    casework.note(case.pk, "came across", by_id=by.pk, now=now, reason=because.strip())
    return claims.claim(case.pk, by=by, now=now)
