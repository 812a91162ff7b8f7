"""Publish a post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from feed import candidates, counters, outbox, tasks
from feed.models import IdempotencyKey
from feed.operations import wording
from feed.operations.wording import Wording
from upscrolled.core import ids, languages
from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Audience, Notification
from upscrolled.operations.notify import notify_many
from upscrolled.visibility import require_interact

IDEMPOTENCY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Parent:
    """The post that is answered; the caller has seen that the author may see it."""

    id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to publish. An empty `audience` or `language` means the author's own choice."""

    text: str
    audience: str = ""
    warning: str = ""
    sensitive: bool | None = None
    language: str = ""
    reply_to: Parent | None = None
    idempotency_key: str = ""
    application_id: int | None = None


@transaction.atomic
def publish_post(*, author: Account, draft: Draft, now: datetime) -> int:
    """Publish a post and return its id; its delivery begins when the transaction has ended.

    The same idempotency key within the hour answers the same post. Raises Invalid (too long, empty, unknown
    audience or language), NotAllowed and NotFound as `require_interact` does.
    """
    said = wording.read(draft.text, draft.warning)
    audience = checked_audience(draft.audience or author.posting_audience())
    language = checked_language(draft.language or author.default_language or author.locale)
    require_interact(author, draft.reply_to.author_id if draft.reply_to else None)
    drawn = ids.at(now)
    if draft.idempotency_key:
        before = _claim_key(author.id, draft.idempotency_key, drawn, now)
        if before is not None:
            return before
    sensitive = author.default_sensitive if draft.sensitive is None else draft.sensitive
    post_id = _insert(drawn, author, draft, said, audience, language, sensitive or bool(said.warning), now)
    if draft.idempotency_key and post_id != drawn:
        IdempotencyKey.objects.filter(account_id=author.id, key=draft.idempotency_key).update(post_id=post_id)
    wording.index_tags(post_id, said)
    if audience == Audience.PUBLIC and draft.reply_to is None:
        candidates.enter(post_id, author_id=author.id)
    counters.published(author.id, step=1, on=now.date())
    if draft.reply_to is not None:
        counters.bump(draft.reply_to.id, replies=1)
        if audience != Audience.FOLLOWERS:
            candidates.answered(draft.reply_to.id, by=author.id, reply_id=post_id, step=1)
    notify_many(said.mentions, Notification.Kind.MENTION, actor_id=author.id, subject_id=post_id, now=now)
    tasks.deliver_soon()
    return post_id


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


# The post, and the row that says it is still to be delivered (`outbox.OWE`), in one statement.
_INSERT = f"""
WITH post AS (
INSERT INTO feed_post (id, author_id, audience, text, html, warning, sensitive, language, in_reply_to_id,
                       in_reply_to_account_id, mentions, tags, application_id)
VALUES (%(id)s, %(author)s, %(audience)s, %(text)s, %(html)s, %(warning)s, %(sensitive)s, %(language)s,
        %(parent)s, %(parent_author)s, %(mentions)s::bigint[], %(tags)s::text[], %(application)s)
ON CONFLICT (id) DO NOTHING RETURNING id
) {outbox.OWE}
"""


def _insert(
    post_id: int,
    author: Account,
    draft: Draft,
    said: Wording,
    audience: str,
    language: str,
    sensitive: bool,
    now: datetime,
) -> int:
    parent = draft.reply_to
    row: dict[str, Any] = {
        "author": author.id,
        "audience": audience,
        "text": said.text,
        "html": said.html,
        "warning": said.warning,
        "sensitive": sensitive,
        "language": language,
        "parent": parent.id if parent else None,
        "parent_author": parent.author_id if parent else None,
        "mentions": said.mentions,
        "tags": said.tags,
        "application": draft.application_id,
    }
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_INSERT, {**row, "id": post_id})
            if cursor.rowcount:
                return post_id
            post_id = ids.at(now)  # another process drew the same id in the same millisecond


_CLAIM = """
INSERT INTO feed_idempotencykey AS k (account_id, key, post_id, created_at)
VALUES (%(account)s, %(key)s, %(post)s, %(now)s)
ON CONFLICT (account_id, key) DO UPDATE SET post_id = excluded.post_id, created_at = excluded.created_at
WHERE k.created_at < %(expired)s
RETURNING post_id
"""


def _claim_key(account_id: int, key: str, post_id: int, now: datetime) -> int | None:
    """Tie the key to the post, or return the post that it stands for; waits for a twin in flight to end."""
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
