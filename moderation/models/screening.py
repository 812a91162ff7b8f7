"""At the door: the mode of a rule where an operator chose another, and how often each rule was met."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ScreenMode(models.Model):
    """The mode in which a rule works, in place of the one it was shipped with."""

    rule = models.CharField(max_length=60, primary_key=True)
    mode = models.CharField(max_length=10)
    because = models.TextField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rule}: {self.mode}"


class ScreenHits(models.Model):
    """How often a rule was met on a day; what was written is not kept."""

    rule = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    mode = models.CharField(max_length=10)
    field = models.CharField(max_length=10)
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rule", "version", "mode", "field", "day"], name="hits_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.rule} on {self.day}"


class ScreenedTag(models.Model):
    """Up to which hashtag the clock has looked."""

    upto = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"hashtags up to {self.upto}"
