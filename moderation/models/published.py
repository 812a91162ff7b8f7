"""Figures as they were last counted from the public log."""

from __future__ import annotations

from django.db import models


class PublishedFigures(models.Model):
    """Figures of the first `size` leaves of the log; anybody counts the same from them. Made again if lost."""

    size = models.BigIntegerField(primary_key=True)
    figures = models.JSONField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"figures of {self.size} leaves"
