"""File a report: it opens a case for what it is about, or joins the one that is open, and its author is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from moderation import casework, copies, flaggers, intake, subjects
from moderation.casework import Opened
from moderation.grounds import POLICIES
from moderation.models import Report
from moderation.subjects import Loaded, Subject
from upscrolled import acting, outbox
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account

COMMENT_MAX = 1_000
HASHTAG_MAX = 100
# What Mastodon's categories mean here, where a client names no reason of ours.
REASON_OF: Final = {"spam": "spam", "legal": "illegal", "violation": "other", "other": "other"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says about an account and some of its posts or their media, or about a hashtag.

    `reason` is the key of a policy; empty: what the category comes nearest to.
    """

    target_id: int = 0
    post_ids: list[int] = field(default_factory=list)
    rule_ids: list[str] = field(default_factory=list)
    category: str = "other"
    comment: str = ""
    reason: str = ""
    hashtag: str = ""
    media_ids: list[int] = field(default_factory=list)


# The report, its cases with their evidence, the receipt and that it is told are one statement.
_FILED: Final = f"""
WITH {casework.OPENED}, filed AS (
  INSERT INTO moderation_report (reporter_id, target_id, hashtag_id, post_ids, media_ids, rule_ids, category, comment,
    created_at, reason, cases, received_told_at)
  SELECT %(reporter)s, %(target)s::bigint, %(hashtag)s::bigint, %(posts)s::bigint[], %(named_media)s::bigint[],
    %(rules)s::text[], %(category)s, %(comment)s, %(now)s, %(policy)s,
    ARRAY(SELECT id FROM opened UNION SELECT unnest(%(joined)s::bigint[]) ORDER BY 1), %(now)s FROM {acting.HAND}
  RETURNING id
), told AS (
  INSERT INTO upscrolled_notification (recipient_id, actor_id, kind, subject_id, created_at)
  SELECT %(reporter)s, %(reporter)s, 'report', id, %(now)s FROM filed RETURNING id, recipient_id
), owed AS ({outbox.OWE_TOLD})
SELECT filed.id, {", ".join(f"opened.{name}" for name in Opened._fields)}
FROM filed LEFT JOIN opened ON true
"""


@transaction.atomic
def file_report(*, reporter: Account, complaint: Complaint, now: datetime) -> Report:
    """Store a report, open or join its cases, and tell the reporter that it arrived.

    Raises NotFound for an unknown account or hashtag, Invalid for posts or media of others, a long comment, an unknown
    reason.
    """
    reason = _checked_reason(complaint)
    about = _about(reporter, complaint)
    report = Report(
        reporter=reporter,
        target_id=complaint.target_id or None,
        hashtag_id=about[0].subject.id if complaint.hashtag else None,
        post_ids=complaint.post_ids,
        media_ids=complaint.media_ids,
        rule_ids=complaint.rule_ids,
        category=Report.Category.VIOLATION if complaint.rule_ids else complaint.category,
        comment=complaint.comment,
        created_at=now,
        reason=reason,
        received_told_at=now,
    )
    known = intake.ask(
        [(one.subject.kind, one.subject.id) for one in about],
        now=now,
        clusters=[copies.cluster_of(one) for one in about],
        reporter_id=reporter.id,
    )
    how = _how(reason, known.is_trusted(reporter.id), now)
    homes, joined, rest = copies.homes(about), dict[int, tuple[int, bool]](), []
    for one in about:
        home = homes.get(one.subject.id)
        met = casework.join(home, one, **how) if home else None
        if home is None or met is None:
            rest.append(one)
        else:
            joined[home] = met
    groups = {group[0].subject.id: group for group in copies.grouped(rest)}
    opened = _file(report, [group[0] for group in groups.values()], how, joined, known)
    for found in opened:
        group = groups[found.subject_id]
        met = None if found.is_new else (found.joined, found.moved)
        for one in group[1:]:
            met = casework.join(found.id, one, **how) or met
        if met is not None and len(group) > 1:
            joined[found.id] = met
        elif met is not None:
            kept = known.with_copies(found.id, found.copies)
            case = found.case(group[0].subject.kind)
            casework.place_joined(found.id, *met, now=now, case=case, known=kept)
    for case_id, (times, moved) in joined.items():
        casework.place_joined(case_id, times, moved, now=now)
    return report


def _how(reason: str, trusted: bool, now: datetime) -> dict[str, Any]:
    """How the cases of a report come up: a trusted flagger's is looked at sooner, where no clock of law runs."""
    lane = POLICIES[reason].lane
    return {
        "policy": reason,
        "lane": lane,
        "source": "trusted_flagger" if trusted else "report",
        "now": now,
        "deadline": now + flaggers.WITHIN if trusted and lane == "ordinary" else None,
    }


def _file(
    report: Report,
    about: Sequence[Loaded],
    how: dict[str, Any],
    joined: Collection[int],
    known: intake.Known,
) -> list[Opened]:
    """Write the report; return what it opened or joined as the same subject."""
    facts = casework.opening(about, known=known, reporter_id=report.reporter_id, **how)
    rows = _rows(_FILED, facts | _values(report) | {"joined": sorted(joined)})
    report.pk = rows[0][0]
    opened = [Opened(*row[1:]) for row in rows if row[1] is not None]
    report.cases = sorted({*joined, *(found.id for found in opened)})
    return opened


def _values(report: Report) -> dict[str, Any]:
    return {
        "reporter": report.reporter_id,
        "actor": report.reporter_id,
        "target": report.target_id,
        "hashtag": report.hashtag_id,
        "posts": report.post_ids,
        "named_media": report.media_ids,
        "rules": report.rule_ids,
        "category": report.category,
        "comment": report.comment,
    }


def _checked_reason(complaint: Complaint) -> str:
    if len(complaint.comment) > COMMENT_MAX:
        raise Invalid(
            f"Validation failed: Comment is too long ({len(complaint.comment)} characters; "
            f"the limit is {COMMENT_MAX})"
        )
    if complaint.category not in Report.Category.values:
        raise Invalid(f"Validation failed: Category must be one of {', '.join(Report.Category.values)}")
    reason = complaint.reason or REASON_OF[complaint.category]
    if reason not in POLICIES:
        raise Invalid(f"Validation failed: Reason must be one of {', '.join(POLICIES)}")
    return reason


def _about(reporter: Account, complaint: Complaint) -> list[Loaded]:
    """What the report is about: the hashtag, the posts, or the account as a whole."""
    if complaint.hashtag:
        return [subjects.load(Subject("hashtag", _hashtag(complaint.hashtag)))]
    if complaint.target_id == reporter.id:
        raise Invalid("Validation failed: Nobody can report themselves")
    if complaint.media_ids:
        if complaint.post_ids:
            raise Invalid(
                "Validation failed: A report is about posts or about media; please send one for each"
            )
        return _media_of(complaint.target_id, complaint.media_ids)
    if not complaint.post_ids:
        return [subjects.load(Subject("account", complaint.target_id))]
    return _posts_of(complaint.target_id, complaint.post_ids)


def _posts_of(account_id: int, post_ids: list[int]) -> list[Loaded]:
    """Load posts, and check that they are the reported account's; deleted ones may be reported too."""
    found = subjects.load_all("post", post_ids)
    for post_id in post_ids:
        if post_id not in found or found[post_id].owner_id != account_id:
            subjects.load(Subject("account", account_id))  # an account that is not there is said first
            raise Invalid(f"Validation failed: {post_id} is no post of the reported account")
    return list(found.values())


def _media_of(account_id: int, media_ids: list[int]) -> list[Loaded]:
    """Load photos, videos and sounds, and check that posts of the reported account show them, or did."""
    found = subjects.load_all("media", media_ids)
    for media_id in media_ids:
        one = found.get(media_id)
        if one is None or one.owner_id != account_id or not one.content["post"]:
            subjects.load(Subject("account", account_id))
            raise Invalid(f"Validation failed: {media_id} is no media of a post of the reported account")
    return list(found.values())


def _hashtag(name: str) -> int:
    if len(name) > HASHTAG_MAX:
        raise Invalid(f"Validation failed: a hashtag of {len(name)} characters; at most {HASHTAG_MAX}")
    rows = _rows("SELECT id FROM feed_tag WHERE name = %(name)s", {"name": name.lstrip("#").lower()})
    if not rows:
        raise NotFound
    return int(rows[0][0])


def _rows(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows: list[Any] = cursor.fetchall()
        return rows
