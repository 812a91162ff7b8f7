"""Candidate: a post that discover may draw, with the counts of its tickets (see docs/ranking.md)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from feed.models.post import Post
from upscrolled.models import Account


class Candidate(models.Model):
    """The row exists exactly while the post is public, original and live.

    Whether its author opted out, closed the account or is restricted is read when a pool is frozen.

    `likes`, `comments`, `shares` count distinct confirmed people, never the author; they are not the
    numbers beside the post. `base` is the clock-free order of spec version 1. `ring` is mix(id) shifted into
    a signed 64-bit number with its order kept; `day` is the UTC day number of the post. `video` says that it has
    a video which is ready: such posts stand in the pool of that name too.
    """

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    author_id = models.BigIntegerField()
    likes = models.IntegerField(default=0)
    comments = models.IntegerField(default=0)
    shares = models.IntegerField(default=0)
    base = models.FloatField()
    ring = models.BigIntegerField()
    day = models.IntegerField()
    video = models.BooleanField(db_default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["-base", "-post"],
                name="candidate_popular",
                include=["author_id", "likes", "comments", "shares"],
            ),
            models.Index(
                fields=["day", "ring"],
                name="candidate_fresh",
                include=["post", "author_id", "likes", "comments", "shares", "base"],
                condition=Q(likes__lte=9, comments__lte=4, shares__lte=3),
            ),
            models.Index(
                fields=["-base", "-post"],
                name="candidate_video_popular",
                include=["author_id", "likes", "comments", "shares"],
                condition=Q(video=True),
            ),
            models.Index(
                fields=["day", "ring"],
                name="candidate_video_fresh",
                include=["post", "author_id", "likes", "comments", "shares", "base"],
                condition=Q(video=True, likes__lte=9, comments__lte=4, shares__lte=3),
            ),
            models.Index(fields=["author_id"], name="candidate_author"),
        ]

    def __str__(self) -> str:
        return f"candidate {self.post_id}"


class Uncounted(models.Model):
    """An account whose tickets are out of the counts above, because of its standing when this row was written.

    It closed, is suspended, on hold or uncounted by a decision. Who is in here and who should be are compared by
    the clock (`feed/standing.py`): what the ground or moderation does to an account is never told to discover.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} gives no tickets"
