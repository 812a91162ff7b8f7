"""The page behind the link of a warning: end every session and token at once, then set a new password."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from upscrolled import origin
from upscrolled.operations import signins


class EndSessions(View):
    """Ask first: programs that look through mails follow links."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Say what the button does."""
        return self._page(request, key, done=False)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """End them."""
        account = signins.account_of_link(key)
        if account is not None:
            signins.end_all(account=account, origin=origin.of(request), now=datetime.now(UTC))
        return self._page(request, key, done=account is not None)

    def _page(self, request: HttpRequest, key: str, *, done: bool) -> HttpResponse:
        account = signins.account_of_link(key)
        facts = {"owner": account, "done": done}
        status = 200 if account is not None or done else 404
        response = render(request, "account/end_sessions.html", facts, status=status)
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response
