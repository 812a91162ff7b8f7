"""One's own account: who am I, change what I say of myself."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import queries, terms
from upscrolled.api import entities, parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import AUDIENCE, QUOTING, CredentialAccount, Field
from upscrolled.api.picturefield import BODY_MAX, PictureField
from upscrolled.core import ids
from upscrolled.operations.accounts import ProfileChanges
from upscrolled.operations.profiles import edit_profile, remove_picture
from upscrolled.shedding import Importance

TEXT_MAX = 10_000
PICTURES = ("avatar", "header")
_UNSAID = (*PICTURES, "source", "upscrolled")


class Lines(serializers.Field[list[dict[str, str]], Any, Any, Any]):
    """Lines of a profile: a list of {name, value}, or an object with numbers for keys."""

    def to_internal_value(self, data: Any) -> list[dict[str, str]]:
        """Return the lines. Raises ValidationError for what has another form."""
        lines = parsers.many(data)
        if not all(isinstance(line, dict) for line in lines):
            raise serializers.ValidationError("each field must have a name and a value")
        read = [{part: line.get(part) for part in ("name", "value")} for line in lines]
        return [{part: "" if said is None else str(said) for part, said in line.items()} for line in read]

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value


def _text(*, trim_whitespace: bool = True) -> serializers.CharField:
    """A text; null is the empty one."""
    return serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=TEXT_MAX,
        trim_whitespace=trim_whitespace,
    )


def _flag() -> serializers.BooleanField:
    """True or false; null, and an empty text, leave it as it is."""
    return serializers.BooleanField(required=False, allow_null=True)


class SourceForm(serializers.Serializer[Any]):
    """What new posts begin with."""

    privacy = serializers.ChoiceField(
        choices=tuple(AUDIENCE), required=False, allow_blank=True, allow_null=True
    )
    sensitive = _flag()
    language = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=100)
    quote_policy = serializers.ChoiceField(
        choices=tuple(QUOTING), required=False, allow_blank=True, allow_null=True
    )
    pronouns = _text()


class PlaceId(serializers.IntegerField):
    """A place of the menu; null, 0 or an empty text, which is what forms have for null: none."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Read an empty text as null."""
        return super().run_validation(None if data == "" else data)

    def to_internal_value(self, data: Any) -> int:
        """Return the id."""
        return int(super().to_internal_value(data))


class ExtensionForm(serializers.Serializer[Any]):
    """What this site has beyond the Mastodon API. `place_id` is of `/api/v1/upscrolled/places`; null: no place."""

    pronouns = _text()
    place_id = PlaceId(required=False, allow_null=True, min_value=0, max_value=ids.LARGEST)


class ProfileForm(serializers.Serializer[Any]):
    """What an owner may change. How long a text may be is decided by the verb, which names the limit."""

    display_name = _text()
    note = _text(trim_whitespace=False)
    avatar = PictureField(required=False)
    header = PictureField(required=False)
    avatar_description = _text()
    header_description = _text()
    pronouns = _text()
    locked = _flag()
    bot = _flag()
    discoverable = _flag()
    indexable = _flag()
    hide_collections = _flag()
    fields_attributes = Lines(required=False, allow_null=True)
    source = SourceForm(required=False, allow_null=True)  # type: ignore[assignment]
    upscrolled = ExtensionForm(required=False, allow_null=True)


class ProfileEntity(msgspec.Struct, kw_only=True):
    """One's own profile as its editor shows it: texts as typed, and no picture where there is none.

    Mastodon API 4.6, Profile. The three `show_` settings are not offered: everybody's posts are shown.
    """

    id: str
    display_name: str
    note: str
    fields: list[Field]
    avatar: str | None
    avatar_static: str | None
    avatar_description: str
    header: str | None
    header_static: str | None
    header_description: str
    locked: bool
    bot: bool
    hide_collections: bool | None
    discoverable: bool | None
    indexable: bool
    show_media: bool = True
    show_media_replies: bool = True
    show_featured: bool = True
    attribution_domains: list[str] = []
    upscrolled: entities.AccountExtension


class VerifyCredentials(ClientView):
    """GET /api/v1/accounts/verify_credentials"""

    @endpoint(scope="read:accounts profile", answers=CredentialAccount, importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """Tell somebody who they are."""
        return self.render(_own(self))


class EditorView(ClientView):
    """Base of what changes the profile; bodies may bring two pictures."""

    body_max = BODY_MAX

    def edit(self) -> None:
        """Change what the body names. Raises Invalid and 422 with a sentence for each field."""
        form = self.valid(ProfileForm)
        sent = {place: form[place] for place in PICTURES if place in form}
        edit_profile(account=self.me, now=self.now, new_pictures=sent, **_changes(form))

    def params(self) -> dict[str, Any]:
        """The body; a picture that is named and empty is one that was not chosen, and so are the settings."""
        given = super().params()
        return {
            name: value for name, value in given.items() if name not in _UNSAID or value not in ("", None)
        }


class UpdateCredentials(EditorView):
    """PATCH /api/v1/accounts/update_credentials"""

    @endpoint(scope="write:accounts", body=ProfileForm, answers=CredentialAccount)
    def patch(self, request: Request) -> HttpResponse:
        """Change the profile and the settings for new posts; what is not sent stays."""
        self.edit()
        return self.render(_own(self))


class Profile(EditorView):
    """GET, PATCH /api/v1/profile"""

    @endpoint(scope="read:accounts profile", answers=ProfileEntity)
    def get(self, request: Request) -> HttpResponse:
        """Show one's own profile as its editor needs it."""
        return self.render(_profile(self))

    @endpoint(scope="write:accounts", body=ProfileForm, answers=ProfileEntity)
    def patch(self, request: Request) -> HttpResponse:
        """Change the profile; what is not sent stays."""
        self.edit()
        return self.render(_profile(self))


class ProfilePicture(ClientView):
    """DELETE /api/v1/profile/avatar, DELETE /api/v1/profile/header"""

    place = ""

    @endpoint(scope="write:accounts", answers=CredentialAccount)
    def delete(self, request: Request) -> HttpResponse:
        """Take the picture away; everybody sees the one that all begin with."""
        remove_picture(account=self.me, place=self.place, now=self.now)
        return self.render(_own(self))


def _own(view: ClientView) -> CredentialAccount:
    person = queries.fresh_person(view.viewer, view.viewer.id)
    waiting = queries.count_follow_requests(view.viewer)
    agreed = terms.has_accepted(view.viewer.id, view.now)
    return entities.credential_account(person, view.me, follow_requests=waiting, terms_accepted=agreed)


def _profile(view: ClientView) -> ProfileEntity:
    person = queries.fresh_person(view.viewer, view.viewer.id)
    shown = entities.account(person)
    return ProfileEntity(
        id=shown.id,
        display_name=person.display_name,
        note=person.note,
        fields=entities.typed_fields(person),
        avatar=shown.avatar if person.avatar else None,
        avatar_static=shown.avatar_static if person.avatar else None,
        avatar_description=person.avatar_description,
        header=shown.header if person.header else None,
        header_static=shown.header_static if person.header else None,
        header_description=person.header_description,
        locked=person.locked,
        bot=person.bot,
        hide_collections=person.hide_collections,
        discoverable=person.discoverable,
        indexable=person.indexable,
        upscrolled=shown.upscrolled,
    )


_TEXTS = ("display_name", "note", "avatar_description", "header_description", "pronouns")
_FLAGS = ("locked", "bot", "discoverable", "indexable", "hide_collections")


def _changes(form: dict[str, Any]) -> ProfileChanges:
    """Translate the form to the words of the house."""
    source, extension = form.get("source", {}), form.get("upscrolled", {})
    for part in (extension, source):
        if "pronouns" in part:
            form = {"pronouns": part["pronouns"], **form}
    changes: dict[str, Any] = {name: form[name] or "" for name in _TEXTS if name in form}
    changes |= {name: form[name] for name in _FLAGS if form.get(name) is not None}
    if "place_id" in extension:
        changes["place_id"] = extension["place_id"] or None
    if form.get("fields_attributes") is not None:
        changes["fields"] = form["fields_attributes"]
    return cast(ProfileChanges, changes | posting_changes(source))


def posting_changes(source: dict[str, Any]) -> ProfileChanges:
    """Translate what new posts shall begin with."""
    changes: ProfileChanges = {}
    if source.get("privacy"):
        changes["default_audience"] = AUDIENCE[source["privacy"]]
    if source.get("sensitive") is not None:
        changes["default_sensitive"] = source["sensitive"]
    if "language" in source:
        changes["default_language"] = source["language"] or ""
    if source.get("quote_policy"):
        changes["default_quoting"] = QUOTING[source["quote_policy"]]
    return changes
