"""Edit and delete one's own posts."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from feed import candidates, counters
from feed.models import Post, PostEdit, PostTag
from feed.operations import wording
from feed.operations.publish import checked_language
from upscrolled.core.errors import NotFound
from upscrolled.models import Account, Audience, Notification
from upscrolled.operations.notify import notify_many
from upscrolled.visibility import require_interact


@transaction.atomic
def edit_post(
    post_id: int,
    *,
    by: Account,
    text: str,
    warning: str,
    sensitive: bool | None,
    language: str | None,
    now: datetime,
) -> None:
    """Change the words of a post; the version before is kept for everybody to read.

    An edit that changes nothing leaves no version. Who is named for the first time is told, and so are those
    who shared the post. Raises NotFound, TooLong, Invalid.
    """
    require_interact(by)
    post = _locked(post_id, by)
    if post.repost_of_id is not None:
        raise NotFound
    said = wording.read(text, warning)
    new_language = post.language if language is None else checked_language(language)
    new_sensitive = post.sensitive if sensitive is None else sensitive
    new = (said.text, said.warning, new_sensitive or bool(said.warning), new_language)
    if new == (post.text, post.warning, post.sensitive, post.language):
        return
    PostEdit.objects.create(
        post=post,
        text=post.text,
        html=post.html,
        warning=post.warning,
        sensitive=post.sensitive,
        language=post.language,
        written_at=post.edited_at or post.created_at,
    )
    named_before = set(post.mentions)
    post.text, post.warning, post.sensitive, post.language = new
    post.html, post.mentions, post.tags, post.edited_at = said.html, said.mentions, said.tags, now
    post.save(
        update_fields=[
            "text", "warning", "sensitive", "language", "html", "mentions", "tags", "edited_at",
        ]
    )  # fmt: skip
    PostTag.objects.filter(post=post).delete()
    wording.index_tags(post.id, said)
    named = [account_id for account_id in said.mentions if account_id not in named_before]
    notify_many(named, Notification.Kind.MENTION, actor_id=by.id, subject_id=post.id, now=now)
    notify_many(_sharers(post.id), Notification.Kind.EDIT, actor_id=by.id, subject_id=post.id, now=now)


@transaction.atomic
def delete_post(post_id: int, *, by: Account, now: datetime) -> None:
    """Delete a post of one's own, or a share; every list stops showing it at once. Raises NotFound."""
    post = _locked(post_id, by)
    Post.objects.filter(pk=post.id).update(deleted_at=now)
    if post.repost_of_id is not None:
        counters.bump(post.repost_of_id, reposts=-1)
        if post.audience == Audience.PUBLIC:
            candidates.shared(post.repost_of_id, by=by.id, step=-1)
        return
    counters.published(by.id, step=-1, on=None)
    candidates.leave(post.id)
    PostTag.objects.filter(post=post).delete()
    Notification.objects.filter(subject_id=post.id).delete()
    if post.in_reply_to_id is not None:
        counters.bump(post.in_reply_to_id, replies=-1)
        if post.audience != Audience.FOLLOWERS:
            candidates.answered(post.in_reply_to_id, by=by.id, reply_id=post.id, step=-1)


def _locked(post_id: int, by: Account) -> Post:
    post = (
        Post.objects.select_for_update().filter(pk=post_id, author_id=by.id, deleted_at__isnull=True).first()
    )
    if post is None:
        raise NotFound
    return post


def _sharers(post_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT author_id FROM feed_post
               WHERE repost_of_id = %(post)s AND deleted_at IS NULL ORDER BY id DESC LIMIT 10000""",
            {"post": post_id},
        )
        return [row[0] for row in cursor.fetchall()]
