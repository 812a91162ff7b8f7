"""The page on which somebody takes their data along. Suspended people sign in and use it like everybody else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from upscrolled import exports, switches
from upscrolled.api.exports import archived, listed
from upscrolled.core.errors import DomainError, NotFound
from upscrolled.models import Account
from upscrolled.operations import exports as operations


class TakeAlong(LoginRequiredMixin, View):
    """What there is, and where."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List it, and the archives."""
        return _page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Have an archive made."""
        try:
            operations.ask_for_archive(by=_me(request), now=datetime.now(UTC))
        except DomainError as refusal:
            return _page(request, refusal)
        return redirect("export")


class OneList(LoginRequiredMixin, View):
    """A list as CSV, as the API gives it."""

    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """Answer with the file, or with the page and why not."""
        try:
            return listed(name, by=_me(request))
        except NotFound:
            raise Http404 from None
        except DomainError as refusal:
            return _page(request, refusal)


class Archive(LoginRequiredMixin, View):
    """An archive of one's own, as the API gives it."""

    def get(self, request: HttpRequest, export_id: int) -> HttpResponseBase:
        """Answer with the file, or with the page and why not."""
        try:
            return archived(request, export_id, by=_me(request))
        except NotFound:
            raise Http404 from None
        except DomainError as refusal:
            return _page(request, refusal)


def _me(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user


def _page(request: HttpRequest, refusal: DomainError | None = None) -> HttpResponse:
    titles = _titles()
    facts: dict[str, Any] = {
        "lists": [(file.list, titles.get(file.list, file.name)) for file in exports.lists()],
        "archives": operations.archives(_me(request)),
        "days": operations.KEPT.days,
        "off": switches.value("transfers") == "off",
        "refused": refusal,
    }
    response = render(request, "account/export.html", facts, status=refusal.status if refusal else 200)
    if refusal is not None and refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    response["Cache-Control"] = "private, no-store"
    return response


def _titles() -> dict[str, str]:
    return {
        "following_accounts": _("Whom you follow"),
        "followers": _("Who follows you"),
        "blocked_accounts": _("Whom you block"),
        "muted_accounts": _("Whom you mute"),
        "lists": _("Your lists"),
        "bookmarks": _("Your bookmarks"),
    }
