"""Appeals against refusals at the door, by people who may have no account; and what is let in since."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from upscrolled.models import Account


class DoorAppeal(models.Model):
    """What somebody says against the refusal of a name, bio or hashtag by a rule. Once for each refusal (`ticket`).

    `digest` is of the words that were refused, `said` their beginning.
    """

    ticket = models.CharField(max_length=64, unique=True)
    rule = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    field = models.CharField(max_length=10)
    said = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    email = models.CharField(max_length=254, blank=True, default="")
    text = models.TextField()
    filed_at = models.DateTimeField()
    deadline = models.DateTimeField()
    state = models.CharField(max_length=10, default="filed")
    decided_by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="filed", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    Q(state__in=["upheld", "overturned"], decided_by__isnull=False, decided_at__isnull=False)
                    & Q(answer__regex=r"\S.{10,}")
                ),
                name="a_decided_door_appeal_has_an_answer",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["deadline", "id"], name="door_appeal_queue", condition=Q(state="filed")),
        ]

    def __str__(self) -> str:
        return f"door appeal {self.pk}"


class DoorException(models.Model):
    """Words that a rule does not refuse in a field any more, because an appeal succeeded."""

    rule = models.CharField(max_length=60)
    field = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    appeal = models.OneToOneField(DoorAppeal, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rule", "field", "digest"], name="door_exception_once"),
        ]

    def __str__(self) -> str:
        return f"exception {self.pk} of {self.rule}"
