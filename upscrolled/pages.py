"""The few pages a browser sees: what this is, the documents, and who somebody is. Sign-up is `joining`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language, get_language_info
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from upscrolled import people, switches, terms
from upscrolled.models import Account
from upscrolled.push import digests, words
from upscrolled.viewer import Viewer

# Interfaces, forms, and what only whoever has the link or is signed in shall read.
_NOT_FOR_ROBOTS: Final = (
    "/api/",
    "/_allauth/",
    "/oauth/",
    "/accounts/",
    "/account/",
    "/auth/",
    "/admin",
    "/media/private/",
    "/media/pictures/",
    "/disputes/",
    "/notice/",
    "/door/",
    "/mails/",
    "/i18n/",
    "/health",
)


def site(request: HttpRequest) -> dict[str, Any]:
    """Context of every page."""
    language = get_language_info(get_language() or settings.LANGUAGE_CODE)
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.PUBLIC_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "registrations_open": switches.value("registrations") != "closed",
        "crisis": switches.value("crisis") == "on",
        "languages": settings.LANGUAGES,
        "language": language["code"],
        "direction": "rtl" if language["bidi"] else "ltr",
    }


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go on."""
    return render(request, "index.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell machines that look through the web what is meant for everybody: pages, and nothing of one person's own.

    Whoever wants to be found by nobody says so on the profile, and each of their pages repeats it.
    """
    lines = ["User-agent: *", "Allow: /api/docs", *(f"Disallow: {address}" for address in _NOT_FOR_ROBOTS)]
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say who runs this and what it promises."""
    return render(request, "about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept of whom."""
    return render(request, "privacy.html", {"ip_days": settings.IP_RETENTION_DAYS})


@require_safe
def terms_of_service(request: HttpRequest) -> HttpResponse:
    """Say what is expected of everybody, in the reader's language if the text exists in it."""
    version = terms.in_force(datetime.now(UTC))
    language = terms.best_language([get_language() or settings.LANGUAGE_CODE], version)
    facts = {"version": version, "text": version.text(language), "text_language": language}
    return render(request, "terms.html", facts)


@require_safe
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """Show a public profile: the address that an account's `url` names."""
    account = Account.objects.named(username)
    person = people.load(Viewer(), [account.id])[account.id] if account else None
    if person is None or not person.active or "account_suspended" in person.restrictions:
        raise Http404
    return render(request, "profile.html", {"person": person, "address": f"@{person.username}"})


@csrf_exempt  # mail programs ask for it by themselves (RFC 8058); what is asked for stands in the signature
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mails(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails about what somebody has not read, from the link in one of them; opening it ends nothing yet."""
    account_id = digests.whose(token)
    if account_id is None:
        raise Http404
    if request.method == "POST":
        digests.stop(account_id)
    said = words.digest(get_language() or settings.LANGUAGE_CODE)
    return render(request, "stop_mails.html", {"words": said, "stopped": request.method == "POST"})


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing here, or lead on whom only the slash at the end parts from a page."""
    if request.method in ("GET", "HEAD"):
        path = request.path_info
        other = path[:-1] if path.endswith("/") else f"{path}/"
        if is_valid_path(other):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(iri_to_uri(f"{other}?{query}" if query else other))
    return render(request, "404.html", status=404)
