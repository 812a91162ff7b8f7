"""What somebody prefers, under the names that clients ask for."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import AUDIENCE, QUOTE_POLICY, QUOTING, VISIBILITY
from upscrolled.api.profile import posting_changes
from upscrolled.core import languages
from upscrolled.core.errors import Invalid
from upscrolled.operations import profiles

# Names of the API, and those under which the choice is kept.
_POSTING = {
    "posting:default:visibility": "privacy",
    "posting:default:sensitive": "sensitive",
    "posting:default:language": "language",
    "posting:default:quote_policy": "quote_policy",
}
_SHOWS = "posting:show_application"
_READING = {
    "reading:expand:media": "expand_media",
    "reading:expand:spoilers": "expand_spoilers",
    "reading:autoplay:gifs": "autoplay_gifs",
}


class Preferences(msgspec.Struct, kw_only=True):
    """What somebody chose, under the names that clients ask for."""

    visibility: str = msgspec.field(name="posting:default:visibility")
    sensitive: bool = msgspec.field(name="posting:default:sensitive")
    language: str | None = msgspec.field(name="posting:default:language")
    quote_policy: str = msgspec.field(name="posting:default:quote_policy")
    shows_application: bool = msgspec.field(name=_SHOWS)
    media: str = msgspec.field(name="reading:expand:media")
    spoilers: bool = msgspec.field(name="reading:expand:spoilers")
    gifs: bool = msgspec.field(name="reading:autoplay:gifs")


# The names hold colons, so the form is made from a table and not written as a class body.
PreferencesForm: type[serializers.Serializer[Any]] = type(
    "PreferencesForm",
    (serializers.Serializer,),
    {
        "__doc__": "What to prefer from now on; what is not sent stays.",
        "__module__": __name__,
        "posting:default:visibility": serializers.ChoiceField(choices=tuple(AUDIENCE), required=False),
        "posting:default:sensitive": serializers.BooleanField(required=False),
        "posting:default:language": serializers.CharField(
            required=False, allow_blank=True, allow_null=True, max_length=100
        ),
        "posting:default:quote_policy": serializers.ChoiceField(choices=tuple(QUOTING), required=False),
        _SHOWS: serializers.BooleanField(required=False),
        "reading:expand:media": serializers.ChoiceField(
            choices=profiles.READING["expand_media"], required=False
        ),
        "reading:expand:spoilers": serializers.BooleanField(required=False),
        "reading:autoplay:gifs": serializers.BooleanField(required=False),
    },
)


class ReadPreferences(ClientView):
    """GET /api/v1/preferences"""

    @endpoint(scope="read:accounts", answers=Preferences)
    def get(self, request: Request) -> HttpResponse:
        """Return what new posts begin with, and how posts are opened."""
        return self.render(_preferences(self))


class ChangePreferences(ClientView):
    """PATCH /api/v1/upscrolled/preferences"""

    @endpoint(scope="write:accounts", body=PreferencesForm, answers=Preferences)
    def patch(self, request: Request) -> HttpResponse:
        """Change preferences, under the names by which they are read; an unknown name is refused."""
        known = {*_POSTING, _SHOWS, *_READING}
        if unknown := sorted(self.params().keys() - known):
            told = ", ".join(name[:60] for name in unknown[:5])
            raise Invalid(
                f"Validation failed: There is no preference {told}; there are {', '.join(sorted(known))}"
            )
        form = self.valid(PreferencesForm)
        changes = posting_changes({_POSTING[name]: form[name] for name in _POSTING if name in form})
        chosen = {_READING[name]: form[name] for name in _READING if name in form}
        if _SHOWS in form:
            changes["shows_application"] = form[_SHOWS]
        if chosen:
            changes["reading"] = cast(dict[str, Any], self.me.reading) | chosen
        profiles.edit_profile(account=self.me, now=self.now, **changes)
        return self.render(_preferences(self))


def _preferences(view: ClientView) -> Preferences:
    me = view.me
    reading = profiles.reading(me)
    return Preferences(
        visibility=VISIBILITY[me.posting_audience()],
        sensitive=me.default_sensitive,
        language=languages.written(me.default_language) or None,
        quote_policy=QUOTE_POLICY[me.default_quoting],
        shows_application=me.shows_application,
        media=reading["expand_media"],
        spoilers=reading["expand_spoilers"],
        gifs=reading["autoplay_gifs"],
    )
