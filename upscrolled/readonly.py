"""While the operator has switched writing off, the pages' forms take nothing either, by the rule of the API.

What goes on is what somebody needs to sign in, staff above all, to sign out and to end what a thief has opened; and
crisis mode, which is a switch itself. The API decides for each of its endpoints (`api/base.py`), and `/_allauth/` too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation

from upscrolled import switches
from upscrolled.core.errors import ReadOnly

# Beginnings of the addresses whose forms are taken all the same.
ALWAYS: Final = (
    "/oauth/",
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/authenticate/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/webauthn/login/",
    "/accounts/end-sessions/",
    "/admin/crisis/",
    "/i18n/",
)
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class PageReadOnly:
    """Answers a form by 503 and when to come again; it stands before whatever would look up who sent it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse a write."""
        if (
            request.method in _READS
            or not request.__dict__.get("is_page", True)
            or request.path_info.startswith(ALWAYS)
            or switches.value("writes") == "on"
        ):
            return self.get_response(request)
        return _refusal(request)


def _refusal(request: HttpRequest) -> HttpResponse:
    response: HttpResponse
    if request.headers.get("Accept", "").startswith("application/json"):  # a script of the panel
        response = JsonResponse({"error": ReadOnly.safe}, status=ReadOnly.status)
    else:
        language = translation.get_language_from_request(request)
        response = HttpResponse(_page(language), status=ReadOnly.status)
        response["Content-Language"] = language
    response["Retry-After"] = str(ReadOnly.retry_after)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # a rule at work, not an error of ours
    return response


@lru_cache(maxsize=8)
def _page(language: str) -> str:
    with translation.override(language):
        facts = {"language": language, "bidi": translation.get_language_bidi(), "read_only": True}
        return render_to_string("503.html", facts)
