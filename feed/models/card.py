"""Cards: what linked pages say of themselves, when they are asked again, and whom nobody asks."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from feed.models.post import Post
from feed.models.tag import Link


class Card(models.Model):
    """The preview of a link, one for all posts that carry it; shown once it has a title.

    `due_at`: its page is to be asked from then on; null: nothing is owed. `leased_until`: a worker is at it until
    then. `attempts` counts in this round of trying. `stale_at`: a post that comes later has the page asked again.
    `hosts` are all that were asked for it, after redirects and for its picture. `failure` is why it last failed.
    """

    link = models.OneToOneField(Link, models.CASCADE, primary_key=True, related_name="+")
    host = models.TextField()
    due_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(db_default=0)
    stale_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    failure = models.TextField(db_default="")
    hosts = ArrayField(models.TextField(), db_default=[])
    title = models.TextField(db_default="")
    description = models.TextField(db_default="")
    author_name = models.TextField(db_default="")
    author_url = models.TextField(db_default="")
    provider = models.TextField(db_default="")
    language = models.CharField(max_length=8, db_default="")
    published_at = models.DateTimeField(null=True)
    image = models.CharField(max_length=200, db_default="")
    image_description = models.TextField(db_default="")
    width = models.IntegerField(db_default=0)
    height = models.IntegerField(db_default=0)
    blurhash = models.CharField(max_length=64, db_default="")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="card_due", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["host", "leased_until"], name="card_leased", condition=Q(leased_until__isnull=False)
            ),
            models.Index(fields=["host"], name="card_of_host"),
            models.Index(fields=["image"], name="card_image", condition=~Q(image="")),
        ]

    def __str__(self) -> str:
        return f"card of {self.link_id}"


class PostCard(models.Model):
    """The link whose card `post` shows: the first of its text that can have one."""

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    link = models.ForeignKey(Link, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"card on {self.post_id}"


class CardSite(models.Model):
    """A host that did not answer the last `failures` times; none of its pages is asked before `silent_until`."""

    host = models.TextField(primary_key=True)
    failures = models.IntegerField()
    silent_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.host


class CardBan(models.Model):
    """A domain of which, and below which, no page gets a preview."""

    domain = models.CharField(max_length=253, unique=True)
    because = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.domain
