"""What one account wants of another: follow, ask to follow, block, mute."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from upscrolled.models.account import Account


class _Edge(models.Model):
    """From `account` to `target`, at most once. Rows are found from both ends by covering indexes."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    target = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "target"], name="one_%(class)s_per_pair"),
            models.CheckConstraint(
                condition=~models.Q(account=models.F("target")), name="no_%(class)s_of_oneself"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="%(class)s_from"),
            models.Index(fields=["target", "-id"], name="%(class)s_to"),
        ]


class Follow(_Edge):
    """`account` reads `target`: posts in home, reposts too unless switched off."""

    reposts = models.BooleanField(default=True)
    notify = models.BooleanField(default=False)
    languages = ArrayField(models.CharField(max_length=8), null=True, default=None)

    class Meta(_Edge.Meta):
        pass


class FollowRequest(_Edge):
    """`account` asks to follow the private account `target`."""

    reposts = models.BooleanField(default=True)
    notify = models.BooleanField(default=False)
    languages = ArrayField(models.CharField(max_length=8), null=True, default=None)

    class Meta(_Edge.Meta):
        pass


class Block(_Edge):
    """Neither sees the other."""

    class Meta(_Edge.Meta):
        pass


class Mute(_Edge):
    """`account` does not want `target` in front of them, until `expires_at` if that is set."""

    notifications = models.BooleanField(default=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(_Edge.Meta):
        pass
