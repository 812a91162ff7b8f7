"""What moderators look at: the queue, a case with all that belongs to it, appeals, what was decided, who somebody is.

Each function costs a fixed number of statements, whatever the queue holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from moderation import intake
from moderation.models import (
    Appeal,
    AppealEvent,
    Case,
    CaseCopy,
    CaseEvent,
    Decision,
    Evidence,
    LegalOrder,
    Statement,
)
from moderation.queries import authority, seals
from moderation.statements import Readable, unseal
from moderation.subjects import attachments_of
from upscrolled.core.errors import NotFound
from upscrolled.media import shown
from upscrolled.media.shown import MediaFacts
from upscrolled.models import Account
from upscrolled.queries.rows import rows

LISTED: Final = 50
MEMBERS: Final = 20  # near copies of a case that are shown at a time, each with its media


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

    `members` are decided with it, each with what it said when it joined: `MEMBERS` a page, of `pages`, `size` in all.
    `evidence` has its own first, then that of these members: nobody decides about what they were not shown. `media` are
    the attachments of each post, also those that only its earlier versions show, or that its author deleted.
    `copies` is how many other cases wait about near copies. `orders` came about it; `sealed_until` is when its
    statements are told to whom they concern, if a law keeps them back.
    """

    case: Case
    members: Sequence[tuple[CaseCopy, Evidence | None]]
    size: int
    evidence: Sequence[Evidence]
    events: Sequence[CaseEvent]
    voices: Sequence[Voice]
    context: Sequence[tuple[str, str]]
    record: Record | None
    media: Mapping[int, Sequence[MediaFacts]]
    copies: int
    decisions: Sequence[Decision]
    orders: Sequence[LegalOrder]
    sealed_until: datetime | None

    @property
    def pages(self) -> int:
        """How many pages of members there are."""
        return -(-self.size // MEMBERS)


@dataclass(frozen=True, slots=True)
class AppealFile:
    """An appeal with what it is against; `readable` is the statement, unless its key was erased or there is none.

    `evidence` is what was frozen of that, in the cases that it is about, `media` are its attachments by case and post;
    `events` are the steps of the appeal. The last comes first.
    """

    appeal: Appeal
    readable: Readable | None
    evidence: Sequence[Evidence]
    media: Mapping[tuple[int, int], Sequence[MediaFacts]]
    events: Sequence[AppealEvent]


def queue(
    by: Account, *, now: datetime, lane: str = "", whole: bool = False, limit: int = LISTED
) -> list[Case]:
    """Return the unfinished cases that a role of somebody reaches, in their order, held ones too; or the `whole`."""
    found = Case.objects.filter(state__in=("open", "claimed")).select_related("account", "claimed_by")
    if lane:
        found = found.filter(lane=lane)
    if not whole:
        found = found.filter(RawSQL(_REACHED, [by.pk, now], output_field=BooleanField()))
    return list(found.order_by("place", "id")[:limit])


_REACHED: Final = """EXISTS (SELECT 1 FROM moderation_reach(%s, 'sort', %s) r WHERE moderation_within(r.lanes, r.kinds,
  r.languages, moderation_case.lane, subject_kind, subject_id, moderation_case.account_id))"""


def case_file(case_id: int, *, page: int = 1) -> CaseFile:
    """Return a case with its evidence, reports, events, context and its author's record, or raise NotFound.

    `page` is that of its members.
    """
    case = Case.objects.select_related("account", "claimed_by").filter(pk=case_id).first()
    if case is None:
        raise NotFound
    joined = CaseCopy.objects.filter(case=case)
    members = list(joined.select_related("account").order_by("id")[(page - 1) * MEMBERS : page * MEMBERS])
    theirs = Q(content__copy__id__in=[str(copy.subject_id) for copy in members])
    own = ~Q(content__has_key="copy")
    kept = list(Evidence.objects.filter(own | theirs, case=case).order_by("-id"))
    said = {(named["kind"], int(named["id"])): each for each in kept if (named := each.content.get("copy"))}
    return CaseFile(
        case,
        [(copy, said.get((copy.subject_kind, copy.subject_id))) for copy in members],
        joined.count(),
        [
            *(each for each in kept if "copy" not in each.content),
            *(each for each in kept if "copy" in each.content),
        ],
        list(CaseEvent.objects.filter(case=case).select_related("actor").order_by("-id")[:LISTED]),
        [Voice(*row) for row in rows(_VOICES, {"case": case.pk, **intake.whose(case)})],
        [(row[0], row[1]) for row in rows(_CONTEXT, {"post": _post_of(case, kept)})],
        record(case.account_id) if case.account_id else None,
        _media(case, members, kept),
        copies(case),
        list(Decision.objects.filter(case_id=case.pk).select_related("decided_by").order_by("id")[:LISTED]),
        authority.orders_about(case),
        seals.sealed_until(case.pk),
    )


def _post_of(case: Case, kept: Sequence[Evidence]) -> int:
    """The post around which a case is looked at: its own, or the one that shows a medium; 0 for none."""
    if case.subject_kind == "post":
        return case.subject_id
    return next((int(each.content["post"]["id"]) for each in kept if each.content.get("post")), 0)


def _media(case: Case, members: Sequence[CaseCopy], kept: Sequence[Evidence]) -> dict[int, list[MediaFacts]]:
    """The attachments that a case is about or its posts have, and those that these had when they were reported."""
    posts = [case.subject_id, *(copy.subject_id for copy in members)] if case.subject_kind == "post" else []
    frozen = [
        (int(each.content["copy"]["id"]) if "copy" in each.content else case.subject_id, number)
        for each in kept
        for number in attachments_of(each.content)
    ]
    return _attachments(posts, frozen)


def _attachments(posts: Sequence[int], frozen: Sequence[tuple[int, int]]) -> dict[int, list[MediaFacts]]:
    facts = {
        "posts": list(posts),
        "of": [subject_id for subject_id, _ in frozen],
        "frozen": [number for _, number in frozen],
        "country": "",
    }
    found: dict[int, list[MediaFacts]] = {}
    for subject_id, *row in rows(_MEDIA, facts):
        found.setdefault(subject_id, []).append(shown.facts(row))
    return found


def case(case_id: int) -> Case:
    """Return a case alone, or raise NotFound."""
    found = Case.objects.filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def copies(case: Case) -> int:
    """Return how many other cases wait about near copies of this one."""
    others = Case.objects.filter(cluster=case.cluster).exclude(cluster="").exclude(pk=case.pk)
    return others.exclude(state="decided").count()


@dataclass(frozen=True, slots=True)
class Closed:
    """A case that somebody closed, and the decision that closed it; None if it was found to keep to the rules."""

    case: Case
    decision: Decision | None


def closed_by(account_id: int, case_id: int, *, since: datetime) -> Closed | None:
    """Return a case if that moderator closed it since then, and it was not taken back; three statements at the most."""
    closing = CaseEvent.objects.filter(case_id=case_id, actor_id=account_id, at__gte=since)
    event = closing.filter(kind__in=("decided", "dismissed")).select_related("case").order_by("-id").first()
    if event is None:
        return None
    chain = ("statement", "reversed_by")
    made = (
        Decision.objects.select_related(*chain).filter(case_id=case_id, reverses=None).order_by("-id").first()
    )
    if made is None:
        return Closed(event.case, None)
    return Closed(event.case, made) if not hasattr(made, "reversed_by") else None


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
    """Return an appeal with the statement that it is against and the content it is about, or raise NotFound."""
    chain = ("account", "claimed_by", "decided_by", "report", "decision__policy", "decision__statement__key")
    appeal = Appeal.objects.select_related(*chain).filter(pk=appeal_id).first()
    if appeal is None:
        raise NotFound
    opened = _opened(appeal.decision.statement) if appeal.decision else None
    about = appeal.report.cases if appeal.report else [appeal.decision.case_id] if appeal.decision else []
    kept = list(Evidence.objects.filter(case__in=about).select_related("case").order_by("-id")[:LISTED])
    if appeal.decision is not None and appeal.decision.subject_kind == "post":  # not what others copied
        kept = [each for each in kept if subject_of(each) == appeal.decision.subject_id]
    steps = AppealEvent.objects.filter(appeal=appeal).select_related("actor").order_by("-id")[:LISTED]
    return AppealFile(appeal, opened, kept, _media_of(kept), list(steps))


def subject_of(kept: Evidence) -> int:
    """The number of what a piece of evidence says: a near copy, or the subject of its case."""
    return int(kept.content["copy"]["id"]) if "copy" in kept.content else kept.case.subject_id


def _media_of(kept: Sequence[Evidence]) -> dict[tuple[int, int], list[MediaFacts]]:
    """The attachments of posts in these pieces of evidence, by case and post; one statement."""
    whose = {(each.case_id, subject_of(each)) for each in kept if each.case.subject_kind == "post"}
    frozen = [(subject_of(each), number) for each in kept for number in attachments_of(each.content)]
    by_post = _attachments(sorted({post for _, post in whose}), frozen)
    return {(case_id, post): by_post[post] for case_id, post in whose if post in by_post}


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


def accounts(numbers: Sequence[int]) -> dict[int, Account]:
    """Return these accounts, those that are there."""
    return Account.objects.in_bulk(list(numbers))


def person(account_id: int) -> Account:
    """Return an account, or raise NotFound."""
    found = Account.objects.filter(pk=account_id).first()
    if found is None:
        raise NotFound
    return found


def _opened(statement: Statement) -> Readable | None:
    key = statement.key.key
    return unseal(statement, bytes(key) if key is not None else None)


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
_MEDIA: Final = f"""
WITH wanted AS (
  SELECT subject_id, attachment_id, min(position) AS position FROM (
    SELECT post_id AS subject_id, attachment_id, position FROM feed_postmedia WHERE post_id = ANY(%(posts)s::bigint[])
    UNION ALL
    SELECT f.subject_id, f.attachment_id, NULL
    FROM unnest(%(of)s::bigint[], %(frozen)s::bigint[]) AS f (subject_id, attachment_id)
  ) each GROUP BY subject_id, attachment_id
)
SELECT w.subject_id, {shown.COLUMNS} FROM wanted w JOIN upscrolled_mediaattachment a ON a.id = w.attachment_id
WHERE a.deleted_at IS NULL OR EXISTS (SELECT 1 FROM upscrolled_keptmedia k WHERE k.attachment_id = a.id)
ORDER BY w.subject_id, w.position, a.id
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
