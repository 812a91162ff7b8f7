"""What decisions do beside their rows, and its undoing: follows severed and restored. Found again from the rows."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from moderation.actions import ACTIONS
from moderation.models import Decision, EndedEffect

_SETTLING: Final = [key for key, action in ACTIONS.items() if action.settles]


def settle(decision: Decision, *, now: datetime) -> None:
    """Do what a decision does beside its row, or undo it if it was taken back or its time is up."""
    if decision.action == "restore":
        assert decision.reverses is not None
        _undo(decision.reverses, now=now)
    elif ACTIONS[decision.action].settles and not is_over(decision, now=now):
        ACTIONS[decision.action].settle(decision, now=now)


def is_over(decision: Decision, *, now: datetime) -> bool:
    """Say whether a decision binds nobody any more: its time is up, or it was taken back."""
    ended = decision.ends_at is not None and decision.ends_at <= now
    return ended or Decision.objects.filter(reverses_id=decision.pk).exists()


# A suspension without an end whose account still follows somebody, or is followed, or whose severed follows nobody
# has tallied: its task was lost, or died.
_UNSETTLED: Final = """
SELECT d.id FROM moderation_decision d
JOIN upscrolled_restriction r ON r.decision_id = d.id AND r.ends_at IS NULL
WHERE d.action = ANY(%(settling)s::text[]) AND d.ends_at IS NULL
  AND (EXISTS (SELECT 1 FROM upscrolled_follow f WHERE f.account_id = d.subject_id)
       OR EXISTS (SELECT 1 FROM upscrolled_follow f WHERE f.target_id = d.subject_id)
       OR (EXISTS (SELECT 1 FROM moderation_severedfollow s WHERE s.decision_id = d.id)
           AND NOT EXISTS (SELECT 1 FROM moderation_severing v WHERE v.decision_id = d.id)))
ORDER BY d.id LIMIT %(limit)s
"""


def settle_owed(*, now: datetime, at_most: int = 100) -> int:
    """Do what decisions in force do beside their row where it was not done; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSETTLED, {"settling": _SETTLING, "limit": at_most})
        numbers = [row[0] for row in cursor.fetchall()]
    for decision in Decision.objects.filter(pk__in=numbers):
        settle(decision, now=now)
    return len(numbers)


def undo_ended(*, now: datetime, at_most: int = 100) -> int:
    """Undo the effects of decisions that are over; return how many there were."""
    settling = Decision.objects.filter(action__in=_SETTLING, ended_effect__isnull=True)
    reversed_ones = settling.filter(reversed_by__isnull=False).order_by("id")
    ended = settling.filter(ends_at__lte=now).order_by("id")
    over = {decision.pk: decision for found in (reversed_ones, ended) for decision in found[:at_most]}
    for decision in over.values():
        _undo(decision, now=now)
    return len(over)


@transaction.atomic
def _undo(decision: Decision, *, now: datetime) -> None:
    action = ACTIONS[decision.action]
    if not action.settles or EndedEffect.objects.filter(pk=decision.pk).exists():
        return
    action.undo(decision, now=now)
    EndedEffect.objects.create(decision=decision, at=now)
