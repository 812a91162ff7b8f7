"""One's own account: who am I, change what I say of myself, what I prefer."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api import entities, parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import AUDIENCE, VISIBILITY, CredentialAccount
from upscrolled.core.errors import Invalid
from upscrolled.operations.accounts import ProfileChanges
from upscrolled.operations.profiles import edit_profile

TEXT_MAX = 10_000


class Lines(serializers.Field[list[dict[str, str]], Any, Any, Any]):
    """Lines of a profile: a list of {name, value}, or an object with numbers for keys."""

    def to_internal_value(self, data: Any) -> list[dict[str, str]]:
        """Return the lines. Raises ValidationError for what has another form."""
        lines = parsers.many(data)
        if not all(isinstance(line, dict) for line in lines):
            raise serializers.ValidationError("each field must have a name and a value")
        return [{part: str(line.get(part) or "") for part in ("name", "value")} for line in lines]

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value


class SourceForm(serializers.Serializer[Any]):
    """What new posts begin with."""

    privacy = serializers.ChoiceField(choices=tuple(AUDIENCE), required=False, allow_blank=True)
    sensitive = serializers.BooleanField(required=False)
    language = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=100)


class ProfileForm(serializers.Serializer[Any]):
    """What an owner may change. How long a text may be is decided by the verb, which names the limit."""

    display_name = serializers.CharField(required=False, allow_blank=True, max_length=TEXT_MAX)
    note = serializers.CharField(required=False, allow_blank=True, max_length=TEXT_MAX, trim_whitespace=False)
    locked = serializers.BooleanField(required=False)
    bot = serializers.BooleanField(required=False)
    discoverable = serializers.BooleanField(required=False, allow_null=True)
    indexable = serializers.BooleanField(required=False)
    hide_collections = serializers.BooleanField(required=False, allow_null=True)
    fields_attributes = Lines(required=False)
    source = SourceForm(required=False)  # type: ignore[assignment]


class VerifyCredentials(ClientView):
    """GET /api/v1/accounts/verify_credentials"""

    @endpoint(scope="read:accounts profile", answers=CredentialAccount)
    def get(self, request: Request) -> HttpResponse:
        """Tell somebody who they are."""
        return self.render(_own(self))


class UpdateCredentials(ClientView):
    """PATCH /api/v1/accounts/update_credentials"""

    @endpoint(scope="write:accounts", body=ProfileForm, answers=CredentialAccount)
    def patch(self, request: Request) -> HttpResponse:
        """Change the profile and the settings for new posts; what is not sent stays."""
        if any(self.params().get(picture) for picture in ("avatar", "header")):
            raise Invalid("Validation failed: This site takes no profile pictures yet")
        edit_profile(account=self.me, now=self.now, **_changes(self.valid(ProfileForm)))
        return self.render(_own(self))


class Preferences(msgspec.Struct, kw_only=True):
    """What somebody chose, under the names that clients ask for."""

    visibility: str = msgspec.field(name="posting:default:visibility")
    sensitive: bool = msgspec.field(name="posting:default:sensitive")
    language: str | None = msgspec.field(name="posting:default:language")
    media: str = msgspec.field(name="reading:expand:media", default="default")
    spoilers: bool = msgspec.field(name="reading:expand:spoilers", default=False)
    gifs: bool = msgspec.field(name="reading:autoplay:gifs", default=False)


class ReadPreferences(ClientView):
    """GET /api/v1/preferences"""

    @endpoint(scope="read:accounts", answers=Preferences)
    def get(self, request: Request) -> HttpResponse:
        """Return what new posts begin with, and how posts are opened."""
        me = self.me
        return self.render(
            Preferences(
                visibility=VISIBILITY[me.posting_audience()],
                sensitive=me.default_sensitive,
                language=me.default_language or None,
            )
        )


def _own(view: ClientView) -> CredentialAccount:
    person = queries.fresh_person(view.viewer, view.viewer.id)
    waiting = queries.count_follow_requests(view.viewer)
    return entities.credential_account(person, view.me, follow_requests=waiting)


def _changes(form: dict[str, Any]) -> ProfileChanges:
    """Translate the form to the words of the house."""
    changes: dict[str, Any] = {
        name: form[name] for name in ("display_name", "note", "locked", "bot", "indexable") if name in form
    }
    for name in ("discoverable", "hide_collections"):
        if form.get(name) is not None:
            changes[name] = form[name]
    if "fields_attributes" in form:
        changes["fields"] = form["fields_attributes"]
    source = form.get("source", {})
    if source.get("privacy"):
        changes["default_audience"] = AUDIENCE[source["privacy"]]
    if "sensitive" in source:
        changes["default_sensitive"] = source["sensitive"]
    if "language" in source:
        changes["default_language"] = source["language"] or ""
    return cast(ProfileChanges, changes)
