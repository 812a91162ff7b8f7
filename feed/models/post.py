"""Post: what somebody published, or a share of it; its counts and its earlier versions."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from upscrolled.core import ids
from upscrolled.models import Account, Audience


class Post(models.Model):
    """A text, or a share of another post (`repost_of`), in one table so that a timeline is one index scan.

    `mentions` and `tags` repeat what the text says, for the rules and the page. Deleting sets `deleted_at`;
    the row is purged later. Who may see a post is decided in `upscrolled/visibility.py` alone.
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
    mentions = ArrayField(models.BigIntegerField(), default=list)
    tags = ArrayField(models.TextField(), default=list)
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
            models.Index(
                fields=["repost_of", "-id"], name="post_reposts", condition=Q(repost_of__isnull=False)
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
    likes = models.IntegerField(default=0)
    reposts = models.IntegerField(default=0)
    replies = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"counters of {self.post_id}"


class PostEdit(models.Model):
    """A version of a post as it stood before it was edited."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    warning = models.TextField(blank=True)
    sensitive = models.BooleanField()
    language = models.CharField(max_length=8, blank=True)
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"edit of {self.post_id}"
