"""Inbox: one a person: how they take messages, and the line of what happened for their devices to catch up with."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from upscrolled.models import Account


class Writers(models.TextChoices):
    """Who may begin a conversation with somebody, or add them to a group."""

    EVERYONE = "everyone"
    FOLLOWED = "followed"
    NOBODY = "nobody"


class Inbox(models.Model):
    """How somebody takes messages. Who has no row takes them as the defaults say.

    `last_seq` is the number of the newest of their events.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    last_seq = models.BigIntegerField(db_default=0)
    writers = models.CharField(max_length=8, choices=Writers, db_default=Writers.EVERYONE)
    receipts = models.BooleanField(db_default=True)
    typing = models.BooleanField(db_default=True)

    def __str__(self) -> str:
        return f"inbox of {self.account_id}"


class Event(models.Model):
    """Something changed for somebody: which thing, not what. A device that catches up is told how it stands now.

    Numbers of one person have no gaps and come in the order of the commits, because whoever draws one holds the lock of
    the inbox's row: who has all up to N has missed nothing before it. Rows go after a month (`retention.py`).
    """

    class Kind(models.TextChoices):
        """What `thing` is the id of: a message, or an account that is a member; or it is the conversation."""

        MESSAGE = "message"
        MEMBER = "member"
        CONVERSATION = "conversation"

    pk = models.CompositePrimaryKey("account_id", "seq")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    conversation_id = models.BigIntegerField()
    thing = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [BrinIndex(fields=["created_at"], name="event_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing} for {self.account_id}"
