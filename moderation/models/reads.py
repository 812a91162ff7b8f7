"""Who of the staff read what not everybody may see, whose it was, and why."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from upscrolled.models import Account


class PrivateRead(models.Model):
    """A read of what belongs to accounts and is not public, such as their addresses. Rows only come.

    What is read in a case stands in the history of that case (`CaseEvent`, kinds `looked at` and `read`).
    """

    by = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    at = models.DateTimeField()
    what = models.CharField(max_length=40)
    why = models.TextField()
    whose = ArrayField(models.BigIntegerField())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(why__regex=r"\S.{2,}"), name="a_read_has_a_reason"),
            models.CheckConstraint(condition=~Q(whose=[]), name="a_read_is_of_somebody"),
        ]
        indexes: ClassVar[list[models.Index]] = [GinIndex(fields=["whose"], name="read_of_whom")]

    def __str__(self) -> str:
        return f"read {self.pk} of {self.what}"
