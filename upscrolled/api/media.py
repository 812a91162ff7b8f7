"""Stored pictures at `/media/…`. In front of many people a proxy or a CDN answers for these: they never change."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from upscrolled.api import errors
from upscrolled.pictures import storage

# A name says what is in the file, so an answer holds for ever. Nothing in it may run, whatever a browser thinks it is.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Disposition": "inline",
}


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with a stored picture; whatever has not exactly the form of a stored name is not looked for."""
    kind = storage.media_type(name)
    if kind is None:
        return errors.not_found(request)
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
    response["ETag"] = tag
    return response
