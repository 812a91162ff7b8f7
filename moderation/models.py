"""Nouns of moderation. Cases, decisions and statements come with the moderation queue."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from upscrolled.models import Account


class Report(models.Model):
    """What somebody told the moderators about an account and, perhaps, some of its posts."""

    class Category(models.TextChoices):
        """Mastodon's four categories."""

        SPAM = "spam"
        LEGAL = "legal"
        VIOLATION = "violation"
        OTHER = "other"

    reporter = models.ForeignKey(Account, models.PROTECT, related_name="+")
    target = models.ForeignKey(Account, models.PROTECT, related_name="+")
    post_ids = ArrayField(models.BigIntegerField(), default=list)
    rule_ids = ArrayField(models.TextField(), default=list)
    category = models.CharField(max_length=10, choices=Category, default=Category.OTHER)
    comment = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["target", "-id"], name="report_of_target"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"
