"""Message: what somebody wrote in a conversation, sealed; its versions, reactions, and who put it out of sight."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from messaging.models.conversation import Conversation
from upscrolled.core import ids
from upscrolled.models import Account

CLIENT_ID_MAX, EMOJI_MAX = 64, 20


class Message(models.Model):
    """A message. `seq` is its place in the conversation: given once, never changed, never given again.

    The sender's device draws `client_id`, once a message: sent again with it, it is the same message. `body` is the
    text, sealed; it is empty once the message is deleted for all. Ids say when it was written and lie apart from
    those of posts: `number` sets a bit that theirs never reach.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    sender = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    client_id = models.CharField(max_length=CLIENT_ID_MAX)
    body = models.BinaryField()
    key_id = models.CharField(max_length=16)
    reply_to_id = models.BigIntegerField(null=True)
    attachments = ArrayField(models.BigIntegerField(), db_default=[])
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="one_message_a_number"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="a_message_is_sent_once"),
            models.CheckConstraint(condition=Q(seq__gt=0), name="message_numbers_begin_at_1"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["key_id"], name="message_key")]

    def __str__(self) -> str:
        return f"message {self.seq} of {self.conversation_id}"


def number(now: datetime) -> int:
    """Draw an id for a message: of that moment, and of no post."""
    return ids.at(now) | 1 << (ids.LOW_BITS - 1)


class Edit(models.Model):
    """What a message said before it was changed at `replaced_at`."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="edits")
    body = models.BinaryField()
    key_id = models.CharField(max_length=16)
    replaced_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["key_id"], name="edit_key")]

    def __str__(self) -> str:
        return f"version of {self.message_id}"


class Reaction(models.Model):
    """An emoji in answer to a message; one a person, another one takes its place."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="reactions", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=EMOJI_MAX)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["message", "account"], name="one_reaction_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.emoji} on {self.message_id}"


class Hidden(models.Model):
    """Somebody deleted a message for themselves."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["message", "account"], name="message_hidden_once"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} hidden from {self.account_id}"
