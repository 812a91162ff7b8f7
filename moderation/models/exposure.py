"""How much of what was reported each of the moderators has looked at, so that a day has an end."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from upscrolled.models import Account


class Exposure(models.Model):
    """The media that somebody uncovered on a day (UTC) in cases of a category, the key of a policy.

    `dark` are those of the lane of abuse and terror, which have a limit of their own. `seen` names each once, as its
    case and itself. Rows are forgotten after a while (`operations/exposure.py`).
    """

    account = models.ForeignKey(
        Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField(db_index=True)
    dark = models.BooleanField()
    category = models.CharField(max_length=30)
    seen = ArrayField(models.TextField())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "day", "dark", "category"], name="exposure_of_a_day"),
            models.CheckConstraint(condition=~Q(seen=[]), name="exposure_to_something"),
        ]

    def __str__(self) -> str:
        return f"{len(self.seen)} of {self.category} on {self.day}"
