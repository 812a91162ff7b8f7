"""Publish a post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from feed import candidates, counters, outbox, post_types, tasks
from feed.models import IdempotencyKey
from feed.post_types import POST_TYPES
from feed.post_types.base import Part, Written
from feed.post_types.text import Words
from feed.timelines import delivery
from upscrolled.circles import require_reply
from upscrolled.core import ids, languages
from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Audience, Circle
from upscrolled.visibility import require_interact

IDEMPOTENCY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Parent:
    """The post that is answered; the caller has seen that the author may see it."""

    id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to publish. An empty `audience`, `language` or `quoting` means the author's own choice.

    `parts` is what they want beside the text, by post type (`feed.post_types`). `replying` and `quoting` are
    circles: who may answer, who may quote.
    """

    text: str
    audience: str = ""
    warning: str = ""
    sensitive: bool | None = None
    language: str = ""
    reply_to: Parent | None = None
    idempotency_key: str = ""
    application_id: int | None = None
    replying: str = Circle.EVERYBODY
    quoting: str = ""
    parts: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def publish_post(*, author: Account, draft: Draft, now: datetime) -> int:
    """Publish a post and return its id; its delivery begins when the transaction has ended.

    The same idempotency key within the hour answers the same post, if this may be published still; if it is refused,
    `known_by` tells whether it was before. Raises Invalid (too long, empty, unknown
    audience, language or circle, and whatever a post type refuses), NotAllowed and NotFound as
    `require_interact`, `require_reply` and `require_quote` do.
    """
    row, parts = check_draft(author=author, draft=draft, now=now)
    drawn = ids.at(now)
    if draft.idempotency_key:
        before = claim_key(author.id, draft.idempotency_key, drawn, now)
        if before is not None:
            return before
    post = _insert(drawn, row, parts, now)
    if draft.idempotency_key and post.id != drawn:
        IdempotencyKey.objects.filter(account_id=author.id, key=draft.idempotency_key).update(post_id=post.id)
    for key, part in parts.items():
        POST_TYPES[key].attach(post, part, now=now)
    version = _count(post, author, draft.reply_to, row["audience"], parts, now)
    for key, part in parts.items():
        POST_TYPES[key].tell(post, part, by=author, now=now)
    delivery.push_own(post.id, author_id=author.id, version=version)
    tasks.deliver_soon()
    return post.id


def check_draft(*, author: Account, draft: Draft, now: datetime) -> tuple[dict[str, Any], dict[str, Part]]:
    """Return the columns of the post and its parts, ready to be stored. Raises what `publish_post` raises."""
    parts = post_types.check({"text": Words(draft.text, draft.warning), **draft.parts}, by=author, now=now)
    audience = _audience(draft.audience or author.posting_audience(), parts)
    language = checked_language(draft.language or author.default_language or author.locale)
    replying = checked_circle(draft.replying)
    quoting = checked_circle(draft.quoting or author.default_quoting)
    parent = draft.reply_to
    if parent is None:
        require_interact(author)
    else:
        require_reply(author, post_id=parent.id, author_id=parent.author_id)
    row = {
        "author_id": author.id,
        "audience": audience,
        "sensitive": author.default_sensitive if draft.sensitive is None else draft.sensitive,
        "language": language,
        "in_reply_to_id": parent.id if parent else None,
        "in_reply_to_account_id": parent.author_id if parent else None,
        "replying": replying,
        "quoting": quoting,
        "application_id": draft.application_id,
    }
    return row, parts


def _audience(wanted: str, parts: Mapping[str, Part]) -> str:
    """Return the audience, or the narrower one that a part of the post asks for."""
    narrow = Audience.FOLLOWERS in [part.audience for part in parts.values()]
    return Audience.FOLLOWERS if narrow else checked_audience(wanted)


def _count(
    post: Written,
    author: Account,
    parent: Parent | None,
    audience: str,
    parts: Mapping[str, Part],
    now: datetime,
) -> int:
    """Enter the post wherever it counts; return the version of its author's relations."""
    if audience == Audience.PUBLIC and parent is None:
        candidates.enter(post.id, author_id=author.id)
    version = counters.published(author.id, step=1, on=now.date())
    for part in parts.values():
        for other_id, steps in part.counts.items():
            counters.bump(other_id, **steps)
    if parent is not None:
        counters.bump(parent.id, replies=1)
        if audience != Audience.FOLLOWERS:
            candidates.answered(parent.id, by=author.id, reply_id=post.id, step=1)
    return version


def checked_audience(audience: str) -> str:
    """Return the audience. Raises Invalid for one that does not exist."""
    if audience not in Audience.values:
        raise Invalid(
            f"Validation failed: Visibility must be one of public, unlisted, private; not {audience[:40]!r}"
        )
    return audience


def checked_language(language: str) -> str:
    """Return the language in lower case. Raises Invalid for what is no ISO 639 code."""
    code = languages.parse(language) if language else ""
    if code is None:
        raise Invalid(f"Validation failed: Language must be an ISO 639 code, not {language[:40]!r}")
    return code


def checked_circle(circle: str) -> str:
    """Return the circle. Raises Invalid for one that does not exist."""
    if circle not in Circle.values:
        names = ", ".join(Circle.values)
        raise Invalid(
            f"Validation failed: Who may answer or quote must be one of {names}; not {circle[:40]!r}"
        )
    return circle


# Columns that a post has; a part of it may fill some.
_ROW: dict[str, Any] = {
    "author_id": None,
    "audience": "",
    "text": "",
    "html": "",
    "warning": "",
    "sensitive": False,
    "language": "",
    "in_reply_to_id": None,
    "in_reply_to_account_id": None,
    "quote_of_id": None,
    "quote_state": "",
    "replying": Circle.EVERYBODY.value,
    "quoting": Circle.EVERYBODY.value,
    "application_id": None,
}
_LISTS: dict[str, str] = {"mentions": "bigint[]", "tags": "text[]", "parts": "text[]"}
_VALUES = ", ".join(
    [*(f"%({name})s" for name in _ROW), *(f"%({name})s::{kind}" for name, kind in _LISTS.items())]
)
# The post, and the row that says it is still to be delivered (`outbox.OWE`), in one statement. What is answered
# says which thread this belongs to.
_INSERT = f"""
WITH post AS (
INSERT INTO feed_post (id, {", ".join([*_ROW, *_LISTS])}, thread_id)
VALUES (%(id)s, {_VALUES},
        (SELECT coalesce(x.thread_id, x.id) FROM feed_post x WHERE x.id = %(in_reply_to_id)s))
ON CONFLICT (id) DO NOTHING RETURNING id, thread_id
), owed AS ({outbox.OWE})
SELECT id, thread_id FROM post
"""


def _insert(post_id: int, columns: Mapping[str, Any], parts: Mapping[str, Part], now: datetime) -> Written:
    row = {**_ROW, **dict.fromkeys(_LISTS, ()), **columns}
    for part in parts.values():
        row.update(part.columns)
    row["sensitive"] = bool(row["sensitive"] or row["warning"])
    row["parts"] = [key for key in parts if not POST_TYPES[key].always]
    for name in _LISTS:
        row[name] = list(row[name])
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_INSERT, {**row, "id": post_id})
            if (stored := cursor.fetchone()) is not None:
                number, thread_id = stored
                return Written(number, thread_id, row["author_id"], row["audience"])
            post_id = ids.at(now)  # another process drew the same id in the same millisecond


_CLAIM = """
INSERT INTO feed_idempotencykey AS k (account_id, key, post_id, created_at)
VALUES (%(account)s, %(key)s, %(post)s, %(now)s)
ON CONFLICT (account_id, key) DO UPDATE SET post_id = excluded.post_id, created_at = excluded.created_at
WHERE k.created_at < %(expired)s
RETURNING post_id
"""


def known_by(account_id: int, key: str, now: datetime) -> int | None:
    """Return what the key stands for within the hour, as `claim_key` does; nothing is tied to it."""
    if not key:
        return None
    held = IdempotencyKey.objects.filter(account_id=account_id, key=key, created_at__gte=now - IDEMPOTENCY)
    return held.values_list("post_id", flat=True).first()


def claim_key(account_id: int, key: str, post_id: int, now: datetime) -> int | None:
    """Tie the key to the post, or return what it stands for; waits for a twin in flight to end.

    A scheduled post (`operations/scheduled.py`) is told by its id below zero.
    """
    if len(key) > 255:
        raise Invalid(f"Idempotency-Key is {len(key)} characters long; the limit is 255.")
    row: dict[str, Any] = {
        "account": account_id,
        "key": key,
        "post": post_id,
        "now": now,
        "expired": now - IDEMPOTENCY,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, row)
        if cursor.fetchone() is not None:
            return None
        cursor.execute(
            "SELECT post_id FROM feed_idempotencykey WHERE account_id = %(account)s AND key = %(key)s",
            {"account": account_id, "key": key},
        )
        before = cursor.fetchone()
        return int(before[0]) if before else None
