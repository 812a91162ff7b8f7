"""Stored pictures at `/media/…`. In front of many people a proxy or a CDN answers for these: they never change.

Those of who is suspended or closed the account are answered to moderators alone, at signed addresses.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from upscrolled.api import errors
from upscrolled.pictures import addresses, storage
from upscrolled.queries import pictures

# A name says what is in the file, so an answer holds for ever. Nothing in it may run, whatever a browser thinks it is.
_FOR_EVER, _FOR_ONE = "public, max-age=31536000, immutable", "private, no-cache"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Disposition": "inline",
}


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with a stored picture; whatever has not exactly the form of a stored name is not looked for."""
    kind = storage.media_type(name)
    country: str = getattr(request, "country", "")
    if kind is None or pictures.is_closed(name, country=country):
        return errors.not_found(request)
    return _answer(request, name, kind, _FOR_EVER)


@require_safe
def signed(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Answer with a picture for which the address is signed, whatever befell its account."""
    kind = storage.media_type(name)
    if kind is None or not addresses.holds(token, name, now=datetime.now(UTC)):
        return errors.not_found(request)
    return _answer(request, name, kind, _FOR_ONE)


def _answer(request: HttpRequest, name: str, kind: str, caching: str) -> HttpResponse:
    tag = f'"{name.rpartition("/")[2]}"'
    if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponse(status=304)
    else:
        content = storage.read(name)
        if content is None:
            return errors.not_found(request)
        response = HttpResponse(content, content_type=kind)
    for header, value in _HEADERS.items():
        response[header] = value
    response["Cache-Control"] = caching
    response["ETag"] = tag
    return response
