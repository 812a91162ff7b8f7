"""Posts that are not published yet."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from upscrolled.models import Account


class ScheduledPost(models.Model):
    """What somebody wants published at `publish_at`, or kept as a draft when that is null.

    `wanted` is what the client sent, checked. `refused` says why it could not be published when its time came.
    `when_ready`: it waits for nothing but its media, and its time is when somebody looks again.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    publish_at = models.DateTimeField(null=True)
    wanted = models.JSONField()
    refused = models.TextField(blank=True, default="")
    when_ready = models.BooleanField(db_default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="scheduled_of_account"),
            models.Index(
                fields=["publish_at"],
                name="scheduled_due",
                condition=models.Q(publish_at__isnull=False, refused=""),
            ),
        ]

    def __str__(self) -> str:
        return f"scheduled post {self.pk}"
