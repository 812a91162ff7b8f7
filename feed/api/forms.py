"""What a client sends to publish and to edit a post."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from feed.api.policies import QUOTE_POLICIES
from upscrolled.api import entities as ground
from upscrolled.api import parsers
from upscrolled.api.picturefield import PictureField
from upscrolled.operations.attachments import Focus


class Texts(serializers.ListField):
    """Texts as clients send many: a list, an object with numbers for keys, or one alone."""

    child = serializers.CharField(allow_blank=True, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> list[str]:
        """Read them."""
        return list(super().to_internal_value(parsers.many(data)))


class Numbers(serializers.ListField):
    """Whole numbers, as texts or numbers, as clients send many."""

    child = serializers.IntegerField()

    def to_internal_value(self, data: Any) -> list[int]:
        """Read them."""
        return list(super().to_internal_value(parsers.many(data)))


class Moment(serializers.DateTimeField):
    """A moment; null or an empty text, which is what forms have for null: none."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Read an empty text as null."""
        return super().run_validation(None if data == "" else data)

    def to_internal_value(self, data: Any) -> datetime:
        """Return the moment."""
        return super().to_internal_value(data)


class PollForm(serializers.Serializer[dict[str, Any]]):
    """A poll: its options, and in how many seconds it ends."""

    options = Texts()
    expires_in = serializers.IntegerField(required=False, allow_null=True, default=None)
    multiple = serializers.BooleanField(required=False, allow_null=True, default=False)
    hide_totals = serializers.BooleanField(required=False, allow_null=True, default=False)


class AttributesForm(serializers.Serializer[dict[str, Any]]):
    """What shall be said of one attachment."""

    id = serializers.CharField()
    description = serializers.CharField(required=False, allow_blank=True, allow_null=True, default=None)
    focus = serializers.CharField(required=False, allow_blank=True, allow_null=True, default=None)

    def validate_focus(self, value: str | None) -> str | None:
        """See that it is a point; it stays text, which can be kept."""
        if not value:
            return None
        try:
            Focus.read(value)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None
        return value


class EditAttributesForm(AttributesForm):
    """What shall be said of one attachment that a post has, and a picture that stands for it."""

    thumbnail = PictureField(required=False, allow_null=True, default=None)


class Attributes(serializers.ListField):
    """What shall be said of attachments: a list, or an object with numbers for keys."""

    child = AttributesForm()

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        """Read them."""
        return list(super().to_internal_value(parsers.many(data)))


class EditAttributes(Attributes):
    """What shall be said of attachments, pictures that stand for them included."""

    child = EditAttributesForm()


class StatusExtensionForm(serializers.Serializer[dict[str, Any]]):
    """What this site knows beyond the Mastodon API: who may answer; to publish when the media are ready."""

    reply_policy = serializers.ChoiceField(
        choices=["everybody", "followers", "followed", "nobody"],
        required=False,
        allow_blank=True,
        allow_null=True,
        default="",
    )
    publish_when_ready = serializers.BooleanField(required=False, allow_null=True, default=False)


class PolicyForm(serializers.Serializer[dict[str, Any]]):
    """Who may quote a post."""

    quote_approval_policy = serializers.ChoiceField(
        choices=list(QUOTE_POLICIES), required=False, allow_blank=True, allow_null=True, default=""
    )

    def validate_quote_approval_policy(self, value: str | None) -> str:
        """Translate to a circle."""
        return QUOTE_POLICIES[value] if value else ""


class StatusForm(PolicyForm):
    """A post."""

    status = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, trim_whitespace=False, default=""
    )
    spoiler_text = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    visibility = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    sensitive = serializers.BooleanField(required=False, allow_null=True, default=None)
    language = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    in_reply_to_id = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    quoted_status_id = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    media_ids = Texts(required=False, allow_null=True, default=None)
    media_attributes = Attributes(required=False, allow_null=True, default=None)
    poll = PollForm(required=False, allow_null=True, default=None)
    scheduled_at = Moment(required=False, allow_null=True, default=None)
    upscrolled = StatusExtensionForm(required=False, allow_null=True, default=dict)

    def validate_status(self, value: str | None) -> str:
        """Read null as the empty text."""
        return value or ""

    def validate_media_ids(self, value: list[str] | None) -> list[str]:
        """Leave out what forms send for none."""
        return [each for each in value or [] if each]

    def validate_visibility(self, value: str | None) -> str:
        """Translate to an audience. Raises ValidationError for what this site does not know."""
        if not value:
            return ""
        if value == "direct":
            raise serializers.ValidationError(
                "a private message can be neither scheduled nor kept as a draft"
            )
        if value not in ground.AUDIENCE:
            raise serializers.ValidationError(f"must be one of public, unlisted, private; not {value[:40]!r}")
        return ground.AUDIENCE[value]


class EditForm(StatusForm):
    """A post as it shall be from now on."""

    media_attributes = EditAttributes(required=False, allow_null=True, default=None)


class VoteForm(serializers.Serializer[dict[str, Any]]):
    """The options that are chosen, by number from 0."""

    choices = Numbers()
