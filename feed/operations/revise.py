"""Edit and delete one's own posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from feed import candidates, counters, post_types
from feed.finding import ledger as search
from feed.models import Pin, Post, PostEdit, QuoteState
from feed.operations.publish import checked_circle, checked_language
from feed.post_types import POST_TYPES
from feed.post_types.base import Change
from feed.post_types.media import attachments_of
from upscrolled import acting, outbox, tasks
from upscrolled.core.errors import NotFound
from upscrolled.models import Account, Audience, Notification
from upscrolled.operations import attachments
from upscrolled.operations.notify import notify_many, withdraw
from upscrolled.visibility import require_interact

TOLD_MAX = 10_000  # people told of one edit


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants their post to be. None leaves a thing as it is.

    `parts` says by post type what the post shall have, None for what it shall no longer have; types that are
    absent stay.
    """

    parts: Mapping[str, Any] = field(default_factory=dict)
    sensitive: bool | None = None
    language: str | None = None
    replying: str | None = None
    quoting: str | None = None


@transaction.atomic
def edit_post(post_id: int, *, by: Account, edit: Edit, now: datetime) -> None:
    """Change a post; the version before is kept for everybody to read.

    An edit that changes nothing to be read leaves no version. Who is named for the first time is told, and so
    are those who shared or quoted the post. Raises NotFound, TooLong, Invalid.
    """
    require_interact(by)
    post = _locked(post_id, by)
    if post.repost_of_id is not None:
        raise NotFound
    parts = post_types.complete(edit.parts, having=post.parts)
    changes = {key: POST_TYPES[key].change(post, wanted, now=now) for key, wanted in parts.items()}
    new = _columns(post, edit, changes)
    read = {name: new[name] for name in ("sensitive", "language")}
    differs = any(change.differs for change in changes.values()) or any(
        getattr(post, name) != value for name, value in read.items()
    )
    if differs:
        _keep_version(post)
        new["edited_at"] = now
    Post.objects.filter(pk=post.id).update(**new)
    for key, change in changes.items():
        POST_TYPES[key].revise(post, change, by=by, now=now)
    if "media" in changes:
        candidates.look_for_video(post.id)
    search.enter_anew(post.id)
    if differs:
        outbox.owe("status.update", post.id)
        tasks.tell_soon()
        for kind, told in ((Notification.Kind.EDIT, _SHARERS), (Notification.Kind.QUOTED_EDIT, _QUOTERS)):
            notify_many(_people(told, post.id), kind, actor_id=by.id, subject_id=post.id, now=now)


def _columns(post: Post, edit: Edit, changes: Mapping[str, Change]) -> dict[str, Any]:
    """Return the columns of the post as the edit leaves them."""
    gone = {key for key, change in changes.items() if not change.has}
    has = {key for key, change in changes.items() if change.has} | set(post.parts)
    new: dict[str, Any] = {
        "parts": [key for key, kind in POST_TYPES.items() if key in has - gone and not kind.always],
        "language": post.language if edit.language is None else checked_language(edit.language),
        "replying": checked_circle(edit.replying or post.replying),
        "quoting": checked_circle(edit.quoting or post.quoting),
    }
    for change in changes.values():
        new.update(change.columns)
    warned = bool(new.get("warning", post.warning))
    new["sensitive"] = warned or (post.sensitive if edit.sensitive is None else edit.sensitive)
    return new


def _keep_version(post: Post) -> None:
    version: dict[str, Any] = {}
    for key, kind in POST_TYPES.items():
        if kind.always or key in post.parts:
            version.update(kind.version(post))
    PostEdit.objects.create(
        post=post,
        sensitive=post.sensitive,
        language=post.language,
        written_at=post.edited_at or post.created_at,
        **version,
    )


@transaction.atomic
def choose_who_quotes(post_id: int, *, by: Account, quoting: str) -> None:
    """Choose who may quote a post of one's own from now on; quotes that stand go on standing. Raises NotFound."""
    require_interact(by)
    chosen = checked_circle(quoting)
    if not Post.objects.filter(pk=_locked(post_id, by).pk, repost_of__isnull=True).update(quoting=chosen):
        raise NotFound


@transaction.atomic
def revoke_quote(post_id: int, *, of: int, by: Account) -> None:
    """Take a post of one's own, `of`, out of the post that quotes it; once is for good. Raises NotFound."""
    quoting = (
        Post.objects.select_for_update(no_key=True)
        .filter(pk=post_id, quote_of_id=of, deleted_at__isnull=True)
        .first()
    )
    if quoting is None or not Post.objects.filter(pk=of, author_id=by.id, deleted_at__isnull=True).exists():
        raise NotFound
    if quoting.quote_state == QuoteState.ACCEPTED:
        acting.as_owner(by.id)
        Post.objects.filter(pk=quoting.pk).update(quote_state=QuoteState.REVOKED)
        counters.bump(of, quotes=-1)
        outbox.owe("status.update", post_id)
        tasks.tell_soon()


@transaction.atomic
def delete_post(post_id: int, *, by: Account, now: datetime, with_media: bool = False) -> None:
    """Delete a post of one's own, or a share; every list stops showing it at once. Raises NotFound.

    Its attachments are private from then on, and stay for a while to be posted anew; `with_media`: they go with it.
    """
    post = _locked(post_id, by)
    media = attachments_of(post.id) if with_media else []
    Post.objects.filter(pk=post.id).update(deleted_at=now)
    outbox.owe("delete", post.id)
    tasks.tell_soon()
    if post.repost_of_id is not None:
        counters.bump(post.repost_of_id, reposts=-1)
        if post.audience == Audience.PUBLIC:
            candidates.shared(post.repost_of_id, by=by.id, step=-1)
        withdraw(Notification.Kind.REPOST, actor_id=by.id, subject_id=post.repost_of_id)
        return
    counters.published(by.id, step=-1, on=None)
    candidates.leave(post.id)
    search.forget(post.id)
    for key, kind in POST_TYPES.items():
        if kind.always or kind.lasts or key in post.parts:
            for other_id, steps in kind.delete(post, now=now).items():
                counters.bump(other_id, **steps)
    if media:
        attachments.let_go(media, now=now, at_once=True)
    Notification.objects.filter(subject_id=post.id).delete()
    Pin.objects.filter(post=post).delete()
    if post.in_reply_to_id is not None:
        counters.bump(post.in_reply_to_id, replies=-1)
        if post.audience != Audience.FOLLOWERS:
            candidates.answered(post.in_reply_to_id, by=by.id, reply_id=post.id, step=-1)


def _locked(post_id: int, by: Account) -> Post:
    # Not its key: whoever likes it, or lets it be found, refers to it and would wait, and wait crosswise at that.
    post = (
        Post.objects.select_for_update(no_key=True)
        .filter(pk=post_id, author_id=by.id, deleted_at__isnull=True)
        .first()
    )
    if post is None:
        raise NotFound
    acting.as_owner(by.id)
    return post


_SHARERS = """
SELECT author_id FROM feed_post WHERE repost_of_id = %(post)s AND deleted_at IS NULL
ORDER BY id DESC LIMIT %(limit)s
"""
_QUOTERS = f"""
SELECT author_id FROM feed_post
WHERE quote_of_id = %(post)s AND deleted_at IS NULL AND quote_state = '{QuoteState.ACCEPTED}'
ORDER BY id DESC LIMIT %(limit)s
"""


def _people(sql: str, post_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"post": post_id, "limit": TOLD_MAX})
        return list(dict.fromkeys(row[0] for row in cursor.fetchall()))
