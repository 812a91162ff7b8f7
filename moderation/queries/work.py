"""Numbers about the work itself: what waits in which lane, how old it is, how fast it goes, how often it was wrong.

Each function is one statement (`door_rules` two), and none says who of the moderators did how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from moderation import triage
from moderation.models import ScreenMode
from moderation.screening import RULES
from upscrolled.queries import staff
from upscrolled.queries.rows import rows

# Ages of waiting cases are told in these parts, by their upper end in hours; the last has none.
AGES: Final = (1, 6, 24, 72)


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of the queue: how many wait, how many somebody holds, how many are late, and since when.

    `ages` are the numbers of unfinished cases by the parts of `AGES`.
    """

    name: str
    open: int
    claimed: int
    late: int
    oldest: datetime | None
    next_deadline: datetime | None
    ages: Sequence[int]


@dataclass(frozen=True, slots=True)
class Rates:
    """How the last seven days went, and for what takes longer, the last thirty. None: there was nothing to divide by.

    `minutes` is the median from a case's opening to its end, `late` the part that ended after its deadline, `acted`
    the part that broke a policy; `overturned` the part of answered appeals that were right, `reversed` of decisions
    that were taken back, `automated` of decisions that no person made.
    """

    opened: int
    closed: int
    minutes: float | None
    late: float | None
    acted: float | None
    appeals: int
    overturned: float | None
    decisions: int
    reversed: float | None
    automated: float | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What waits beside the queue: orders and how many of them are late, appeals, those at the door, seals that one
    person proposed."""

    orders: int
    late_orders: int
    appeals: int
    door_appeals: int
    seals: int


@dataclass(frozen=True, slots=True)
class DoorRule:
    """A rule at the door: its policy, the mode it works in, and how often it was met in thirty days."""

    name: str
    policy: str
    mode: str
    fields: Sequence[str]
    hits: int


def lanes(*, now: datetime) -> list[Lane]:
    """Return every lane, also those where nothing waits."""
    found = {row[0]: row[1:] for row in rows(_LANES, {"now": now})}
    nothing = (0, 0, 0, None, None, [0] * (len(AGES) + 1))
    return [Lane(name, *found.get(name, nothing)) for name in triage.LANES]


def days(*, now: datetime) -> list[tuple[datetime, int, int]]:
    """Return for each of the last fourteen days how many cases were opened and how many were closed."""
    return [(row[0], row[1], row[2]) for row in rows(_DAYS, {"now": now})]


def rates(*, now: datetime) -> Rates:
    """Return how fast and how well it goes."""
    (row,) = rows(_RATES, {"now": now})
    return Rates(*row)


def beside(*, now: datetime) -> Beside:
    """Return how much waits that is no case of the queue, or has a clock of its own."""
    (row,) = rows(_BESIDE, {"now": now})
    return Beside(*row)


def who_answer(*, now: datetime) -> int:
    """Return how many people can answer appeals; one alone cannot where they decided themselves."""
    return len(staff.who_may("appeals", now=now))


def decided(*, now: datetime) -> list[tuple[str, str, int, int, float | None]]:
    """Return for thirty days, by policy and action: decisions, how many were taken back, median hours until then."""
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows(_DECIDED, {"now": now})]


def door_rules(*, now: datetime) -> list[DoorRule]:
    """Return the rules at the door as they work."""
    modes = dict(ScreenMode.objects.values_list("rule", "mode"))
    hits = {row[0]: row[1] for row in rows(_HITS, {"now": now})}
    return [
        DoorRule(
            rule.name,
            rule.policy,
            modes.get(rule.name, rule.mode),
            sorted(rule.fields),
            hits.get(rule.name, 0),
        )
        for rule in RULES
    ]


_LANES: Final = """
SELECT lane, count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'claimed'),
  count(*) FILTER (WHERE deadline < %(now)s), min(opened_at), min(deadline),
  ARRAY[count(*) FILTER (WHERE hours < 1), count(*) FILTER (WHERE hours >= 1 AND hours < 6),
        count(*) FILTER (WHERE hours >= 6 AND hours < 24), count(*) FILTER (WHERE hours >= 24 AND hours < 72),
        count(*) FILTER (WHERE hours >= 72)]
FROM moderation_case
CROSS JOIN LATERAL (SELECT extract(epoch FROM %(now)s::timestamptz - opened_at) / 3600 AS hours) age
WHERE state <> 'decided' GROUP BY lane
"""
_DAYS: Final = """
WITH span AS (SELECT date_trunc('day', %(now)s::timestamptz) - interval '13 days' AS start),
opened AS (SELECT date_trunc('day', opened_at) AS day, count(*) AS n FROM moderation_case, span
           WHERE opened_at >= span.start GROUP BY 1),
closed AS (SELECT date_trunc('day', closed_at) AS day, count(*) AS n FROM moderation_case, span
           WHERE closed_at >= span.start GROUP BY 1)
SELECT d.day, coalesce(o.n, 0), coalesce(c.n, 0)
FROM span CROSS JOIN generate_series(span.start, date_trunc('day', %(now)s::timestamptz), interval '1 day') AS d (day)
LEFT JOIN opened o ON o.day = d.day LEFT JOIN closed c ON c.day = d.day
ORDER BY d.day
"""
_BESIDE: Final = """
SELECT o.waiting, o.late,
  (SELECT count(*) FROM moderation_appeal WHERE state IN ('filed', 'claimed')),
  (SELECT count(*) FROM moderation_doorappeal WHERE state = 'filed'),
  (SELECT count(*) FROM moderation_sealstep s WHERE s.by_id IS NOT NULL AND s.confirms_id IS NULL
     AND s.until > %(now)s AND NOT EXISTS (SELECT 1 FROM moderation_sealstep c WHERE c.confirms_id = s.id))
FROM (SELECT count(*) AS waiting, count(*) FILTER (WHERE l.deadline < %(now)s) AS late
      FROM moderation_legalorder l JOIN moderation_case c ON c.id = l.case_id AND c.state <> 'decided') o
"""
_RATES: Final = """
SELECT c.opened, c.closed, c.minutes, c.late::float8 / nullif(c.closed, 0), c.acted::float8 / nullif(c.closed, 0),
  a.answered, a.overturned::float8 / nullif(a.answered, 0),
  d.made, d.reversed::float8 / nullif(d.made, 0), d.automated::float8 / nullif(d.made, 0)
FROM (SELECT count(*) FILTER (WHERE opened_at > %(now)s::timestamptz - interval '7 days') AS opened,
        count(*) FILTER (WHERE closed_at > %(now)s::timestamptz - interval '7 days') AS closed,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - opened_at) / 60)
          FILTER (WHERE closed_at > %(now)s::timestamptz - interval '7 days') AS minutes,
        count(*) FILTER (WHERE closed_at > %(now)s::timestamptz - interval '7 days' AND closed_at > deadline) AS late,
        count(*) FILTER (WHERE closed_at > %(now)s::timestamptz - interval '7 days' AND outcome = 'upheld') AS acted
      FROM moderation_case) c
CROSS JOIN (SELECT count(*) AS answered, count(*) FILTER (WHERE state = 'overturned') AS overturned
      FROM moderation_appeal WHERE decided_at > %(now)s::timestamptz - interval '30 days') a
CROSS JOIN (SELECT count(*) AS made, count(u.id) AS reversed, count(*) FILTER (WHERE s.automated_decision) AS automated
      FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
      LEFT JOIN moderation_decision u ON u.reverses_id = d.id
      WHERE d.decided_at > %(now)s::timestamptz - interval '30 days' AND d.action <> 'restore') d
"""
_DECIDED: Final = """
SELECT p.key, d.action, count(*), count(u.id),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.decided_at - c.opened_at) / 3600)
FROM moderation_decision d JOIN moderation_policyversion p ON p.id = d.policy_id
LEFT JOIN moderation_decision u ON u.reverses_id = d.id LEFT JOIN moderation_case c ON c.id = d.case_id
WHERE d.decided_at > %(now)s::timestamptz - interval '30 days' AND d.action <> 'restore'
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
_HITS: Final = """
SELECT rule, sum(count) FROM moderation_screenhits WHERE day > %(now)s::date - 30 GROUP BY rule
"""
