"""Open a case or join the unfinished one, freeze the evidence, write down each step. Used by every way in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from moderation import copies, intake, triage
from moderation.models import Case, CaseEvent
from moderation.subjects import Loaded, Subject
from upscrolled import evidence

_GRAVER: Final = """array_position(%(lanes)s::text[], excluded.lane)
    < array_position(%(lanes)s::text[], moderation_case.lane)"""
# Sources that the law tells apart, the weightiest first: a case that waits takes over what is weightier than its own.
TOLD: Final = ("order", "notice", "trusted_flagger")
_WEIGHTIER: Final = """array_position(%(told)s::text[], excluded.source)
    < coalesce(array_position(%(told)s::text[], moderation_case.source), 9)"""
# Media and pictures stay as long as what is frozen of them.
_KEPT: Final = evidence.KEEP.format(
    media="""SELECT o.id AS case_id, m.id FROM opened o
      JOIN unnest(%(shown)s::bigint[], %(media)s::bigint[]) AS m (subject, id) ON m.subject = o.subject_id""",
    pictures="""SELECT o.id AS case_id, n.name FROM opened o
      JOIN unnest(%(faced)s::bigint[], %(faces)s::text[]) AS n (subject, name) ON n.subject = o.subject_id""",
)
# Of two who report the same at the same moment, one opens the case and the other joins it: a graver lane, an earlier
# deadline and a weightier source are taken over, and who reported it is asked again (`stale`). What it says is frozen,
# once for each way it looked.
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
    source = CASE WHEN {_WEIGHTIER} THEN excluded.source ELSE moderation_case.source END,
    deadline = least(moderation_case.deadline, excluded.deadline),
    factors = moderation_case.factors || jsonb_build_object(
      'stale', true, 'joined', coalesce((moderation_case.factors->>'joined')::int, 0) + 1)
  RETURNING id, subject_id, xmax = 0 AS is_new, (factors->>'joined')::int AS joined,
    factors->>'lane' IS DISTINCT FROM lane AS moved, account_id, cluster, lane, policy, deadline,
    (SELECT count(*) FROM moderation_casecopy y WHERE y.case_id = moderation_case.id) AS copies
), noted AS (
  INSERT INTO moderation_caseevent (case_id, at, kind, actor_id, reason)
  SELECT id, %(now)s, 'opened', NULL, %(source)s FROM opened WHERE is_new
), banded AS (
  INSERT INTO moderation_caseband (case_id, band)
  SELECT opened.id, b.band FROM opened
  JOIN unnest(%(banded)s::bigint[], %(bands)s::bigint[]) AS b (id, band) ON b.id = opened.subject_id
  WHERE opened.is_new ON CONFLICT (band, case_id) DO NOTHING
), frozen AS (
  INSERT INTO moderation_evidence (case_id, taken_at, content, digest)
  SELECT opened.id, %(now)s, e.content::jsonb, e.digest
  FROM opened JOIN unnest(%(ids)s::bigint[], %(contents)s::text[], %(digests)s::text[]) AS e (id, content, digest)
    ON e.id = opened.subject_id
  ON CONFLICT (case_id, digest) DO NOTHING
), {_KEPT}"""


class Opened(NamedTuple):
    """A row of `OPENED`: a case that was opened, or joined by the same subject again."""

    id: int
    subject_id: int
    is_new: bool
    joined: int
    moved: bool
    account_id: int | None
    cluster: str
    lane: str
    policy: str
    deadline: datetime | None
    copies: int

    def case(self, kind: str) -> Case:
        """The case, as far as placing it asks."""
        return Case(
            id=self.id,
            subject_kind=kind,
            subject_id=self.subject_id,
            account_id=self.account_id,
            cluster=self.cluster,
            lane=self.lane,
            policy=self.policy,
            deadline=self.deadline,
        )


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
    kind = about[0].subject.kind if about else "post"
    bands = [(one.subject.id, band) for one in about for band in copies.bands(one)]
    places, factors = [0.0 for _ in about], [dict[str, Any]() for _ in about]
    if known is not None:
        reporters = [known.reporter(reporter_id)] if reporter_id is not None else []
        found = [
            intake.factors(
                policy=policy,
                views_per_minute=known.pace(kind, one.subject.id, now=now)[0],
                cluster_size=known.cluster(0, copies.cluster_of(one)) + 1,
                probability=triage.probability(reporters),
                deadline=due,
                now=now,
            )
            for one in about
        ]
        places = [triage.place(lane, each, due) for each in found]
        factors = [intake.explained(each, lane, joined=0) for each in found]
    return {
        "kind": kind,
        "ids": [one.subject.id for one in about],
        "owners": [one.owner_id for one in about],
        "clusters": [copies.cluster_of(one) for one in about],
        "banded": [number for number, _ in bands],
        "bands": [band for _, band in bands],
        "shown": [one.subject.id for one in about for _ in one.media],
        "media": [number for one in about for number in one.media],
        "faced": [one.subject.id for one in about for _ in one.faces],
        "faces": [name for one in about for name in one.faces],
        "places": places,
        "factors": [json.dumps(each) for each in factors],
        "contents": [json.dumps(one.content) for one in about],
        "digests": [one.digest for one in about],
        "lanes": list(triage.LANES),
        "lane": lane,
        "policy": policy,
        "source": source,
        "told": list(TOLD),
        "deadline": due,
        "now": now,
        "inclusion": inclusion,
    }


def open_or_join(
    about: Loaded,
    *,
    policy: str,
    lane: str,
    source: str,
    now: datetime,
    deadline: datetime | None = None,
    inclusion: float | None = None,
    apart: bool = False,
) -> tuple[Case, bool]:
    """Return the unfinished case of a subject, and whether it was opened just now; its evidence is frozen.

    The case of a near copy is joined, unless it is to be looked at `apart`.
    """
    home = None if apart else copies.homes([about]).get(about.subject.id)
    if home is not None and join(
        home, about, policy=policy, lane=lane, source=source, now=now, deadline=deadline
    ):
        return Case.objects.get(pk=home), False
    facts = opening(
        [about], policy=policy, lane=lane, source=source, now=now, deadline=deadline, inclusion=inclusion
    )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {OPENED} SELECT id, is_new FROM opened", facts)
        number, is_new = cursor.fetchone()
    return Case.objects.get(pk=number), bool(is_new)


_KEPT_TOO: Final = evidence.KEEP.format(
    media="SELECT joined.id AS case_id, m.id FROM joined, unnest(%(media)s::bigint[]) AS m (id)",
    pictures="SELECT joined.id AS case_id, n.name FROM joined, unnest(%(faces)s::text[]) AS n (name)",
)
_JOIN: Final = f"""
WITH joined AS (
  UPDATE moderation_case SET
    lane = CASE WHEN {_GRAVER.replace("excluded.lane", "%(lane)s")} THEN %(lane)s ELSE lane END,
    policy = CASE WHEN {_GRAVER.replace("excluded.lane", "%(lane)s")} THEN %(policy)s ELSE policy END,
    source = CASE WHEN {_WEIGHTIER.replace("excluded.source", "%(source)s")} THEN %(source)s ELSE source END,
    deadline = least(deadline, %(deadline)s::timestamptz),
    factors = factors || jsonb_build_object('stale', true, 'joined', coalesce((factors->>'joined')::int, 0) + 1)
  WHERE id = %(case)s AND (state = 'open' OR (state = 'claimed' AND EXISTS (
    SELECT 1 FROM moderation_casecopy y WHERE y.case_id = %(case)s AND y.subject_kind = %(kind)s
      AND y.subject_id = %(subject)s)))
  RETURNING id, (factors->>'joined')::int AS joined, factors->>'lane' IS DISTINCT FROM lane AS moved
), copied AS (
  INSERT INTO moderation_casecopy (case_id, subject_kind, subject_id, account_id, joined_at)
  SELECT id, %(kind)s, %(subject)s, %(owner)s::bigint, %(now)s FROM joined
  ON CONFLICT (case_id, subject_kind, subject_id) DO NOTHING
), frozen AS (
  INSERT INTO moderation_evidence (case_id, taken_at, content, digest)
  SELECT id, %(now)s, %(content)s::jsonb, %(digest)s FROM joined ON CONFLICT (case_id, digest) DO NOTHING
), {_KEPT_TOO}
SELECT joined, moved FROM joined
"""


def join(
    case_id: int,
    about: Loaded,
    *,
    policy: str,
    lane: str,
    source: str,
    now: datetime,
    deadline: datetime | None = None,
) -> tuple[int, bool] | None:
    """Have a near copy join a case, with its evidence, which says of what it is.

    A graver lane, an earlier deadline and a weightier source are taken over.
    Returns how many joined so far, and whether the lane was changed since the case was placed. None, and nothing is
    done, if somebody looks at the case by now: nobody decides about a copy that they were not shown.
    """
    content = {**about.content, "copy": {"kind": about.subject.kind, "id": str(about.subject.id)}}
    facts: dict[str, Any] = {
        "case": case_id,
        "kind": about.subject.kind,
        "subject": about.subject.id,
        "owner": about.owner_id,
        "media": about.media,
        "faces": about.faces,
        "content": json.dumps(content),
        "digest": Loaded(about.subject, about.owner_id, about.language, content).digest,
        "lanes": list(triage.LANES),
        "lane": lane,
        "policy": policy,
        "source": source,
        "told": list(TOLD),
        "deadline": deadline or now + triage.CLOCKS[lane],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_JOIN, facts)
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1])


def place(case: Case, *, now: datetime) -> None:
    """Place a case in the queue; who reported it is asked again."""
    case.factors = {name: case.factors[name] for name in ("joined", "window") if name in case.factors}
    intake.place([case], now=now)
    case.save(update_fields=["place", "factors"])


def place_joined(
    case_id: int,
    joined: int,
    moved: bool,
    *,
    now: datetime,
    case: Case | None = None,
    known: intake.Known | None = None,
) -> None:
    """Place a case that somebody joined, unless so many did that the clock does it; in a graver lane at once.

    With the `case` and what is `known` of it the caller spares asking for them.
    """
    if moved or joined <= _PLACED_AT_ONCE:
        case = case or Case.objects.get(pk=case_id)
        case.factors = {"joined": joined}
        intake.place([case], now=now, known=known)
        Case.objects.filter(pk=case_id).update(place=case.place, factors=case.factors)


def note(case_id: int, kind: str, *, by_id: int | None, now: datetime, reason: str = "") -> None:
    """Write down a step of a case."""
    CaseEvent.objects.create(case_id=case_id, at=now, kind=kind, actor_id=by_id, reason=reason)


def subject_of(case: Case) -> Subject:
    """What a case is about."""
    return Subject(case.subject_kind, case.subject_id)
