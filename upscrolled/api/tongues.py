"""Which of the site's languages an answer comes in that holds whole texts: what the phone asks for, else English."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.request import Request


def wanted(request: Request, *, named: str = "") -> str:
    """Return the first language of Accept-Language (or of `named`) that this site speaks, else its own."""
    header = named or request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    codes = (code.partition("-")[0].lower() for code, _weight in parse_accept_lang_header(header))
    return next((code for code in codes if code in dict(settings.LANGUAGES)), settings.LANGUAGE_CODE)


def told(response: HttpResponse, language: str) -> HttpResponse:
    """Say in which language the answer came, and that it depends on what is asked for."""
    response["Content-Language"], response["Vary"] = language, "Accept-Language"
    return response
