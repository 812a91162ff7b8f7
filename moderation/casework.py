"""Open a case or join the unfinished one, freeze the evidence, write down each step. Used by every way in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import connection

from moderation import intake, triage
from moderation.models import Case, CaseEvent, Evidence
from moderation.subjects import Loaded, Subject

# Of two who report the same at the same moment, one opens the case and the other joins it.
_OPEN: Final = """
INSERT INTO moderation_case (subject_kind, subject_id, account_id, cluster, state, lane, policy, source, deadline,
  opened_at, place, factors, second_opinion, version, outcome, inclusion_probability)
VALUES (%(kind)s, %(id)s, %(owner)s, %(cluster)s, 'open', %(lane)s, %(policy)s, %(source)s, %(deadline)s, %(now)s,
  0, '{}', false, 0, '', %(inclusion)s)
ON CONFLICT (subject_kind, subject_id) WHERE state <> 'decided' DO UPDATE SET subject_id = excluded.subject_id
RETURNING id, xmax = 0
"""
# Of several ways in which a case came up, its statement names the one that the law asks for first.
_RANK: Final = {"order": 0, "notice": 1, "trusted_flagger": 2}
_PLACED_AT_ONCE: Final = 5  # later reports of one case wait for the clock, which places it again


def open_or_join(
    about: Loaded,
    *,
    policy: str,
    lane: str,
    source: str,
    now: datetime,
    deadline: datetime | None = None,
    inclusion: float | None = None,
) -> tuple[Case, bool]:
    """Return the unfinished case of a subject, and whether it was opened just now; its evidence is frozen."""
    due = deadline or now + triage.CLOCKS[lane]
    facts: dict[str, Any] = {
        "kind": about.subject.kind,
        "id": about.subject.id,
        "owner": about.owner_id,
        "cluster": triage.cluster_of(about.text) if about.subject.kind == "post" else "",
        "lane": lane,
        "policy": policy,
        "source": source,
        "deadline": due,
        "now": now,
        "inclusion": inclusion,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, facts)
        number, is_new = cursor.fetchone()
    case = Case.objects.get(pk=number)
    if is_new:
        note(case.pk, "opened", by_id=None, now=now, reason=source)
    else:
        _raise(case, lane, policy, source, due)
    freeze(case.pk, about, now=now)
    return case, bool(is_new)


def _raise(case: Case, lane: str, policy: str, source: str, due: datetime) -> None:
    """Let a case that waits feel what came later: a lane of law, an earlier deadline, a source that the law names."""
    before = (case.lane, case.source, case.deadline)
    if triage.LANES.index(lane) < triage.LANES.index(case.lane):
        case.lane, case.policy = lane, policy
    if _RANK.get(source, len(_RANK)) < _RANK.get(case.source, len(_RANK)):
        case.source = source
    case.deadline = min(case.deadline or due, due)
    if (case.lane, case.source, case.deadline) != before:  # a thousand reports of one case write nothing
        case.save(update_fields=["lane", "policy", "deadline", "source"])


def place(case: Case, *, reports: int, now: datetime) -> None:
    """Place a case in the queue, unless so many reported it that the clock does that."""
    if reports <= _PLACED_AT_ONCE:
        case.factors = {}  # who reported it is asked again
        intake.place([case], now=now)
        case.save(update_fields=["place", "factors"])
    elif not case.factors.get("stale"):
        case.factors["stale"] = True
        case.save(update_fields=["factors"])


def freeze(case_id: int, about: Loaded, *, now: datetime) -> None:
    """Keep what the subject says now, once for each way it looked."""
    Evidence.objects.bulk_create(
        [Evidence(case_id=case_id, taken_at=now, content=about.content, digest=about.digest)],
        ignore_conflicts=True,
    )


def note(case_id: int, kind: str, *, by_id: int | None, now: datetime, reason: str = "") -> None:
    """Write down a step of a case."""
    CaseEvent.objects.create(case_id=case_id, at=now, kind=kind, actor_id=by_id, reason=reason)


def subject_of(case: Case) -> Subject:
    """What a case is about."""
    return Subject(case.subject_kind, case.subject_id)
