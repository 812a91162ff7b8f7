"""What is asked of the rows to place cases: who reported them, how far they reach, how many copies there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from moderation import triage
from moderation.grounds import POLICIES
from moderation.models import Case, CaseCopy
from upscrolled.core import ids

# Reporters with their record, and who of them reported together before: on two other targets or more.
_REPORTERS: Final = """
WITH whose AS (
  SELECT account_id FROM moderation_case WHERE id = %(case)s
  UNION SELECT account_id FROM moderation_casecopy WHERE case_id = %(case)s
), them AS (
  SELECT r.reporter_id AS id FROM whose w JOIN moderation_report r ON r.target_id = w.account_id
  WHERE %(case)s = ANY(r.cases) AND r.reporter_id IS NOT NULL
  UNION
  SELECT r.reporter_id FROM whose w JOIN moderation_report r ON w.account_id IS NULL AND r.target_id IS NULL
  WHERE %(case)s = ANY(r.cases) AND r.reporter_id IS NOT NULL
), record AS (
  SELECT t.id, count(*) FILTER (WHERE r.outcome = 'upheld') AS upheld,
         count(*) FILTER (WHERE r.outcome = 'refused') AS refused
  FROM them t LEFT JOIN moderation_report r ON r.reporter_id = t.id AND r.outcome <> '' GROUP BY t.id
), together AS (
  SELECT a.reporter_id AS one, b.reporter_id AS other
  FROM moderation_report a JOIN moderation_report b ON b.target_id = a.target_id AND b.reporter_id <> a.reporter_id
  WHERE a.reporter_id IN (SELECT id FROM record WHERE upheld + refused > 0)
    AND b.reporter_id IN (SELECT id FROM record WHERE upheld + refused > 0)
    AND a.target_id NOT IN (SELECT account_id FROM whose WHERE account_id IS NOT NULL)
  GROUP BY 1, 2 HAVING count(DISTINCT a.target_id) >= 2
)
SELECT record.id, upheld, refused, ARRAY(SELECT other FROM together WHERE one = record.id) FROM record
"""
# Which reach is to be expected: a part of the followers, and many for each that answers. And views so far.
_VIEWS: Final = """((coalesce(c.followers, 0) * 0.05
        + 20 * (coalesce(n.likes, 0) + coalesce(n.reposts, 0) + coalesce(n.replies, 0)))
       / greatest(10, extract(epoch FROM %(now)s::timestamptz - to_timestamp((p.id >> 16) / 1000.0)) / 60))::float8"""
_SEEN: Final = "sum(i.estimate)::float8 FROM feed_impressions i"
# A photo, video or sound is seen as often as its post.
_ASKED: Final = f"""
SELECT 'post', p.id::text, {_VIEWS}
FROM feed_post p LEFT JOIN feed_postcounters n ON n.post_id = p.id
LEFT JOIN upscrolled_accountcounters c ON c.account_id = p.author_id WHERE p.id = ANY(%(posts)s::bigint[])
UNION ALL
SELECT 'views of post', i.post_id::text, {_SEEN}
WHERE i.post_id = ANY(%(posts)s::bigint[]) GROUP BY i.post_id
UNION ALL
SELECT 'media', s.attachment_id::text, {_VIEWS}
FROM feed_postmedia s JOIN feed_post p ON p.id = s.post_id LEFT JOIN feed_postcounters n ON n.post_id = p.id
LEFT JOIN upscrolled_accountcounters c ON c.account_id = p.author_id
WHERE s.attachment_id = ANY(%(media)s::bigint[])
UNION ALL
SELECT 'views of media', s.attachment_id::text, {_SEEN} JOIN feed_postmedia s ON s.post_id = i.post_id
WHERE s.attachment_id = ANY(%(media)s::bigint[]) GROUP BY s.attachment_id
UNION ALL
SELECT 'account', c.account_id::text, (c.followers * 0.05 / 1440 + 1)::float8
FROM upscrolled_accountcounters c WHERE c.account_id = ANY(%(accounts)s::bigint[])
UNION ALL
SELECT 'copies', c.case_id::text, count(*)::float8 FROM moderation_casecopy c
WHERE c.case_id = ANY(%(cases)s::bigint[]) GROUP BY c.case_id
UNION ALL
SELECT 'cluster', c.cluster, count(*)::float8 FROM moderation_case c
WHERE c.cluster = ANY(%(clusters)s::text[]) AND c.state <> 'decided' AND c.cluster <> '' GROUP BY c.cluster
UNION ALL
SELECT 'record', r.outcome, count(*)::float8 FROM moderation_report r
WHERE r.reporter_id = %(reporter)s::bigint AND r.outcome <> '' GROUP BY r.outcome
UNION ALL
SELECT 'trusted', f.account_id::text, 1::float8 FROM moderation_trustedflagger f
WHERE f.account_id = %(reporter)s::bigint AND f.until IS NULL
"""
_LEAST_REACH: Final = 0.01
_EXPECTED_MINUTES: Final = 10.0  # of what is expected, in which what is seen does not yet count alone
_WINDOW_MINUTES: Final = 15.0  # in which views are counted, before that begins anew


@dataclass(frozen=True, slots=True)
class Known:
    """What was asked of the rows for some cases: reach, near copies, a reporter's record and trust."""

    numbers: dict[tuple[str, str], float]

    def reach(self, kind: str, number: int) -> float:
        """Views a minute, as they are to be expected."""
        found = self.numbers.get(("account" if kind == "handle" else kind, str(number)), 1.0)
        return max(_LEAST_REACH, found)

    def pace(
        self, kind: str, number: int, *, now: datetime, window: Sequence[float] | None = None
    ) -> tuple[float, list[float] | None]:
        """Views a minute now, and the window to go on from: views and moment at its start, the pace before it.

        What is seen takes the place of what was expected with the minutes. Where nothing was ever counted, as in an
        account, what is expected is all there is; without a window views are those since publication.
        """
        expected = self.reach(kind, number)
        views = self.numbers.get((f"views of {kind}", str(number)))
        if views is None:
            return expected, None
        then, since, before = window or (0.0, ids.created_at(number).timestamp(), expected)
        minutes = max(0.0, (now.timestamp() - since) / 60)
        seen = max(0.0, views - then) + before * _EXPECTED_MINUTES
        pace = max(_LEAST_REACH, seen / (minutes + _EXPECTED_MINUTES))
        if minutes < _WINDOW_MINUTES:
            return pace, [then, since, before]
        return pace, [views, now.timestamp(), round(pace, 4)]

    def cluster(self, case_id: int, name: str) -> int:
        """How many near copies wait: those that joined the case, and cases about the very same text, itself too."""
        joined, cases = (
            self.numbers.get(("copies", str(case_id)), 0.0),
            self.numbers.get(("cluster", name), 0.0),
        )
        return int(joined + cases)

    def with_copies(self, case_id: int, count: int) -> Known:
        """The same, and how many near copies are in a case."""
        return Known({**self.numbers, ("copies", str(case_id)): float(count)})

    def is_trusted(self, number: int) -> bool:
        """Say whether the reporter is a trusted flagger."""
        return ("trusted", str(number)) in self.numbers

    def reporter(self, number: int) -> triage.Reporter:
        """The reporter with their record."""
        upheld, refused = (
            int(self.numbers.get(("record", outcome), 0.0)) for outcome in ("upheld", "refused")
        )
        return triage.Reporter(number, upheld, refused)


def ask(
    about: Sequence[tuple[str, int]],
    *,
    now: datetime,
    cases: Sequence[int] = (),
    clusters: Sequence[str] = (),
    reporter_id: int | None = None,
) -> Known:
    """Ask for what places cases of these kinds and numbers, in one statement for however many."""
    facts = {
        "posts": [number for kind, number in about if kind == "post"],
        "media": [number for kind, number in about if kind == "media"],
        "accounts": [number for kind, number in about if kind in ("account", "handle")],
        "cases": list(cases),
        "clusters": [name for name in clusters if name],
        "reporter": reporter_id,
        "now": now,
    }
    return Known({(what, key): value for what, key, value in _rows(_ASKED, facts)})


def factors(
    *,
    policy: str,
    views_per_minute: float,
    cluster_size: int,
    probability: float,
    deadline: datetime,
    now: datetime,
) -> triage.Factors:
    """Put together what the place of a case is made of."""
    ground = POLICIES.get(policy, POLICIES["other"])
    return triage.Factors(
        probability=probability,
        severity=ground.severity,
        views_per_minute=views_per_minute,
        cluster_size=max(1, cluster_size),
        minutes=ground.minutes,
        hours_left=(deadline - now).total_seconds() / 3_600,
    )


def place(cases: Sequence[Case], *, now: datetime, known: Known | None = None) -> None:
    """Put cases where they belong now, one statement for however many; the caller saves them.

    What is `known` of them is not asked again. Who reported a case is asked only if that was left open (`stale`) or
    never asked.
    """
    if known is None:
        known = ask(
            [(case.subject_kind, case.subject_id) for case in cases],
            now=now,
            cases=[case.pk for case in cases],
            clusters=[case.cluster for case in cases],
        )
    for case in cases:
        deadline = case.deadline or now
        pace, window = known.pace(
            case.subject_kind, case.subject_id, now=now, window=case.factors.get("window")
        )
        found = factors(
            policy=case.policy,
            views_per_minute=pace,
            cluster_size=known.cluster(case.pk, case.cluster),
            probability=_probability(case),
            deadline=deadline,
            now=now,
        )
        case.factors = explained(found, case.lane, joined=case.factors.get("joined", 0), window=window)
        case.place = triage.place(case.lane, found, deadline)


def explained(
    found: triage.Factors, lane: str, *, joined: int, window: list[float] | None = None
) -> dict[str, Any]:
    """The factors as they are stored; `joined`, how often somebody else reported it too, is none of them.

    `window` is what its views are counted from the next time.
    """
    told = {**found.explain(), "lane": lane, "joined": joined}
    return told if window is None else {**told, "window": window}


def reporters(case: Case) -> list[triage.Reporter]:
    """Who reported this case, with their records."""
    rows = _rows(_REPORTERS, {"case": case.pk})
    return [triage.Reporter(row[0], row[1], row[2], frozenset(row[3])) for row in rows]


def whose(case: Case) -> dict[str, Any]:
    """Whose subjects a case is about, its own and the copies': by them reports of it are found."""
    accounts = CaseCopy.objects.filter(case=case, account__isnull=False).values_list("account_id", flat=True)
    own = [] if case.account_id is None else [case.account_id]
    return {"accounts": sorted({*own, *accounts}), "nobodys": case.account_id is None}


def _probability(case: Case) -> float:
    known = case.factors.get("probability")
    if known is None or case.factors.get("stale"):
        return triage.probability(reporters(case))
    return float(known)


def _rows(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows: list[Any] = cursor.fetchall()
        return rows
