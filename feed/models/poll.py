"""A poll on a post, and who chose what."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from feed.models.post import Post
from upscrolled.models import Account


class Poll(models.Model):
    """A question on a post. `votes` counts each option, `voters` the people; `told` once the end was announced."""

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    options = ArrayField(models.TextField())
    multiple = models.BooleanField(default=False)
    hide_totals = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)
    votes = ArrayField(models.IntegerField())
    voters = models.IntegerField(default=0)
    told = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="poll_ends", condition=models.Q(told=False)),
        ]

    def __str__(self) -> str:
        return f"poll of {self.post_id}"


class PollVote(models.Model):
    """`account` chose these options (their numbers, from 0)."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    choices = ArrayField(models.SmallIntegerField())
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["poll", "account"], name="one_vote_per_person"),
        ]

    def __str__(self) -> str:
        return f"vote of {self.account_id}"
