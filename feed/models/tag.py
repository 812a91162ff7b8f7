"""Hashtags and links, the posts that carry them, and how much they were used each day."""

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


class TagDay(models.Model):
    """How often a hashtag was used on a UTC day in public posts, and by how many people."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    uses = models.IntegerField()
    people = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tag", "day"], name="one_tag_day"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day", "-people"], name="tagday_popular"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.day}"


class Link(models.Model):
    """A web address that posts carry; title and picture come with its card (`feed/models/card.py`)."""

    url = models.TextField()
    digest = models.BinaryField(max_length=16, unique=True)

    def __str__(self) -> str:
        return self.url


class PostLink(models.Model):
    """`post` carries `link`; the link's timeline is this table's index."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["link", "post"], name="one_link_per_post"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} on {self.post_id}"


class LinkDay(models.Model):
    """How often a link was posted on a UTC day in public posts, and by how many people."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    uses = models.IntegerField()
    people = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["link", "day"], name="one_link_day"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day", "-people"], name="linkday_popular"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} on {self.day}"
