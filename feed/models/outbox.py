"""Rows that say what is still owed, so that a lost queue loses nothing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from feed.models.post import Post
from upscrolled.models import Account


class Delivery(models.Model):
    """`post` still has to be pushed to its readers' timelines. Written with the post, deleted when done."""

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return f"delivery of {self.post_id}"


class IdempotencyKey(models.Model):
    """The post that a client's Idempotency-Key stands for: sent again, the same post is the answer."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    post_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "key"], name="one_post_per_key"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at"], name="idempotency_age"),
        ]

    def __str__(self) -> str:
        return self.key
