"""Hashtags and the posts that carry them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from feed.models.post import Post


class Tag(models.Model):
    """A hashtag: `name` is its normal form (NFKC, case folded), `display` as it was first written."""

    name = models.TextField(unique=True)
    display = models.TextField()

    def __str__(self) -> str:
        return f"#{self.name}"


class PostTag(models.Model):
    """`post` carries `tag`; the tag's timeline is this table's index."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tag", "post"], name="one_tag_per_post"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.post_id}"
