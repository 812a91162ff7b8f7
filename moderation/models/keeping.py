"""How long what was frozen is kept: holds of law on cases, each with a clock."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from moderation.models.case import Case
from upscrolled.models import Account


class CaseHold(models.Model):
    """Keeps the evidence and statements of a case until a day, whatever else would end their time."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=20)
    because = models.TextField()
    placed_by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    placed_at = models.DateTimeField()
    until = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(until__gt=F("placed_at")), name="a_hold_ends_later"),
            models.CheckConstraint(condition=Q(because__regex=r"\S.{2,}"), name="a_hold_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"hold on case {self.case_id}"
