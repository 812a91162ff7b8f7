"""How much of what was reported each of the moderators has looked at, so that a day has an end."""

from __future__ import annotations

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from upscrolled.models import Account

LIFTED_AT_MOST: Final = 200


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


class ExposureLift(models.Model):
    """That somebody may uncover so many `more` media on a day (UTC) than its limit allows: by whom, and why.

    `dark` are those of the lane of abuse and terror. Rows only come.
    """

    to = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    by = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    day = models.DateField()
    dark = models.BooleanField()
    more = models.IntegerField()
    because = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(more__gte=1, more__lte=LIFTED_AT_MOST), name="a_limit_is_lifted_by_some"
            ),
            models.CheckConstraint(
                condition=Q(because__regex=r"\S.{2,}"), name="a_limit_is_lifted_for_a_reason"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["to", "day"], name="lift_of_a_day")]

    def __str__(self) -> str:
        return f"{self.more} more for {self.to_id} on {self.day}"
