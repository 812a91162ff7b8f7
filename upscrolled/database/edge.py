"""Which requests begin on a replica. Installed by the settings only where there are replicas."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from upscrolled.database import marks, reading, watch


class ReadsOnReplicas:
    """GET and HEAD of the client API read on a replica; everything else, pages too, on the primary.

    What a replica does not know may be too young for it: a 404 is asked again of the primary, so that an id which
    somebody has just been told of is always found.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and note what was written for the reads that come after it."""
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        is_read = request.method in ("GET", "HEAD")
        with reading.begin(watch.choose() if is_read else None) as at_hand:
            response = self.get_response(request)
            if response.status_code == 404 and reading.leave():
                response = self.get_response(request)
            if at_hand.account_id and (at_hand.wrote or not is_read):
                marks.leave_mark(at_hand.account_id)
            return response
