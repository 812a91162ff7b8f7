"""Discover's public record: pools as they were frozen, and what the freeze's audits of itself found."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class FrozenPool(models.Model):
    """A pool, signed and chained to the one before: a row is written before anybody draws from the pool.

    `pool` is a name of `feed.timelines.kinds.KINDS`. `frame` is what was published of it (`feed.ranking.frames`):
    all of it, or the difference to the row before. `cut` is the lowest base of a full popular part, null while it
    is not full. `arc_start` and `arc_end` are points of the ring, shifted into signed numbers as `Candidate.ring`
    is. The rows of one pool are in order of their ids; a clock may be set back, an id is not.
    """

    pool = models.CharField(max_length=10)
    epoch_ms = models.BigIntegerField()
    frozen_at = models.DateTimeField()
    version = models.IntegerField()
    digest = models.BinaryField()
    previous = models.BinaryField()
    posts = models.IntegerField()
    popular = models.IntegerField()
    fresh = models.IntegerField()
    cut = models.FloatField(null=True)
    arc_start = models.BigIntegerField()
    arc_end = models.BigIntegerField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField()
    is_keyframe = models.BooleanField()
    size = models.IntegerField()
    frame = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Two empty pools of one moment are the same bytes, and stand in two chains.
            models.UniqueConstraint(fields=["digest", "pool"], name="one_row_for_each_pool"),
            # The chain never forks: a pool has one successor.
            models.UniqueConstraint(fields=["pool", "previous"], name="one_successor_for_each_pool"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["pool", "-id"], name="pools_in_order"),
            models.Index(fields=["pool", "-id"], name="pool_keyframes", condition=models.Q(is_keyframe=True)),
        ]

    def __str__(self) -> str:
        return f"pool {self.pool} of {self.epoch_ms}"


class PoolAudit(models.Model):
    """What a freeze found when it compared its pool with the posts themselves, in its own snapshot.

    `missing` had to be in and are not, `surplus` are in and had not to be: both must be empty. `restricted` counts by
    kind the posts that would be in but for a decision; whose they are is nobody's business.
    """

    pool = models.CharField(max_length=10)
    epoch_ms = models.BigIntegerField()
    digest = models.BinaryField()
    audited_at = models.DateTimeField()
    looked_at = models.IntegerField()
    missing = ArrayField(models.BigIntegerField())
    surplus = ArrayField(models.BigIntegerField())
    restricted = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["pool", "-id"], name="audits_in_order"),
        ]

    def __str__(self) -> str:
        return f"audit of pool {self.pool} of {self.epoch_ms}"

    @property
    def is_clean(self) -> bool:
        """Whether the pool was what it had to be."""
        return not self.missing and not self.surplus


class DiscoverChoice(models.Model):
    """What somebody chose for their discover; without a row, everything is shown.

    `languages` empty: all. Posts without a language are shown to everybody.
    """

    account = models.OneToOneField("upscrolled.Account", models.CASCADE, primary_key=True, related_name="+")
    languages = ArrayField(models.CharField(max_length=8), default=list)
    sensitive = models.BooleanField(default=True)
    followed = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"what {self.account_id} chose for discover"


class HiddenPost(models.Model):
    """A post that somebody does not want to meet in discover again."""

    account = models.ForeignKey("upscrolled.Account", models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey("feed.Post", models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "post"], name="hidden_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} hidden by {self.account_id}"


class Impressions(models.Model):
    """How often a post was part of a page, by surface: an estimate from a sample (`feed.timelines.impressions`)."""

    pk = models.CompositePrimaryKey("post_id", "surface")
    post = models.ForeignKey(
        "feed.Post", models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    surface = models.CharField(max_length=10)
    estimate = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.post_id} on {self.surface}"
