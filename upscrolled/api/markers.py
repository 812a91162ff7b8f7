"""How far somebody has read, for all their devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api import parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.core import ids
from upscrolled.operations import markers

VERSION_MAX = 2**31 - 1


class Marker(msgspec.Struct, kw_only=True):
    """A position (Mastodon API, Marker); `version` counts its changes."""

    last_read_id: str
    version: int
    updated_at: str | None


class Markers(msgspec.Struct, kw_only=True):
    """The positions that were asked for, as far as there are any."""

    home: Marker | msgspec.UnsetType = msgspec.UNSET
    notifications: Marker | msgspec.UnsetType = msgspec.UNSET


class AnyId(serializers.Field[int, Any, Any, Any]):
    """An id, as text as all ids are, or as a number."""

    sent = str

    def to_internal_value(self, data: Any) -> int:
        """Return the number. Raises ValidationError for what is none."""
        number = ids.parse(str(data)) if isinstance(data, str | int) and not isinstance(data, bool) else None
        if number is None:
            raise serializers.ValidationError("must be an id")
        return number

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value


class PositionForm(serializers.Serializer[Any]):
    """A position; with a `version` it is refused (409) when another device has moved it since."""

    last_read_id = AnyId()
    version = serializers.IntegerField(required=False, min_value=0, max_value=VERSION_MAX)


class MarkersForm(serializers.Serializer[Any]):
    """Positions by timeline; what is not sent stays."""

    home = PositionForm(required=False)
    notifications = PositionForm(required=False)


class MarkersView(ClientView):
    """GET, POST /api/v1/markers"""

    @endpoint(scope="read:statuses", answers=Markers, query=("timeline[]",))
    def get(self, request: Request) -> HttpResponse:
        """Return how far the viewer has read; an unknown timeline is left out."""
        wanted = parsers.texts(parsers.many(self.params().get("timeline")))
        return self.render(
            _shown({found.timeline: found for found in queries.positions(self.viewer, wanted)})
        )

    @endpoint(scope="write:statuses", body=MarkersForm, answers=Markers, also=("409",))
    def post(self, request: Request) -> HttpResponse:
        """Remember how far the viewer has read. It may go back: somebody may want to read again."""
        form = self.valid(MarkersForm)
        positions = {
            name: markers.Position(form[name]["last_read_id"], form[name].get("version"))
            for name in markers.TIMELINES
            if name in form
        }
        token_id = self.principal.token_id if self.principal is not None else 0
        stored = markers.set_positions(account=self.me, positions=positions, token_id=token_id, now=self.now)
        return self.render(_shown(stored))


def _shown(found: Mapping[str, queries.Position | markers.Read]) -> Markers:
    return Markers(
        **{
            name: Marker(
                last_read_id=str(position.last_read_id),
                version=position.version,
                updated_at=stamp(position.updated_at),
            )
            for name, position in found.items()
        }
    )
