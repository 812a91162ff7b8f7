"""What a client sends of conversations and messages."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from upscrolled.api import parsers


class Ids(serializers.ListField):
    """Ids as clients send many: a list, an object with numbers for keys, or one alone."""

    child = serializers.CharField()

    def to_internal_value(self, data: Any) -> list[str]:
        """Read them."""
        return list(super().to_internal_value(parsers.many(data)))


class ConversationForm(serializers.Serializer[dict[str, Any]]):
    """With whom: one account is a conversation between two; several, or a title, make a group."""

    account_ids = Ids()
    title = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")


class ArrangeForm(serializers.Serializer[dict[str, Any]]):
    """What is to change; what is not sent stays. `mute_for` is in seconds: 0 ends the mute."""

    title = serializers.CharField(required=False, allow_blank=True)
    pinned = serializers.BooleanField(required=False)
    archived = serializers.BooleanField(required=False)
    mute_for = serializers.IntegerField(required=False)


class InvitationForm(serializers.Serializer[dict[str, Any]]):
    """Whom to ask into a group."""

    account_ids = Ids()


class MessageForm(serializers.Serializer[dict[str, Any]]):
    """A message. The device draws `client_id` once a message: sent again with it, it is the same message.

    `text` may be left out where there are `media_ids`.
    """

    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, default="")
    client_id = serializers.CharField()
    in_reply_to_id = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    media_ids = Ids(required=False, allow_null=True)


class MessageEditForm(serializers.Serializer[dict[str, Any]]):
    """What a message is to say."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


class DeletionForm(serializers.Serializer[dict[str, Any]]):
    """For whom: `me`, or `all` (of one's own messages)."""

    scope = serializers.ChoiceField(choices=["me", "all"], default="me")


class ReadForm(serializers.Serializer[dict[str, Any]]):
    """Up to which message number; all, if it is not sent."""

    up_to = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class MessageSettingsForm(serializers.Serializer[dict[str, Any]]):
    """What is to change; what is not sent stays."""

    writers = serializers.ChoiceField(choices=["everyone", "followed", "nobody"], required=False)
    receipts = serializers.BooleanField(required=False)
    typing = serializers.BooleanField(required=False)


class MessageReportForm(serializers.Serializer[dict[str, Any]]):
    """Which messages of one person, and what is said to it. The moderators read these messages and no others."""

    message_ids = Ids()
    comment = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    category = serializers.CharField(required=False, allow_blank=True, default="other")
    rule_ids = Ids(required=False, allow_null=True)
