"""Place: an entry of the menu from which people choose where they are; and who changed the menu, and how."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from upscrolled.models.account import Account


class Place(models.Model):
    """An entry of the location menu. What places are called and how they are grouped is data, never code.

    `names` maps a language to the name in it. `parent` is the entry that this one stands under, if any.
    A hidden entry is not offered any more; a merged one is shown as the entry it was merged into. Profiles
    keep the id, so both keep what people chose.
    """

    class Kind(models.TextChoices):
        """What sort of entry it is; for clients that draw a menu of several levels."""

        GROUP = "group"
        COUNTRY = "country"
        CITY = "city"

    code = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    names = models.JSONField(default=dict)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.IntegerField(default=0)
    hidden = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="no_place_under_itself"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="no_place_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return self.code


class PlaceChange(models.Model):
    """One change of one entry of the menu: what it was, what it became, who did it and why. Never altered."""

    code = models.CharField(max_length=60)
    action = models.CharField(max_length=12)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    source = models.TextField(blank=True, default="")
    because = models.TextField(blank=True, default="")
    changed_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["code", "-id"], name="place_history")]

    def __str__(self) -> str:
        return f"{self.action} {self.code}"
