"""Files of attachments at `/media/public/…` and `/media/private/…`: streamed, in ranges, and never run.

In front of many people a CDN answers for the public ones: they never change. Where media lie in an object store,
the answer is a redirect to it, signed for a moment; playlists are answered here, since what they name beside
themselves has to be signed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_safe

from upscrolled.api import errors
from upscrolled.api.ranges import Span, asked
from upscrolled.core.errors import NotFound
from upscrolled.media import addresses, store
from upscrolled.queries import media

_CHUNK = 64 * 1024
_REDIRECT_SECONDS = 600  # as long as a player may take over one file
_PLAYLISTS = ("m3u8", "vtt")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Disposition": "inline",
    "Accept-Ranges": "bytes",
}
_FOR_EVER = "public, max-age=31536000, immutable"
# The reader's own browser may keep it, and asks each time whether it still may show it.
_FOR_ONE = "private, no-cache"


@require_safe
def public(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with a file that everybody may have."""
    if not store.NAME.match(name):
        return errors.not_found(request)
    return _answer(request, f"public/{name}", name, _FOR_EVER)


@require_safe
def private(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Answer with a file for which the address is signed; one that is over, or none of ours, is not found."""
    told = addresses.read(token, now=datetime.now(UTC))
    if told is None or not store.NAME.match(name):
        return errors.not_found(request)
    try:
        country = str(getattr(request, "country", ""))
        key = media.file_of(told.attachment_id, name, holder=told.holder, country=country).key
    except NotFound:
        return errors.not_found(request)
    return _answer(request, key, name, _FOR_ONE)


def _answer(request: HttpRequest, key: str, name: str, caching: str) -> HttpResponseBase:
    tag = f'"{name.rpartition("/")[2].partition(".")[0]}"'
    suffix = name.rpartition(".")[2]
    response: HttpResponseBase
    if _has(request, tag):
        response = HttpResponse(status=304)
    else:
        media_type = store.TYPES[suffix]
        elsewhere = None
        if suffix not in _PLAYLISTS:
            elsewhere = store.store().address(
                key, seconds=_REDIRECT_SECONDS, media_type=media_type, head=request.method == "HEAD"
            )
        if elsewhere is not None:
            response, caching = HttpResponseRedirect(elsewhere), "private, no-store"
        else:
            try:
                response = streamed(request, store.store().open(key), media_type, tag)
            except FileNotFoundError:
                return errors.not_found(request)
    for header, value in _HEADERS.items():
        response[header] = value
    response["Cache-Control"] = caching
    response["ETag"] = tag
    return response


def _has(request: HttpRequest, tag: str) -> bool:
    given = request.META.get("HTTP_IF_NONE_MATCH", "")
    tags = {each.strip().removeprefix("W/") for each in given.split(",")}
    return tag in tags or "*" in tags


def streamed(request: HttpRequest, file: IO[bytes], media_type: str, tag: str) -> HttpResponseBase:
    """Answer with the file, or the part of it that was asked for; never more of it in memory than a chunk."""
    size = file.seek(0, 2)
    span = asked(request.META.get("HTTP_RANGE", ""), request.META.get("HTTP_IF_RANGE", ""), tag, size)
    if span is not None and not span:
        file.close()
        response = errors.answer(416, f"The file has {size} bytes; none of them is in the range")
        response["Content-Range"] = f"bytes */{size}"
        return response
    part = span or Span(0, size)
    part_of_it = _Part(file, part if request.method == "GET" else Span(0, 0))
    answer = StreamingHttpResponse(part_of_it, status=200 if span is None else 206)
    answer["Content-Type"] = media_type
    answer["Content-Length"] = str(len(part))
    if span is not None:
        answer["Content-Range"] = f"bytes {part.begins}-{part.ends - 1}/{size}"
    return answer


class _Part:
    """The bytes of a part of a file, chunk by chunk. Closed by whoever sends it, also if it was never begun."""

    def __init__(self, file: IO[bytes], part: Span) -> None:
        self._file, self._left = file, len(part)
        file.seek(part.begins)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._file.read(min(_CHUNK, self._left))
        if not chunk:
            raise StopIteration
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        self._file.close()
