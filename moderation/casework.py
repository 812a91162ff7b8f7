"""Open a case or join the unfinished one, freeze the evidence, write down each step. Used by every way in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from moderation import intake, triage
from moderation.models import Case, CaseEvent
from moderation.subjects import Loaded, Subject

_GRAVER: Final = """array_position(%(lanes)s::text[], excluded.lane)
    < array_position(%(lanes)s::text[], moderation_case.lane)"""
# Of two who report the same at the same moment, one opens the case and the other joins it: a graver lane is taken
# over, and who reported it is asked again (`stale`). What it says is frozen, once for each way it looked.
OPENED: Final = f"""
opened AS (
  INSERT INTO moderation_case (subject_kind, subject_id, account_id, cluster, state, lane, policy, source, deadline,
    opened_at, place, factors, second_opinion, version, outcome, inclusion_probability)
  SELECT %(kind)s, o.id, o.owner, o.cluster, 'open', %(lane)s, %(policy)s, %(source)s, %(deadline)s::timestamptz,
    %(now)s, o.place, o.factors::jsonb, false, 0, '', %(inclusion)s::float8
  FROM unnest(%(ids)s::bigint[], %(owners)s::bigint[], %(clusters)s::text[], %(places)s::float8[], %(factors)s::text[])
    AS o (id, owner, cluster, place, factors) ORDER BY o.id
  ON CONFLICT (subject_kind, subject_id) WHERE state <> 'decided' DO UPDATE SET
    lane = CASE WHEN {_GRAVER} THEN excluded.lane ELSE moderation_case.lane END,
    policy = CASE WHEN {_GRAVER} THEN excluded.policy ELSE moderation_case.policy END,
    deadline = CASE WHEN {_GRAVER} THEN least(moderation_case.deadline, excluded.deadline)
      ELSE moderation_case.deadline END,
    factors = moderation_case.factors || jsonb_build_object(
      'stale', true, 'joined', coalesce((moderation_case.factors->>'joined')::int, 0) + 1)
  RETURNING id, subject_id, xmax = 0 AS is_new, (factors->>'joined')::int AS joined,
    factors->>'lane' IS DISTINCT FROM lane AS moved
), noted AS (
  INSERT INTO moderation_caseevent (case_id, at, kind, actor_id, reason)
  SELECT id, %(now)s, 'opened', NULL, %(source)s FROM opened WHERE is_new
), frozen AS (
  INSERT INTO moderation_evidence (case_id, taken_at, content, digest)
  SELECT opened.id, %(now)s, e.content::jsonb, e.digest
  FROM opened JOIN unnest(%(ids)s::bigint[], %(contents)s::text[], %(digests)s::text[]) AS e (id, content, digest)
    ON e.id = opened.subject_id
  ON CONFLICT (case_id, digest) DO NOTHING
)"""
_PLACED_AT_ONCE: Final = 4  # who joins after so many waits for the clock, which places the case again


def opening(
    about: Sequence[Loaded],
    *,
    policy: str,
    lane: str,
    source: str,
    now: datetime,
    known: intake.Known | None = None,
    reporter_id: int | None = None,
    deadline: datetime | None = None,
    inclusion: float | None = None,
) -> dict[str, Any]:
    """Return the values for `OPENED`, of subjects of one kind; with what is `known` of them they are placed at once."""
    due = deadline or now + triage.CLOCKS[lane]
    kind = about[0].subject.kind
    clusters = [cluster_of(one) for one in about]
    places, factors = [0.0 for _ in about], [dict[str, Any]() for _ in about]
    if known is not None:
        evidence = [known.reporter(reporter_id)] if reporter_id is not None else []
        found = [
            intake.factors(
                kind,
                one.subject.id,
                policy=policy,
                cluster_size=known.copies(cluster) + 1,
                probability=triage.probability(evidence),
                deadline=due,
                known=known,
                now=now,
            )
            for one, cluster in zip(about, clusters, strict=True)
        ]
        places = [triage.place(lane, each, due) for each in found]
        factors = [intake.explained(each, lane, joined=0) for each in found]
    return {
        "kind": kind,
        "ids": [one.subject.id for one in about],
        "owners": [one.owner_id for one in about],
        "clusters": clusters,
        "places": places,
        "factors": [json.dumps(each) for each in factors],
        "contents": [json.dumps(one.content) for one in about],
        "digests": [one.digest for one in about],
        "lanes": list(triage.LANES),
        "lane": lane,
        "policy": policy,
        "source": source,
        "deadline": due,
        "now": now,
        "inclusion": inclusion,
    }


def cluster_of(about: Loaded) -> str:
    """The name that near copies of a post share; empty for anything else."""
    return triage.cluster_of(about.text) if about.subject.kind == "post" else ""


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
    facts = opening(
        [about], policy=policy, lane=lane, source=source, now=now, deadline=deadline, inclusion=inclusion
    )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {OPENED} SELECT id, is_new FROM opened", facts)
        number, is_new = cursor.fetchone()
    return Case.objects.get(pk=number), bool(is_new)


def place(case: Case, *, now: datetime) -> None:
    """Place a case in the queue; who reported it is asked again."""
    case.factors = {"joined": case.factors.get("joined", 0)}
    intake.place([case], now=now)
    case.save(update_fields=["place", "factors"])


def place_joined(case_id: int, joined: int, moved: bool, *, now: datetime) -> None:
    """Place a case that somebody joined, unless so many did that the clock does it; in a graver lane at once."""
    if moved or joined <= _PLACED_AT_ONCE:
        place(Case.objects.get(pk=case_id), now=now)


def note(case_id: int, kind: str, *, by_id: int | None, now: datetime, reason: str = "") -> None:
    """Write down a step of a case."""
    CaseEvent.objects.create(case_id=case_id, at=now, kind=kind, actor_id=by_id, reason=reason)


def subject_of(case: Case) -> Subject:
    """What a case is about."""
    return Subject(case.subject_kind, case.subject_id)
