"""File a report. Cases and their queue come with the moderation release; until then nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from moderation.models import Report
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account

COMMENT_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says about an account and some of its posts."""

    target_id: int
    post_ids: list[int]
    rule_ids: list[str]
    category: str
    comment: str


@transaction.atomic
def file_report(*, reporter: Account, complaint: Complaint, now: datetime) -> Report:
    """Store a report. Raises NotFound for an unknown account, Invalid for posts of others or a long comment."""
    if len(complaint.comment) > COMMENT_MAX:
        raise Invalid(
            f"Validation failed: Comment is too long ({len(complaint.comment)} characters; "
            f"the limit is {COMMENT_MAX})"
        )
    if complaint.category not in Report.Category.values:
        raise Invalid(f"Validation failed: Category must be one of {', '.join(Report.Category.values)}")
    target = Account.objects.filter(pk=complaint.target_id).first()
    if target is None:
        raise NotFound
    if target.id == reporter.id:
        raise Invalid("Validation failed: Nobody can report themselves")
    category = Report.Category.VIOLATION if complaint.rule_ids else complaint.category
    return Report.objects.create(
        reporter=reporter,
        target=target,
        post_ids=_posts_of(target.id, complaint.post_ids),
        rule_ids=complaint.rule_ids,
        category=category,
        comment=complaint.comment,
        created_at=now,
    )


def _posts_of(account_id: int, post_ids: list[int]) -> list[int]:
    """Check that these are posts of the reported account; deleted ones may be reported too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM feed_post WHERE id = ANY(%(ids)s::bigint[]) AND author_id = %(author)s",
            {"ids": post_ids, "author": account_id},
        )
        found = {row[0] for row in cursor.fetchall()}
    if foreign := [post_id for post_id in post_ids if post_id not in found]:
        raise Invalid(f"Validation failed: {foreign[0]} is no post of the reported account")
    return post_ids
