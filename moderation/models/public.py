"""Notices of people without an account: Article 16 of the Digital Services Act."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from moderation.models.case import Report


class PublicNotice(models.Model):
    """Who sent a report by the public form, and when they were told what became of it.

    Name and address may be empty for the abuse of children, and are emptied once nobody needs them any more. Whoever
    gave no address reads the outcome by the link alone.
    """

    report = models.OneToOneField(Report, models.PROTECT, primary_key=True, related_name="notice")
    name = models.CharField(max_length=200, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    language = models.CharField(max_length=8)
    law = models.CharField(max_length=500, blank=True, default="")
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["report"],
                name="public_notice_untold",
                condition=Q(told_at__isnull=True) & ~Q(email=""),
            ),
        ]

    def __str__(self) -> str:
        return f"public notice {self.report_id}"
