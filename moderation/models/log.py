"""The public log: entries written with the decisions, leaves in the order in which they were published."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from moderation.models.acts import PublicAct
from moderation.models.decision import Decision


class LogEntry(models.Model):
    """What the world learns of a decision: canonical JSON without any identity, and its leaf hash (RFC 6962)."""

    decision = models.OneToOneField(Decision, models.PROTECT, primary_key=True, related_name="log_entry")
    data = models.TextField()
    hash = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"log entry of decision {self.decision_id}"


class LogLeaf(models.Model):
    """An entry, of a decision or of another act, at its place in the tree.

    Batches are shuffled, so a place says nothing of the moment.
    """

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(LogEntry, models.PROTECT, null=True, related_name="leaf")
    act = models.OneToOneField(PublicAct, models.PROTECT, null=True, related_name="leaf")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(entry__isnull=False, act__isnull=True) | Q(entry__isnull=True, act__isnull=False),
                name="a_leaf_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"leaf {self.index}"


class LogTile(models.Model):
    """Up to 256 hashes of one level (C2SP tlog-tiles); made from the leaves, and made again if it is lost."""

    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["level", "number"], name="one_tile_a_place"),
        ]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.number}"


class LogCheckpoint(models.Model):
    """A signed word on the whole log: how many leaves, and their root. `note` is the signed note (C2SP)."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"
