"""What people do with a post beside answering it. A share is a post of its own (`Post.repost_of`)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from feed.models.post import Post
from upscrolled.models import Account


class _Mark(models.Model):
    """`account` marked `post`, at most once; lists are paged by this row's own id."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post", "account"], name="one_%(class)s_per_person"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="%(class)s_by_account"),
        ]


class Like(_Mark):
    """Public approval."""

    class Meta(_Mark.Meta):
        indexes: ClassVar[list[models.Index]] = [
            *_Mark.Meta.indexes,
            models.Index(fields=["post", "-id"], name="like_of_post"),
        ]

    def __str__(self) -> str:
        return f"like of {self.post_id}"


class Bookmark(_Mark):
    """A private note to come back."""

    class Meta(_Mark.Meta):
        pass

    def __str__(self) -> str:
        return f"bookmark of {self.post_id}"
