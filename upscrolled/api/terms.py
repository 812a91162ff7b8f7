"""The terms of service: the version in force, older and coming ones, and whether one has agreed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import terms
from upscrolled.api import tongues
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.core.errors import NotFound
from upscrolled.operations.terms import VERSION_MAX, accept_named
from upscrolled.shedding import Importance
from upscrolled.terms import Version


class TermsOfService(msgspec.Struct, kw_only=True):
    """What is expected of everybody (Mastodon API, TermsOfService)."""

    effective_date: str
    effective: bool
    content: str
    succeeded_by: str | None = None


class AcceptedTerms(msgspec.Struct, kw_only=True):
    """The version in force, in the best of the reader's languages, and the next one if it is published.

    `accepted` is null when nobody is signed in. A version that is not accepted locks nobody out: apps show it.
    """

    version: str
    effective_at: str
    language: str
    content: str
    changes: str
    accepted: bool | None
    next_version: str | None = None
    next_effective_at: str | None = None


class TermsForm(serializers.Serializer[Any]):
    """Which version one agrees to, by its name."""

    version = serializers.CharField(max_length=VERSION_MAX)


class Terms(ClientView):
    """GET /api/v1/instance/terms_of_service"""

    @endpoint(who="anyone", answers=TermsOfService, importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """Say what is expected of everybody, in the language that Accept-Language asks for."""
        return _shown(self, request, terms.in_force(self.now))


class TermsOfDay(ClientView):
    """GET /api/v1/instance/terms_of_service/:date"""

    @endpoint(who="anyone", answers=TermsOfService)
    def get(self, request: Request, day: str) -> HttpResponse:
        """Show the version that came, or comes, into force that day (YYYY-MM-DD)."""
        try:
            version = terms.effective_on(date.fromisoformat(day))
        except ValueError:
            raise NotFound from None
        if version is None:
            raise NotFound
        return _shown(self, request, version)


class AcceptTerms(ClientView):
    """POST /api/v1/upscrolled/terms/accept"""

    @endpoint(scope="write:accounts", body=TermsForm, answers=AcceptedTerms)
    def post(self, request: Request) -> HttpResponse:
        """Agree to the version in force, or to the next one."""
        named = self.valid(TermsForm)["version"]
        version = accept_named(account=self.me, version=named, now=self.now)
        return _told(self, request, version)


class CurrentTerms(ClientView):
    """GET /api/v1/upscrolled/terms"""

    @endpoint(who="anyone", scope="read:accounts", answers=AcceptedTerms)
    def get(self, request: Request) -> HttpResponse:
        """Tell which version is in force, and whether the viewer has agreed to it."""
        return _told(self, request, terms.in_force(self.now))


def _shown(view: ClientView, request: Request, version: Version) -> HttpResponse:
    language = _language(request, version)
    entity = TermsOfService(
        effective_date=_day(version.effective_at),
        effective=version.effective_at <= view.now,
        content=version.text(language),
        succeeded_by=version.succeeded_by.isoformat() if version.succeeded_by else None,
    )
    return tongues.told(view.render(entity), language)


def _told(view: ClientView, request: Request, version: Version) -> HttpResponse:
    language, coming = _language(request, version), terms.upcoming(view.now)
    account = view.viewer.account
    entity = AcceptedTerms(
        version=version.version,
        effective_at=str(stamp(version.effective_at)),
        language=language,
        content=version.text(language),
        changes=version.what_changed(language),
        accepted=terms.is_accepted(account, version) if account is not None else None,
        next_version=coming.version if coming else None,
        next_effective_at=stamp(coming.effective_at) if coming else None,
    )
    return tongues.told(view.render(entity), language)


def _language(request: Request, version: Version) -> str:
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return terms.best_language([code for code, _weight in parse_accept_lang_header(header)], version)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
