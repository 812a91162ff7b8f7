"""The public log over HTTP: checkpoint, tiles and entries as C2SP tlog-tiles has them, and proofs for people."""

from __future__ import annotations

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from moderation.queries import publiclog
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core.errors import Invalid

_FOREVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60"


class LogPath(msgspec.Struct, kw_only=True):
    """A proof: hashes in hexadecimal, from the leaves to the root."""

    proof: list[str]


class Checkpoint(ClientView):
    """GET /api/v1/upscrolled/log/checkpoint"""

    @endpoint(who="anyone")
    def get(self, request: Request) -> HttpResponse:
        """Read the newest checkpoint, a signed note."""
        return _answer(publiclog.checkpoint().note.encode(), "text/plain; charset=utf-8", _SHORT)


class Key(ClientView):
    """GET /api/v1/upscrolled/log/key"""

    @endpoint(who="anyone")
    def get(self, request: Request) -> HttpResponse:
        """Read the public key of the log, as verifiers and witnesses take it (C2SP signed-note)."""
        return _answer(f"{publiclog.key()}\n".encode(), "text/plain; charset=utf-8", _SHORT)


class Tile(ClientView):
    """GET /api/v1/upscrolled/log/tile/:level/:number"""

    @endpoint(who="anyone")
    def get(self, request: Request, level: str, number: str, width: str = "") -> HttpResponse:
        """Read a tile of hashes, or with the level `entries` a bundle of entries."""
        place, wide = int(number.replace("x", "").replace("/", "")), int(width or publiclog.TILE)
        found = (
            publiclog.entries(place, wide) if level == "entries" else publiclog.tile(int(level), place, wide)
        )
        return _answer(found, "application/octet-stream", _SHORT if width else _FOREVER)


class Inclusion(ClientView):
    """GET /api/v1/upscrolled/log/inclusion"""

    @endpoint(who="anyone", answers=LogPath, query=("index", "size"))
    def get(self, request: Request) -> HttpResponse:
        """Prove that a leaf stands in the first so many."""
        path = publiclog.inclusion(_number(request, "index"), _number(request, "size"))
        return self.render(LogPath(proof=[step.hex() for step in path]))


class Consistency(ClientView):
    """GET /api/v1/upscrolled/log/consistency"""

    @endpoint(who="anyone", answers=LogPath, query=("old", "new"))
    def get(self, request: Request) -> HttpResponse:
        """Prove that an earlier log is the beginning of a later one."""
        path = publiclog.consistency(_number(request, "old"), _number(request, "new"))
        return self.render(LogPath(proof=[step.hex() for step in path]))


def _number(request: Request, name: str) -> int:
    given = request.query_params.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Invalid(f"Validation failed: {name} must be a number, not {given[:20]!r}")
    return int(given)


def _answer(body: bytes, kind: str, caching: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Cache-Control"] = caching
    return response
