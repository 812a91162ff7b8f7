"""Conversation: between two people, once a pair, or a group; and what each member has made of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from upscrolled.models import Account

MEMBERS_MAX = 32


class Conversation(models.Model):
    """A conversation. `last_seq` is the number of its newest message.

    Whoever writes anything of a conversation holds the lock of this row (`operations/standing.py`), so its messages
    have one order, which never changes. `low` and `high` are the two of a pair, in the order of their ids. The title
    of a group is sealed (`sealing.py`), `key_id` names the key.
    """

    class Kind(models.TextChoices):
        """How many it is for."""

        PAIR = "pair"
        GROUP = "group"

    id = models.BigIntegerField(primary_key=True, editable=False)
    kind = models.CharField(max_length=5, choices=Kind)
    low = models.BigIntegerField(null=True)
    high = models.BigIntegerField(null=True)
    owner = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    title = models.BinaryField(db_default=b"")
    key_id = models.CharField(max_length=16, db_default="")
    last_seq = models.BigIntegerField(db_default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["low", "high"], name="one_conversation_a_pair"),
            models.CheckConstraint(
                condition=Q(kind="group", low__isnull=True, high__isnull=True)
                | Q(kind="pair", low__lt=F("high")),
                name="a_pair_is_two_people",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["key_id"], name="conversation_key", condition=~Q(key_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Member(models.Model):
    """Somebody in a conversation, and what they have made of it for themselves.

    They see messages whose number is above `from_seq`: what was written before they came is not theirs, nor what they
    have cleared. `until_seq` is the last they saw when they left. `read_seq` is how far they have read. `activity_id`
    orders their list: the id of the newest message, null while there is nothing to list.
    """

    class State(models.TextChoices):
        """How they stand to the conversation."""

        REQUEST = "request"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        LEFT = "left"
        REMOVED = "removed"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="members", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State)
    # Nobody who invited is ever deleted: an account that did something is closed. So no index for it here, where
    # every message writes.
    invited_by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    joined_at = models.DateTimeField()
    from_seq = models.BigIntegerField(db_default=0)
    until_seq = models.BigIntegerField(null=True)
    read_seq = models.BigIntegerField(db_default=0)
    read_at = models.DateTimeField(null=True)
    activity_id = models.BigIntegerField(null=True)
    muted_until = models.DateTimeField(null=True)
    pinned_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["conversation", "account"], name="a_member_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-activity_id"], name="member_by_activity"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.conversation_id}: {self.state}"
