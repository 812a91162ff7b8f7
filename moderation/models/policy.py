"""Policies: what is not allowed, as versioned rows that a decision pins."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class PolicyVersion(models.Model):
    """One version of a policy. Rows only come; a changed text is a new version.

    `texts` holds by language the title, the rule and why it exists. `severity` is 1 to 10. `category` is one of
    the Transparency Database of the EU. A strike under it weighs `strike_weight` for `strike_days` days.
    """

    key = models.CharField(max_length=30)
    version = models.PositiveIntegerField()
    severity = models.PositiveSmallIntegerField()
    lane = models.CharField(max_length=12)
    category = models.CharField(max_length=60)
    strike_weight = models.PositiveSmallIntegerField()
    strike_days = models.PositiveSmallIntegerField()
    texts = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "version"], name="policy_version_once"),
            models.CheckConstraint(
                condition=models.Q(severity__gte=1, severity__lte=10), name="policy_severity_1_to_10"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}, version {self.version}"


class PolicyExample(models.Model):
    """A test case of a policy version: a text, and whether it breaks the policy."""

    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="examples")
    language = models.CharField(max_length=8)
    text = models.TextField()
    breaks = models.BooleanField()
    why = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"example {self.pk} of {self.policy_id}"
