"""What people take with them: single lists as CSV, and everything as an archive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from rest_framework.request import Request

from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.api.files import streamed
from upscrolled.core.errors import NotFound
from upscrolled.media import store
from upscrolled.operations import exports

if TYPE_CHECKING:
    from upscrolled.models import Account, Export

_REDIRECT_SECONDS = 600


class ExportEntity(msgspec.Struct, kw_only=True):
    """An archive of what is one's own: `queued`, `making`, `ready` or `failed`.

    `url` is where its owner fetches it, with the token, until `expires_at`; both are null until it is ready.
    """

    id: str
    state: str
    asked_at: str | None
    ready_at: str | None
    expires_at: str | None
    size: int | None
    url: str | None


class Exports(ClientView):
    """/api/v1/upscrolled/exports"""

    @endpoint(scope="read", answers=list[ExportEntity], restricted=True)
    def get(self, request: Request) -> HttpResponse:
        """List one's archives, the newest first."""
        return self.render([_entity(export) for export in exports.archives(self.me)])

    @endpoint(scope="write:accounts", answers=ExportEntity, status=202, restricted=True, also=("409",))
    def post(self, request: Request) -> HttpResponse:
        """Have an archive of what is one's own made: one at a time, one a day. A mail tells when it is ready."""
        return self.render(_entity(exports.ask_for_archive(by=self.me, now=self.now)), status=202)


class ExportedList(ClientView):
    """GET /api/v1/upscrolled/exports/{list_name}.csv"""

    @endpoint(scope="read", answers=bytes, restricted=True)
    def get(self, request: Request, list_name: str) -> StreamingHttpResponse:
        """Fetch one of one's lists as CSV, in the form in which Mastodon writes and takes it."""
        return listed(list_name, by=self.me)


class Archive(ClientView):
    """GET /api/v1/upscrolled/exports/{export_id}/archive.zip"""

    @endpoint(scope="read", answers=bytes, restricted=True)
    def get(self, request: Request, export_id: str) -> HttpResponseBase:
        """Fetch an archive of one's own, whole or a range of it; where media lie in an object store, from there."""
        return archived(request._request, self.id_of(export_id), by=self.me)


def listed(name: str, *, by: Account) -> StreamingHttpResponse:
    """Answer with a list, a page of rows at a time: no more of it is ever in memory."""
    file = exports.get_list(name, by=by)
    response = StreamingHttpResponse(file.pieces(by), content_type="text/csv; charset=utf-8")
    _for_one(response, file.name)
    return response


def archived(request: HttpRequest, export_id: int, *, by: Account) -> HttpResponseBase:
    """Answer with an archive, or with where its owner has it for ten minutes. Raises NotFound."""
    export = exports.get_archive(export_id, by=by, now=datetime.now(UTC))
    elsewhere = store.store().address(
        export.key, seconds=_REDIRECT_SECONDS, media_type=exports.MEDIA_TYPE, head=request.method == "HEAD"
    )
    if elsewhere is not None:
        response: HttpResponseBase = HttpResponseRedirect(elsewhere)
        response["Cache-Control"] = "private, no-store"
        return response
    try:
        file = store.store().open(export.key)
    except FileNotFoundError:
        raise NotFound from None
    tag = f'"{export.pk}-{export.attempts}"'
    response = streamed(request, file, exports.MEDIA_TYPE, tag)
    response["ETag"], response["Accept-Ranges"] = tag, "bytes"
    _for_one(response, f"{by.username}-{export.asked_at:%Y-%m-%d}.zip")
    return response


def _for_one(response: HttpResponseBase, name: str) -> None:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"


def _entity(export: Export) -> ExportEntity:
    ready = export.ready_at is not None
    path = f"/api/v1/upscrolled/exports/{export.pk}/archive.zip"
    return ExportEntity(
        id=str(export.pk),
        state=export.state,
        asked_at=stamp(export.asked_at),
        ready_at=stamp(export.ready_at) if export.ready_at else None,
        expires_at=stamp(export.due_at) if ready else None,
        size=export.size,
        url=settings.PUBLIC_URL + path if ready else None,
    )
