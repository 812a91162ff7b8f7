"""Import: a list of people that somebody brought from elsewhere, taken over row by row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from upscrolled.models.account import Account


class Import(models.Model):
    """A list for `account`: `rows` as they were read, of which the first `cursor` are taken over.

    `done` counts those that stand now, `skipped` the others by reason. `due_at`: waiting, the clock takes the next
    rows from then on; done, it forgets the list.
    """

    class Kind(models.TextChoices):
        """What is wanted of the people on it, in the words of Mastodon's page."""

        FOLLOWING = "following"
        BLOCKING = "blocking"
        MUTING = "muting"

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting"
        DONE = "done"

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    rows = models.JSONField()
    cursor = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    skipped = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="waiting"), name="one_import_at_a_time"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="imports_of_account"),
            models.Index(fields=["due_at"], name="import_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"
