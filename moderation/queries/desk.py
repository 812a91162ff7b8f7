"""What moderators look at: the queue, a case with all that belongs to it, appeals, what was decided, who somebody is.

Each function costs a fixed number of statements, whatever the queue holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from moderation import intake, triage
from moderation.models import Appeal, Case, CaseCopy, CaseEvent, Decision, Evidence, ScreenMode, Statement
from moderation.screening import RULES
from moderation.statements import Readable, unseal
from upscrolled.core.errors import NotFound
from upscrolled.models import Account
from upscrolled.queries.rows import rows

LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of the queue: how many wait, how many somebody holds, how many are late, and since when."""

    name: str
    open: int
    claimed: int
    late: int
    oldest: datetime | None
    next_deadline: datetime | None


@dataclass(frozen=True, slots=True)
class Voice:
    """A report without its reporter: what is said, and how that person's reports were decided before."""

    reason: str
    comment: str
    at: datetime
    upheld: int
    refused: int


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an account here: numbers only, none of which moves a case."""

    posts: int
    followers: int
    reports: int
    decisions: int
    reversed: int
    weight: int
    restrictions: Sequence[str]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as it is looked at. `context` holds (author, text) before and around the subject, the nearest last.

    `members` are decided with it, each with what it said when it joined; `evidence` has its own first, then theirs:
    nobody decides about what they were not shown.
    """

    case: Case
    members: Sequence[tuple[CaseCopy, Evidence | None]]
    evidence: Sequence[Evidence]
    events: Sequence[CaseEvent]
    voices: Sequence[Voice]
    context: Sequence[tuple[str, str]]
    record: Record | None


@dataclass(frozen=True, slots=True)
class AppealFile:
    """An appeal with what it is against; `readable` is the statement, unless its key was erased or there is none."""

    appeal: Appeal
    readable: Readable | None


def queue(*, lane: str = "", limit: int = LISTED) -> list[Case]:
    """Return the unfinished cases in their order, held ones too."""
    found = Case.objects.filter(state__in=("open", "claimed")).select_related("account", "claimed_by")
    if lane:
        found = found.filter(lane=lane)
    return list(found.order_by("place", "id")[:limit])


def lanes(*, now: datetime) -> list[Lane]:
    """Return every lane, also those where nothing waits."""
    found = {row[0]: row[1:] for row in rows(_LANES, {"now": now})}
    return [Lane(name, *(found.get(name) or (0, 0, 0, None, None))) for name in triage.LANES]


def case_file(case_id: int) -> CaseFile:
    """Return a case with its evidence, reports, events, context and its author's record, or raise NotFound."""
    case = Case.objects.select_related("account", "claimed_by").filter(pk=case_id).first()
    if case is None:
        raise NotFound
    post_id = case.subject_id if case.subject_kind == "post" else 0
    kept = list(Evidence.objects.filter(case=case).order_by("-id"))
    said = {(named["kind"], int(named["id"])): each for each in kept if (named := each.content.get("copy"))}
    copies = CaseCopy.objects.filter(case=case).select_related("account").order_by("id")
    return CaseFile(
        case,
        [(copy, said.get((copy.subject_kind, copy.subject_id))) for copy in copies],
        [
            *(each for each in kept if "copy" not in each.content),
            *(each for each in kept if "copy" in each.content),
        ],
        list(CaseEvent.objects.filter(case=case).select_related("actor").order_by("-id")[:LISTED]),
        [Voice(*row) for row in rows(_VOICES, {"case": case.pk, **intake.whose(case)})],
        [(row[0], row[1]) for row in rows(_CONTEXT, {"post": post_id})],
        record(case.account_id) if case.account_id else None,
    )


def case(case_id: int) -> Case:
    """Return a case alone, or raise NotFound."""
    found = Case.objects.filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def record(account_id: int) -> Record:
    """Return the numbers of an account."""
    (row,) = rows(_RECORD, {"account": account_id})
    return Record(*row)


def appeals(*, limit: int = LISTED) -> list[Appeal]:
    """Return the appeals that wait, the nearest deadline first."""
    found = Appeal.objects.filter(state__in=("filed", "claimed"))
    return list(
        found.select_related("account", "claimed_by", "decision__policy", "report").order_by(
            "deadline", "id"
        )[:limit]
    )


def appeal_file(appeal_id: int) -> AppealFile:
    """Return an appeal with the statement that it is against, or raise NotFound."""
    chain = ("account", "claimed_by", "decided_by", "report", "decision__policy", "decision__statement__key")
    appeal = Appeal.objects.select_related(*chain).filter(pk=appeal_id).first()
    if appeal is None:
        raise NotFound
    return AppealFile(appeal, _opened(appeal.decision.statement) if appeal.decision else None)


def decisions(
    *, below: int | None = None, account_id: int | None = None, limit: int = LISTED
) -> list[Decision]:
    """Return what was decided, the last first; about one account if it is named."""
    found = Decision.objects.all()
    if below is not None:
        found = found.filter(pk__lt=below)
    if account_id is not None:
        found = found.filter(statement__account_id=account_id)
    chain = ("policy", "decided_by", "statement__account", "reversed_by")
    return list(found.select_related(*chain).order_by("-id")[:limit])


def decision(decision_id: int) -> tuple[Decision, Readable | None]:
    """Return a decision and its statement, or raise NotFound."""
    chain = ("policy", "decided_by", "statement__account", "statement__key", "reversed_by")
    found = Decision.objects.select_related(*chain).filter(pk=decision_id).first()
    if found is None:
        raise NotFound
    return found, _opened(found.statement)


def people(name: str, *, limit: int = LISTED) -> list[Account]:
    """Return accounts whose name begins so; without a name those of the staff, and who waits to be let in."""
    found = Account.objects.order_by("username")
    if name:
        return list(found.filter(username__istartswith=name.removeprefix("@"))[:limit])
    return list(found.filter(Q(is_staff=True) | Q(awaits_approval=True))[:limit])


def person(account_id: int) -> Account:
    """Return an account, or raise NotFound."""
    found = Account.objects.filter(pk=account_id).first()
    if found is None:
        raise NotFound
    return found


def days(*, now: datetime) -> list[tuple[datetime, int, int]]:
    """Return for each of the last fourteen days how many cases were opened and how many were closed."""
    return [(row[0], row[1], row[2]) for row in rows(_DAYS, {"now": now})]


def moderators() -> int:
    """Return how many people can decide; with one alone, nobody can decide an appeal."""
    return Account.objects.filter(is_active=True).exclude(role="").count()


def figures(*, now: datetime) -> list[tuple[str, str, int, int, float | None]]:
    """Return for thirty days, by policy and action: decisions, how many were taken back, median hours until then."""
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows(_FIGURES, {"now": now})]


def _opened(statement: Statement) -> Readable | None:
    key = statement.key.key
    return unseal(statement, bytes(key) if key is not None else None)


_LANES: Final = """
SELECT lane, count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'claimed'),
  count(*) FILTER (WHERE deadline < %(now)s), min(opened_at), min(deadline)
FROM moderation_case WHERE state <> 'decided' GROUP BY lane
"""
_VOICES: Final = f"""
SELECT r.reason, r.comment, r.created_at,
  (SELECT count(*) FROM moderation_report o WHERE o.reporter_id = r.reporter_id AND o.outcome = 'upheld'),
  (SELECT count(*) FROM moderation_report o WHERE o.reporter_id = r.reporter_id AND o.outcome = 'refused')
FROM moderation_report r
WHERE (r.target_id = ANY(%(accounts)s::bigint[]) OR (%(nobodys)s AND r.target_id IS NULL))
  AND %(case)s = ANY(r.cases)
ORDER BY r.id DESC LIMIT {LISTED}
"""
# What the post answers, up to three steps up, and what its author wrote just before.
_CONTEXT: Final = """
WITH RECURSIVE up AS (
  SELECT p.in_reply_to_id AS id, 1 AS step FROM feed_post p WHERE p.id = %(post)s
  UNION ALL
  SELECT p.in_reply_to_id, u.step + 1 FROM up u JOIN feed_post p ON p.id = u.id WHERE u.step < 3
), before AS (
  SELECT o.id FROM feed_post p JOIN feed_post o ON o.author_id = p.author_id AND o.id < p.id
  WHERE p.id = %(post)s AND o.repost_of_id IS NULL AND o.audience = 'public' ORDER BY o.id DESC LIMIT 2
)
SELECT a.username, p.text FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id
WHERE p.deleted_at IS NULL AND p.audience IN ('public', 'unlisted')
  AND (p.id IN (SELECT id FROM up WHERE id IS NOT NULL) OR p.id IN (SELECT id FROM before))
ORDER BY p.id
"""
_RECORD: Final = """
SELECT coalesce(c.posts, 0), coalesce(c.followers, 0),
  (SELECT count(*) FROM moderation_report r WHERE r.target_id = a.id),
  (SELECT count(*) FROM moderation_statement s WHERE s.account_id = a.id AND s.measure <> 'restore'),
  (SELECT count(*) FROM moderation_statement s WHERE s.account_id = a.id AND s.measure = 'restore'),
  (SELECT coalesce(sum(t.weight), 0) FROM moderation_strike t WHERE t.account_id = a.id AND t.expires_at > now()
     AND NOT EXISTS (SELECT 1 FROM moderation_decision u WHERE u.reverses_id = t.decision_id)),
  ARRAY(SELECT DISTINCT r.kind FROM upscrolled_restriction r WHERE r.subject_kind = 'account' AND r.subject_id = a.id
     AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))
FROM (SELECT %(account)s::bigint AS id) a LEFT JOIN upscrolled_accountcounters c ON c.account_id = a.id
"""
_DAYS: Final = """
SELECT d.day,
  (SELECT count(*) FROM moderation_case c WHERE c.opened_at >= d.day AND c.opened_at < d.day + interval '1 day'),
  (SELECT count(*) FROM moderation_case c WHERE c.closed_at >= d.day AND c.closed_at < d.day + interval '1 day')
FROM generate_series(date_trunc('day', %(now)s::timestamptz) - interval '13 days',
                     date_trunc('day', %(now)s::timestamptz), interval '1 day') AS d (day)
ORDER BY d.day
"""
_FIGURES: Final = """
SELECT p.key, d.action, count(*), count(u.id),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.decided_at - c.opened_at) / 3600)
FROM moderation_decision d JOIN moderation_policyversion p ON p.id = d.policy_id
LEFT JOIN moderation_decision u ON u.reverses_id = d.id LEFT JOIN moderation_case c ON c.id = d.case_id
WHERE d.decided_at > %(now)s::timestamptz - interval '30 days' AND d.action <> 'restore'
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""


@dataclass(frozen=True, slots=True)
class DoorRule:
    """A rule at the door: its policy, the mode it works in, and how often it was met in thirty days."""

    name: str
    policy: str
    mode: str
    fields: Sequence[str]
    hits: int


def door_rules(*, now: datetime) -> list[DoorRule]:
    """Return the rules at the door as they work."""
    modes = dict(ScreenMode.objects.values_list("rule", "mode"))
    counted = rows(_HITS, {"now": now})
    hits = {row[0]: row[1] for row in counted}
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


_HITS: Final = """
SELECT rule, sum(count) FROM moderation_screenhits WHERE day > %(now)s::date - 30 GROUP BY rule
"""
