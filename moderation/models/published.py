"""Figures as they were last counted from the public log."""

from __future__ import annotations

from django.db import models


class PublishedFigures(models.Model):
    """Figures of the first `size` leaves of the log; anybody counts the same from them. Made again if lost.

    `tally` is the count that goes on when the log has grown (`figures.Tally`).
    """

    size = models.BigIntegerField(primary_key=True)
    figures = models.JSONField()
    tally = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"figures of {self.size} leaves"
