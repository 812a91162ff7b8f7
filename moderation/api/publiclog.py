"""The public log over HTTP: proofs in the shape of the API, files as mirrors and witnesses take them (tlog-tiles)."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from moderation.queries import publiclog
from upscrolled.api import errors
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core.errors import Invalid, NotFound

_FOREVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60"


class LogPath(msgspec.Struct, kw_only=True):
    """A proof: hashes in hexadecimal, from the leaves to the root."""

    proof: list[str]


class Inclusion(ClientView):
    """GET /api/v1/upscrolled/log/inclusion"""

    @endpoint(who="anyone", answers=LogPath, query=("index", "size"))
    def get(self, request: Request) -> HttpResponse:
        """Prove that a leaf stands in the first so many of the moderation log."""
        path = publiclog.inclusion(_number(request, "index"), _number(request, "size"))
        return self.render(LogPath(proof=[step.hex() for step in path]))


class Consistency(ClientView):
    """GET /api/v1/upscrolled/log/consistency"""

    @endpoint(who="anyone", answers=LogPath, query=("old", "new"))
    def get(self, request: Request) -> HttpResponse:
        """Prove that an earlier moderation log is the beginning of a later one."""
        path = publiclog.consistency(_number(request, "old"), _number(request, "new"))
        return self.render(LogPath(proof=[step.hex() for step in path]))


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Answer the newest checkpoint, a signed note."""
    try:
        note = publiclog.checkpoint().note
    except NotFound:
        return errors.not_found(request)
    return _file(note.encode(), "text/plain; charset=utf-8", _SHORT)


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """Answer the public keys of the log, as verifiers and witnesses take them (C2SP signed-note)."""
    return _file(f"{publiclog.key()}\n".encode(), "text/plain; charset=utf-8", _SHORT)


@require_safe
def tile(request: HttpRequest, level: str, number: str, width: str = "") -> HttpResponse:
    """Answer a tile of hashes, or with the level `entries` a bundle of entries."""
    place, wide = int(number.replace("x", "").replace("/", "")), int(width or publiclog.TILE)
    try:
        found = (
            publiclog.entries(place, wide) if level == "entries" else publiclog.tile(int(level), place, wide)
        )
    except NotFound:
        return errors.not_found(request)
    return _file(found, "application/octet-stream", _SHORT if width else _FOREVER)


def _number(request: Request, name: str) -> int:
    given = request.query_params.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Invalid(f"Validation failed: {name} must be a number, not {given[:20]!r}")
    return int(given)


def _file(body: bytes, kind: str, caching: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Cache-Control"] = caching
    return response
