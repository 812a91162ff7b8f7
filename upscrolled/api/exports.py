"""What people take with them: single lists as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from upscrolled.api.base import ClientView, endpoint
from upscrolled.operations import exports

if TYPE_CHECKING:
    from upscrolled.models import Account


class ExportedList(ClientView):
    """GET /api/v1/upscrolled/exports/{list_name}.csv"""

    @endpoint(scope="read", answers=bytes, restricted=True)
    def get(self, request: Request, list_name: str) -> StreamingHttpResponse:
        """Fetch one of one's lists as CSV, in the form in which Mastodon writes and takes it."""
        return listed(list_name, by=self.me)


def listed(name: str, *, by: Account) -> StreamingHttpResponse:
    """Answer with a list, a page of rows at a time: no more of it is ever in memory."""
    file = exports.get_list(name, by=by)
    response = StreamingHttpResponse(file.pieces(by), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
