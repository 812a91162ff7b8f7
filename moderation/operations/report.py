"""File a report: it opens a case for what it is about, or joins the one that is open, and its author is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from moderation import casework, flaggers, notices, subjects
from moderation.grounds import POLICIES
from moderation.models import Report
from moderation.subjects import Subject
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account, Notification

COMMENT_MAX = 1_000
HASHTAG_MAX = 100
# What Mastodon's categories mean here, where a client names no reason of ours.
_POLICY: Final = {"spam": "spam", "legal": "illegal", "violation": "other", "other": "other"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says about an account and some of its posts, or about a hashtag.

    `reason` is the key of a policy; empty: what the category comes nearest to.
    """

    target_id: int = 0
    post_ids: list[int] = field(default_factory=list)
    rule_ids: list[str] = field(default_factory=list)
    category: str = "other"
    comment: str = ""
    reason: str = ""
    hashtag: str = ""


@transaction.atomic
def file_report(*, reporter: Account, complaint: Complaint, now: datetime) -> Report:
    """Store a report, open or join its cases, and tell the reporter that it arrived.

    Raises NotFound for an unknown account or hashtag, Invalid for posts of others, a long comment, an unknown reason.
    """
    reason = _checked_reason(complaint)
    about = _subjects(reporter, complaint)
    category = Report.Category.VIOLATION if complaint.rule_ids else complaint.category
    report = Report(
        reporter=reporter,
        target_id=complaint.target_id or None,
        hashtag_id=about[0].id if complaint.hashtag else None,
        post_ids=complaint.post_ids,
        rule_ids=complaint.rule_ids,
        category=category,
        comment=complaint.comment,
        created_at=now,
        reason=reason,
        received_told_at=now,
    )
    cases = []
    trusted, lane = flaggers.is_trusted(reporter.id), POLICIES[reason].lane
    for subject in about:
        loaded = subjects.load(subject)
        case, _ = casework.open_or_join(
            loaded,
            policy=reason,
            lane=lane,
            source="trusted_flagger" if trusted else "report",
            now=now,
            deadline=now + flaggers.WITHIN if trusted and lane == "ordinary" else None,
        )
        cases.append(case)
    report.cases = [case.pk for case in cases]
    report.save()
    for case in cases:
        casework.place(case, reports=_reports_of(case.pk, complaint.target_id), now=now)
    notices.tell(reporter.id, Notification.Kind.REPORT, subject_id=report.pk, now=now)
    return report


def _checked_reason(complaint: Complaint) -> str:
    if len(complaint.comment) > COMMENT_MAX:
        raise Invalid(
            f"Validation failed: Comment is too long ({len(complaint.comment)} characters; "
            f"the limit is {COMMENT_MAX})"
        )
    if complaint.category not in Report.Category.values:
        raise Invalid(f"Validation failed: Category must be one of {', '.join(Report.Category.values)}")
    reason = complaint.reason or _POLICY[complaint.category]
    if reason not in POLICIES:
        raise Invalid(f"Validation failed: Reason must be one of {', '.join(POLICIES)}")
    return reason


def _subjects(reporter: Account, complaint: Complaint) -> list[Subject]:
    """What the report is about: the hashtag, the posts, or the account as a whole."""
    if complaint.hashtag:
        return [Subject("hashtag", _hashtag(complaint.hashtag))]
    target = Account.objects.filter(pk=complaint.target_id).first()
    if target is None:
        raise NotFound
    if target.id == reporter.id:
        raise Invalid("Validation failed: Nobody can report themselves")
    posts = _posts_of(target.id, complaint.post_ids)
    return [Subject("post", post_id) for post_id in posts] or [Subject("account", target.id)]


def _posts_of(account_id: int, post_ids: list[int]) -> list[int]:
    """Check that these are posts of the reported account; deleted ones may be reported too."""
    found = {
        row[0]
        for row in _rows(
            "SELECT id FROM feed_post WHERE id = ANY(%(ids)s::bigint[]) AND author_id = %(author)s",
            {"ids": post_ids, "author": account_id},
        )
    }
    if foreign := [post_id for post_id in post_ids if post_id not in found]:
        raise Invalid(f"Validation failed: {foreign[0]} is no post of the reported account")
    return post_ids


def _hashtag(name: str) -> int:
    if len(name) > HASHTAG_MAX:
        raise Invalid(f"Validation failed: a hashtag of {len(name)} characters; at most {HASHTAG_MAX}")
    rows = _rows("SELECT id FROM feed_tag WHERE name = %(name)s", {"name": name.lstrip("#").lower()})
    if not rows:
        raise NotFound
    return int(rows[0][0])


_COUNTED: Final = """
SELECT count(*) FROM (SELECT 1 FROM moderation_report WHERE target_id = %(target)s AND %(case)s = ANY(cases) LIMIT 10)
AS them
"""


def _reports_of(case_id: int, target_id: int) -> int:
    return int(_rows(_COUNTED, {"target": target_id, "case": case_id})[0][0])


def _rows(sql: str, facts: dict[str, Any]) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows: list[tuple[int, ...]] = cursor.fetchall()
        return rows
