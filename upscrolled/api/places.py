"""The menu from which people choose where they are."""

from __future__ import annotations

import hashlib

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import places
from upscrolled.api import tongues
from upscrolled.api.base import ClientView, endpoint


class PlaceEntry(msgspec.Struct, kw_only=True):
    """An entry of the menu. One of kind `group` is a heading: it cannot be chosen itself."""

    id: str
    code: str
    kind: str
    name: str
    names: dict[str, str]
    parent_id: str | None


class PlaceMenu(msgspec.Struct, kw_only=True):
    """The menu, in the order in which it is read in `language`."""

    language: str
    version: str
    places: list[PlaceEntry]


class Places(ClientView):
    """GET /api/v1/upscrolled/places"""

    @endpoint(who="anyone", answers=PlaceMenu, query=("language",), also=("304",))
    def get(self, request: Request) -> HttpResponse:
        """The location menu, named and ordered in a language; it answers If-None-Match with 304."""
        language = tongues.wanted(request, named=request.query_params.get("language", ""))
        menu = places.latest()
        version = hashlib.sha256(f"{menu.version}:{language}".encode()).hexdigest()[:16]
        if f'"{version}"' in request.META.get("HTTP_IF_NONE_MATCH", ""):
            response = HttpResponse(status=304)
        else:
            entries = [_entry(place, language) for place in menu.offered(language)]
            response = self.render(PlaceMenu(language=language, version=str(menu.version), places=entries))
        response["ETag"] = f'W/"{version}"'
        response["Cache-Control"] = "public, max-age=60"
        response["Vary"] = "Accept-Language"
        return response


def _entry(place: places.Place, language: str) -> PlaceEntry:
    return PlaceEntry(
        id=str(place.id),
        code=place.code,
        kind=place.kind,
        name=place.name(language),
        names=place.names,
        parent_id=str(place.parent) if place.parent is not None else None,
    )
