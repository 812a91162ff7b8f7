"""Files of the feed about one person: what they published, liked, kept, and whom they read apart.

One's own posts are all there, also those that others do not see; of others' posts only the addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection

from feed.models import Poll
from upscrolled.core import ids
from upscrolled.exports import File, lines, pages, table
from upscrolled.exports import address as account_address
from upscrolled.media import addresses, shown
from upscrolled.media.addresses import Holder
from upscrolled.models import Account

_MARKED: Final = """
SELECT m.id, p.id, a.username, m.created_at FROM feed_{mark} m
JOIN feed_post p ON p.id = m.post_id AND p.deleted_at IS NULL JOIN upscrolled_account a ON a.id = p.author_id
WHERE m.account_id = %(account)s AND m.id > %(above)s ORDER BY m.id LIMIT %(at_once)s
"""
_BOOKMARKS, _LIKES = _MARKED.format(mark="bookmark"), _MARKED.format(mark="like")
_LISTS: Final = """
SELECT m.id, l.title, a.username FROM feed_readinglist l JOIN feed_listmember m ON m.reading_list_id = l.id
LEFT JOIN upscrolled_follow f ON f.id = m.follow_id AND f.account_id = l.account_id AND f.target_id = m.account_id
JOIN upscrolled_account a ON a.id = m.account_id
WHERE l.account_id = %(account)s AND (f.id IS NOT NULL OR m.account_id = l.account_id) AND m.id > %(above)s
ORDER BY m.id LIMIT %(at_once)s
"""
_OTHER = (
    "(SELECT x.username FROM feed_post o JOIN upscrolled_account x ON x.id = o.author_id WHERE o.id = {})"
)
_POSTS: Final = f"""
SELECT p.id, p.audience, p.text, p.warning, p.sensitive, p.language, p.edited_at,
       p.in_reply_to_id, {_OTHER.format("p.in_reply_to_id")}, p.repost_of_id, {_OTHER.format("p.repost_of_id")},
       p.quote_of_id, {_OTHER.format("p.quote_of_id")}
FROM feed_post p WHERE p.author_id = %(account)s AND p.deleted_at IS NULL AND p.id > %(above)s
ORDER BY p.id LIMIT %(at_once)s
"""
_ATTACHED: Final = f"""
SELECT m.post_id, {shown.COLUMNS} FROM feed_postmedia m JOIN upscrolled_mediaattachment a ON a.id = m.attachment_id
WHERE m.post_id = ANY(%(posts)s) AND m.position IS NOT NULL AND a.deleted_at IS NULL ORDER BY m.post_id, m.position
"""


def lists(account: Account) -> Iterator[bytes]:
    """Whom somebody has on which list; it has no heading where it comes from."""
    for page in pages(_LISTS, account=account.pk):
        yield table((title, account_address(name)) for _, title, name in page)


def bookmarks(account: Account) -> Iterator[bytes]:
    """Addresses of the posts that somebody kept; it has no heading where it comes from."""
    for page in pages(_BOOKMARKS, account=account.pk):
        yield table((_address(name, post_id),) for _, post_id, name, _ in page)


def likes(account: Account) -> Iterator[bytes]:
    """Addresses of the posts that somebody likes, and since when."""
    for page in pages(_LIKES, account=account.pk):
        yield lines({"post": _address(name, post_id), "liked_at": at} for _, post_id, name, at in page)


def posts(account: Account) -> Iterator[bytes]:
    """What somebody published, the first first: texts, dates, polls, descriptions and addresses of media."""
    for page in pages(_POSTS, account=account.pk):
        post_ids = [row[0] for row in page]
        media = _media(post_ids)
        polls = {poll.pk: poll for poll in Poll.objects.filter(pk__in=post_ids)}
        yield lines(_post(account, row, media.get(row[0], []), polls.get(row[0])) for row in page)


def _post(account: Account, row: Sequence[Any], media: list[dict[str, Any]], poll: Poll | None) -> Any:
    post_id, audience, text, warning, sensitive, language, edited_at, *others = row
    answers, shares, quotes = ((others[n], others[n + 1]) for n in (0, 2, 4))
    return {
        "id": str(post_id),
        "address": _address(account.username, post_id),
        "created_at": ids.created_at(post_id),
        "edited_at": edited_at,
        "audience": audience,
        "text": text,
        "warning": warning,
        "sensitive": sensitive,
        "language": language or None,
        "in_reply_to": _of_other(*answers),
        "share_of": _of_other(*shares),
        "quote_of": _of_other(*quotes),
        "poll": {"options": poll.options, "votes": poll.votes, "expires_at": poll.expires_at}
        if poll
        else None,
        "media": media,
    }


def _media(post_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute(_ATTACHED, {"posts": post_ids, "country": ""})
        for post_id, *row in cursor.fetchall():
            media = shown.facts(row)
            name = media.files.get("original") or media.files.get("fallback")
            where = addresses.public(name) if name and media.public else None
            if name and not where:
                where = addresses.private(media.id, name, now=now, holder=Holder.OWNER)
            told = {"type": media.kind, "description": media.description or None, "address": where}
            found.setdefault(post_id, []).append(told)
    return found


def _address(username: str, post_id: int) -> str:
    return f"{settings.PUBLIC_URL}/@{username}/{post_id}"


def _of_other(post_id: int | None, username: str | None) -> str | None:
    return _address(username, post_id) if post_id and username else None


FILES: Final = (
    File("posts.ndjson", posts),
    File("likes.ndjson", likes),
    File("lists.csv", lists, list="lists"),
    File("bookmarks.csv", bookmarks, list="bookmarks"),
)
