"""The pages on which somebody deletes their account, and on which they come back from the link in a mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from upscrolled.core.errors import Conflict, TooMany
from upscrolled.models import Account
from upscrolled.operations import leaving


class DeleteAccount(LoginRequiredMixin, View):
    """Say what happens, ask for the password once more, and do it. Suspended people may too."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say what the button does."""
        return _page(request, "account/delete.html", owner=request.user)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Close the account, and sign out."""
        assert isinstance(request.user, Account)
        now, owner = datetime.now(UTC), request.user
        try:
            departure = leaving.leave(account=owner, password=request.POST.get("password", ""), now=now)
        except leaving.WrongPassword:
            problem = _("This is not your password.")
            return _page(request, "account/delete.html", 422, owner=owner, problem=problem)
        except TooMany:
            problem = _("Too many failed attempts. Try again later.")
            return _page(request, "account/delete.html", 429, owner=owner, problem=problem)
        logout(request)
        return _page(request, "account/delete.html", done=True, erased_on=departure.erase_at)


class ComeBack(View):
    """Ask first: programs that look through mails follow links."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Say what the button does."""
        owner = leaving.account_of_link(key, now=datetime.now(UTC))
        return _page(request, "account/come_back.html", 200 if owner else 404, owner=owner)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Open the account again; signing in asks for password and second step as ever."""
        now = datetime.now(UTC)
        owner = leaving.account_of_link(key, now=now)
        if owner is None:
            return _page(request, "account/come_back.html", 404)
        try:
            leaving.come_back(account=owner, now=now)
        except Conflict:  # its time was over a moment ago
            return _page(request, "account/come_back.html", 404)
        return _page(request, "account/come_back.html", owner=owner, done=True)


def _page(request: HttpRequest, template: str, status: int = 200, **facts: Any) -> HttpResponse:
    response = render(request, template, {"days": settings.ACCOUNT_ERASED_DAYS, **facts}, status=status)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
