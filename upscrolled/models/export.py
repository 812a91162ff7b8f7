"""Export: an archive of what is one's own that somebody asked for, from the wish until it is removed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from upscrolled.models.account import Account


class Export(models.Model):
    """An archive for `account`, stored under `key` once it is ready.

    `due_at` says when the clock does the next step: queued or making, a worker takes it (one that had it before is
    given up); ready or failed, file and row go. `attempts` tells a worker that was given up from the one that has it.
    """

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued"
        MAKING = "making"
        READY = "ready"
        FAILED = "failed"

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    key = models.CharField(max_length=120)
    size = models.BigIntegerField(null=True)
    attempts = models.SmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state__in=["queued", "making"]), name="one_export_at_a_time"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="exports_of_account"),
            models.Index(fields=["due_at"], name="export_due"),
        ]

    def __str__(self) -> str:
        return f"export of {self.account_id}"
