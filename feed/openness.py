"""Whose media everybody may have: those of posts that the policy lets anybody open, wherever they are.

`MediaAttachment.open` says it, and the files move after it (`upscrolled/media/placing.py`). Nobody tells the feed what
befalls a post or its author: so it is compared with the policy anew, when a decision is carried out and by the clock,
which finds what was missed and what ended because its time was up. Doing it again changes nothing.

A post that is withheld in one country, or from who is not signed in, is not for everybody: an address that holds for
ever asks nobody who or where they are. Whoever may see it is given signed addresses. So it is with an attachment that
a decision withholds, whatever its post.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from upscrolled.media import placing
from upscrolled.visibility import everybody_given_sql, everybody_sql

LATELY = timedelta(days=1)  # the clock looks so far back each time: longer than workers are away
_POSTS_AT_ONCE, _ATTACHMENTS_AT_ONCE = 1_000, 1_000
_DIFFERS = f"""
FROM feed_postmedia m JOIN feed_post p ON p.id = m.post_id
JOIN upscrolled_mediaattachment a ON a.id = m.attachment_id
WHERE a.attached_at IS NOT NULL AND a.deleted_at IS NULL AND a.open <> ({everybody_sql()} AND {everybody_given_sql()})
"""
_CHOOSE = f"""
SELECT a.open, a.id {_DIFFERS} AND {{which}}
ORDER BY a.id LIMIT {_ATTACHMENTS_AT_ONCE} FOR UPDATE OF a
"""
_OF_POSTS = _CHOOSE.format(which="m.post_id = ANY(%(posts)s::bigint[])")
_OF_ACCOUNT = _CHOOSE.format(which="a.owner_id = %(account)s")
_OF_IDS = _CHOOSE.format(which="a.id = ANY(%(ids)s::bigint[])")
# Restricted since then, or no longer: any kind, since the policy knows which of them counts.
_LATELY = """
WITH lately AS (
  SELECT subject_kind, subject_id FROM upscrolled_restriction WHERE starts_at > %(since)s AND starts_at <= %(now)s
  UNION
  SELECT subject_kind, subject_id FROM upscrolled_restriction WHERE ends_at > %(since)s AND ends_at <= %(now)s
)
SELECT subject_id FROM lately WHERE subject_kind = 'post'
UNION
SELECT m.post_id FROM lately JOIN feed_postmedia m ON m.attachment_id = subject_id WHERE subject_kind = 'media'
ORDER BY 1
"""
_EVER = f"""
SELECT subject_id FROM upscrolled_restriction WHERE subject_kind = 'post' AND subject_id > %(above)s
UNION
SELECT m.post_id FROM upscrolled_restriction JOIN feed_postmedia m ON m.attachment_id = subject_id
WHERE subject_kind = 'media' AND m.post_id > %(above)s
ORDER BY 1 LIMIT {_POSTS_AT_ONCE}
"""
# What an audit looks for among all there are.
DRIFT = f"SELECT a.id {_DIFFERS} ORDER BY a.id"


def of_posts(post_ids: Sequence[int], *, now: datetime) -> int:
    """Compare the media of posts; return how many attachments changed."""
    return _settle(_OF_POSTS, {"posts": list(post_ids)}, now)


def of_account(account_id: int, *, now: datetime) -> int:
    """Compare all media of an account; return how many attachments changed."""
    return _settle(_OF_ACCOUNT, {"account": account_id}, now)


def of_attachments(attachment_ids: Sequence[int], *, now: datetime) -> int:
    """Compare these attachments; return how many changed."""
    return _settle(_OF_IDS, {"ids": list(attachment_ids)}, now)


def lately(*, now: datetime) -> int:
    """Compare the media of posts that a restriction began or ended for lately; return how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, {"since": now - LATELY, "now": now})
        posts = [row[0] for row in cursor.fetchall()]
    starts = range(0, len(posts), _POSTS_AT_ONCE)
    return sum(of_posts(posts[start : start + _POSTS_AT_ONCE], now=now) for start in starts)


def ever(*, now: datetime) -> int:
    """Compare the media of all posts that were ever restricted, for a night: workers may have been away for long."""
    return sum(of_posts(posts, now=now) for posts in _ever_restricted())


def _ever_restricted() -> Iterator[list[int]]:
    above = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_EVER, {"above": above})
            posts = [row[0] for row in cursor.fetchall()]
            if not posts:
                return
            yield posts
            above = posts[-1]


def _settle(statement: str, which: dict[str, Any], now: datetime) -> int:
    count = 0
    while changed := _some(statement, which, now):
        count += changed
        if changed < _ATTACHMENTS_AT_ONCE:
            break
    return count


@transaction.atomic
def _some(statement: str, which: dict[str, Any], now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, which)
        rows: list[tuple[bool, int]] = cursor.fetchall()
    for was_open, group in groupby(sorted(rows), key=itemgetter(0)):
        placing.show([attachment_id for _, attachment_id in group], everybody=not was_open, now=now)
    return len(rows)
