"""Departure: that somebody left, until when they may come back, and how far the erasure is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from upscrolled.models.account import Account


class Departure(models.Model):
    """An account that its owner left at `left_at`, and that is erased from `erase_at` on.

    `erased_at`: what the ground knows of the person is gone. `emptied_at`: what they published is gone too; the room
    that holds it compares. The account's row stays as a tombstone, so that nobody takes the name.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    left_at = models.DateTimeField()
    erase_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["erase_at"], name="departure_due", condition=Q(erased_at=None)),
            models.Index(
                fields=["account"],
                name="departure_to_empty",
                condition=Q(erased_at__isnull=False, emptied_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"departure of {self.account_id}"
