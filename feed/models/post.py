"""Post: what somebody published, or a share of it; its counts and its earlier versions."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from upscrolled.core import ids
from upscrolled.models import Account, Audience, Circle


class QuoteState(models.TextChoices):
    """Where a quote stands with the author of what it quotes."""

    ACCEPTED = "accepted"
    REVOKED = "revoked"


class Post(models.Model):
    """A text, or a share of another post (`repost_of`), in one table so that a timeline is one index scan.

    `mentions` and `tags` repeat what the text says, for the rules and the page. `thread_id` is the post that
    began the thread, null for that post itself. `quoting` and `replying` say whom the author lets quote and
    answer. `parts` names the post types that brought something beside the text (keys of
    `feed.post_types.POST_TYPES`), so that a page asks only for what its posts have. Deleting sets `deleted_at`;
    the row is purged later.
    Who may see a post is decided in `upscrolled/visibility.py` alone.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    author = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    audience = models.CharField(max_length=10, choices=Audience)
    text = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    warning = models.TextField(blank=True, default="")
    sensitive = models.BooleanField(default=False)
    language = models.CharField(max_length=8, blank=True, default="")
    in_reply_to = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_index=False)
    in_reply_to_account_id = models.BigIntegerField(null=True)
    repost_of = models.ForeignKey("self", models.CASCADE, null=True, related_name="+", db_index=False)
    quote_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_index=False)
    quote_state = models.CharField(max_length=10, choices=QuoteState, blank=True, db_default="")
    quoting = models.CharField(max_length=10, choices=Circle, db_default=Circle.EVERYBODY)
    replying = models.CharField(max_length=10, choices=Circle, db_default=Circle.EVERYBODY)
    thread_id = models.BigIntegerField(null=True)
    mentions = ArrayField(models.BigIntegerField(), default=list)
    tags = ArrayField(models.TextField(), default=list)
    parts = ArrayField(models.TextField(), default=list, db_default=[])
    application_id = models.BigIntegerField(null=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["author", "repost_of"],
                condition=Q(repost_of__isnull=False, deleted_at__isnull=True),
                name="one_repost_per_person",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # For the foreign key: whether somebody who is to go ever posted, deleted posts too.
            models.Index(fields=["author"], name="post_of_author"),
            # For the sweep of what was deleted a month ago.
            models.Index(fields=["deleted_at"], name="post_deleted", condition=Q(deleted_at__isnull=False)),
            models.Index(
                fields=["author", "-id"], name="post_by_author", condition=Q(deleted_at__isnull=True)
            ),
            models.Index(
                fields=["-id"],
                name="post_public",
                condition=Q(
                    audience="public",
                    repost_of__isnull=True,
                    in_reply_to_account_id__isnull=True,
                    deleted_at__isnull=True,
                ),
            ),
            models.Index(
                fields=["in_reply_to", "id"],
                name="post_replies",
                condition=Q(in_reply_to__isnull=False),
            ),
            models.Index(fields=["quote_of", "-id"], name="post_quotes", condition=Q(quote_of__isnull=False)),
            models.Index(
                fields=["repost_of", "-id"], name="post_reposts", condition=Q(repost_of__isnull=False)
            ),
            # Pages of media alone, for profiles and for everybody's.
            models.Index(
                fields=["author", "-id"],
                name="post_media_by_author",
                condition=Q(deleted_at__isnull=True, parts__contains=["media"]),
            ),
            models.Index(
                fields=["-id"],
                name="post_media_public",
                condition=Q(
                    audience="public",
                    repost_of__isnull=True,
                    in_reply_to_account_id__isnull=True,
                    deleted_at__isnull=True,
                    parts__contains=["media"],
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"post {self.id}"

    @property
    def created_at(self) -> datetime:
        """When it was published; the id carries it."""
        return ids.created_at(self.id)


class PostCounters(models.Model):
    """What people see beside a post, exact: one narrow row, made by the first answer to the post."""

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    likes = models.IntegerField(db_default=0)
    reposts = models.IntegerField(db_default=0)
    replies = models.IntegerField(db_default=0)
    quotes = models.IntegerField(db_default=0)

    def __str__(self) -> str:
        return f"counters of {self.post_id}"


class SideCount(models.Model):
    """What one database connection counted beside a post while another was at the row of its counters.

    A post's number is its `PostCounters` and all of these together, and a candidate's tickets are its own and
    the `ticket_` columns; there are none but of posts to which many answer at the same moment. Each connection
    has a row of its own, so nobody waits; `feed/counters.py` writes them, and folds them in by the clock.
    """

    pk = models.CompositePrimaryKey("post_id", "backend")
    # No constraint: checking it would have everybody lock the row of the one post.
    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    backend = models.IntegerField()
    likes = models.IntegerField(db_default=0)
    reposts = models.IntegerField(db_default=0)
    replies = models.IntegerField(db_default=0)
    quotes = models.IntegerField(db_default=0)
    ticket_likes = models.IntegerField(db_default=0)
    ticket_comments = models.IntegerField(db_default=0)
    ticket_shares = models.IntegerField(db_default=0)

    def __str__(self) -> str:
        return f"what {self.backend} counted beside {self.post_id}"


class PostEdit(models.Model):
    """A version of a post as it stood before it was edited.

    `media` lists the attachments it had, each with what was said of it then: id, description, focus.
    """

    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    warning = models.TextField(blank=True)
    sensitive = models.BooleanField()
    language = models.CharField(max_length=8, blank=True)
    poll_options = ArrayField(models.TextField(), null=True)
    media = models.JSONField(null=True)
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"edit of {self.post_id}"
