"""The queue between two looks of people: leases that ran out, places by views and deadlines, samples, like rings."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Count
from django.db.models.functions import Mod

from feed.queries import rings
from moderation import casework, intake, subjects, triage
from moderation.grounds import POLICIES
from moderation.models import Case
from moderation.subjects import Subject
from upscrolled.core import ids
from upscrolled.models import Account

_BATCH: Final = 1_000
_PLACED: Final = """
UPDATE moderation_case c SET place = n.place, factors = n.factors::jsonb
FROM unnest(%(ids)s::bigint[], %(places)s::float8[], %(factors)s::text[]) AS n (id, place, factors)
WHERE c.id = n.id
"""
RINGS_REST: Final = timedelta(days=30)
RING_NAMED: Final = 20
SAMPLE_OF: Final = timedelta(hours=24)
SAMPLED_LEAST: Final = 0.25  # an hour
# Poisson sampling: a post is taken with a chance that grows with the root of its reach, and the chance is kept.
_SAMPLE: Final = """
WITH live AS (
  SELECT p.id, sqrt(1 + coalesce(n.likes, 0) + coalesce(n.reposts, 0) + coalesce(n.replies, 0)) AS root
  FROM feed_post p LEFT JOIN feed_postcounters n ON n.post_id = p.id
  WHERE p.id >= %(since)s AND p.audience = 'public' AND p.deleted_at IS NULL AND p.repost_of_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM moderation_case c WHERE c.subject_kind = 'post' AND c.subject_id = p.id)
    AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'post' AND r.subject_id = p.id)
), chances AS (SELECT id, least(1.0, %(wanted)s * root / sum(root) OVER ()) AS chance FROM live)
SELECT id, chance FROM chances WHERE random() < chance ORDER BY id
"""


# A lease that ran out, or whose holder may not work there any more, ends with an event that says whose it was. The
# same for cases and for appeals. Roles are asked about by the clock: each that is held costs a look, and few end.
_FREE: Final = """
WITH over AS (
  SELECT c.id, c.claimed_by_id FROM moderation_{table} c
  WHERE c.state = 'claimed' AND (c.claimed_until <= %(now)s OR (%(by_role)s AND NOT {holds})) FOR UPDATE OF c
), freed AS (
  UPDATE moderation_{table} c SET state = '{waits}', claimed_by_id = NULL, claimed_until = NULL
  FROM over WHERE c.id = over.id RETURNING c.id
)
INSERT INTO moderation_{table}event ({table}_id, at, kind, actor_id, reason)
SELECT over.id, %(now)s, 'lease ended', NULL, coalesce('@' || a.username, '')
FROM over JOIN freed USING (id) LEFT JOIN upscrolled_account a ON a.id = over.claimed_by_id
"""
_FREE_CASES: Final = _FREE.format(
    table="case",
    waits="open",
    holds="(moderation_may_in(c.claimed_by_id, 'sort', c.id, %(now)s) OR moderation_is_granted(c.claimed_by_id, c.id))",
)
_FREE_APPEALS: Final = _FREE.format(
    table="appeal",
    waits="filed",
    holds="""(upscrolled_may(c.claimed_by_id, 'appeals', %(now)s)
    OR EXISTS (SELECT 1 FROM moderation_reviewgrant g WHERE g.to_id = c.claimed_by_id AND g.until > %(now)s
      AND NOT EXISTS (SELECT 1 FROM moderation_reviewgrantend e WHERE e.grant_id = g.id)))""",
)


def free_leases(*, now: datetime, by_role: bool = False) -> int:
    """Return cases to the queue whose lease ran out, or `by_role` their holder's role; return how many."""
    return _freed(_FREE_CASES, now, by_role=by_role)


def free_appeals(*, now: datetime, by_role: bool = False) -> int:
    """Have appeals wait again whose lease ran out, or `by_role` their holder's role; return how many."""
    return _freed(_FREE_APPEALS, now, by_role=by_role)


def _freed(statement: str, now: datetime, *, by_role: bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"now": now, "by_role": by_role})
        return int(cursor.rowcount)


def refresh(*, now: datetime, at_most: int = 100_000) -> int:
    """Place open cases anew; return how many.

    Where more wait than that, half of it are the first of the queue, and half are a part of all that changes with
    the minute: whatever its place, each has its turn.
    """
    done = 0
    numbers = _due(now, at_most)
    for start in range(0, len(numbers), _BATCH):
        with transaction.atomic():
            locked = Case.objects.select_for_update(skip_locked=True).filter(state="open")
            cases = list(locked.filter(pk__in=numbers[start : start + _BATCH]))
            intake.place(cases, now=now)
            with connection.cursor() as cursor:
                cursor.execute(
                    _PLACED,
                    {
                        "ids": [case.pk for case in cases],
                        "places": [case.place for case in cases],
                        "factors": [json.dumps(case.factors) for case in cases],
                    },
                )
            done += len(cases)
    return done


def _due(now: datetime, at_most: int) -> list[int]:
    opened = Case.objects.filter(state="open")
    waiting, half = opened.count(), max(at_most // 2, 1)
    if waiting <= at_most:
        return list(opened.order_by("place", "id").values_list("id", flat=True))
    first = opened.order_by("place", "id").values_list("id", flat=True)[:half]
    parts = -(-waiting // half)
    turn = int(now.timestamp() // 60) % parts
    rest = opened.annotate(part=Mod("id", parts)).filter(part=turn).values_list("id", flat=True)
    return list(dict.fromkeys([*first, *rest]))


def samples_due(*, now: datetime) -> float:
    """Return how many posts to sample in this hour: what the share of the sample in a day of reviews comes to.

    A few a day where little is reported: else nothing would ever be known of what nobody reports.
    """
    lately = Case.objects.filter(closed_at__gt=now - SAMPLE_OF).exclude(lane="sample")
    closed = dict(lately.values_list("policy").annotate(count=Count("id")).order_by())
    spent: float = sum(POLICIES[key].minutes * count for key, count in closed.items() if key in POLICIES)
    share = triage.SAMPLE_SHARE / (1 - triage.SAMPLE_SHARE)
    return max(SAMPLED_LEAST, share * spent / POLICIES["other"].minutes / 24)


def sample(*, wanted: float, now: datetime) -> int:
    """Open cases for about so many live posts of a day that nobody reported; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, {"since": ids.first_at(now - SAMPLE_OF), "wanted": wanted})
        chosen = cursor.fetchall()
    for post_id, chance in chosen:
        with transaction.atomic():
            about = subjects.load(Subject("post", post_id))
            case, _ = casework.open_or_join(
                about, policy="other", lane="sample", source="sample", now=now, inclusion=chance, apart=True
            )
            casework.place(case, now=now)
    return len(chosen)


def look_for_rings(*, now: datetime, at_most: int = 50) -> int:
    """Open a case for each account that hangs together with others by what it likes; return how many.

    A list is no verdict: a person decides. Whoever was looked at for it lately is left alone.
    """
    lately = Case.objects.filter(subject_kind="account", source="ring", opened_at__gt=now - RINGS_REST)
    known = set(lately.values_list("subject_id", flat=True))
    opened = 0
    for ring in rings.find(now=now):
        names = (
            Account.objects.filter(pk__in=ring.account_ids).order_by("id").values_list("username", flat=True)
        )
        together = ", ".join(f"@{name}" for name in names[:RING_NAMED])
        why = f"{len(ring.account_ids)} accounts, {100 * ring.overlap:.0f} % of likes in common: {together}"
        for account_id in ring.account_ids:
            if account_id not in known and opened < at_most:
                _open_for_ring(account_id, why, now=now)
                opened += 1
    return opened


@transaction.atomic
def _open_for_ring(account_id: int, why: str, *, now: datetime) -> None:
    about = subjects.load(Subject("account", account_id))
    case, _ = casework.open_or_join(about, policy="spam", lane="ordinary", source="ring", now=now)
    casework.note(case.pk, "ring", by_id=None, now=now, reason=why)
    casework.place(case, now=now)
