"""What every request passes: facts about the caller first, then what only pages need.

Sessions, CSRF, messages and languages belong to pages. The API trusts no cookie and speaks one language,
so for its addresses each of the `Page…` classes costs one look at `request.is_page`.
"""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import random
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

from upscrolled import shedding
from upscrolled.bulkhead import CROWDED, CUT_OFF
from upscrolled.shedding import Importance

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Addresses that clients write with and without a slash at the end, and never as people do in a browser.
_MACHINES = (
    "/log/",
    "/api/",
    "/_allauth/",
    "/media/",
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/userinfo",
    "/.well-known/",
    "/nodeinfo/",
    "/health",
)
_EITHER_SLASH = ("/api/", "/_allauth/", "/oauth/", "/.well-known/", "/nodeinfo/", "/health", "/@")
_PAGES_OF_THE_API = ("/api/docs",)
# Classes of what is no endpoint of the client API; the first that fits. What is not here is EXTRA.
ADDRESSES: tuple[tuple[str, Importance], ...] = (
    ("/health", Importance.ALWAYS),
    ("/oauth/", Importance.CORE),
    ("/accounts/", Importance.CORE),
    ("/admin/", Importance.CORE),
    ("/_allauth/", Importance.CORE),
    ("/auth/", Importance.CORE),
    ("/static/", Importance.CORE),
    ("/media/", Importance.READING),
    ("/.well-known/", Importance.CORE),
    ("/nodeinfo/", Importance.CORE),
    ("/about", Importance.READING),
    ("/privacy-policy", Importance.READING),
    ("/terms-of-service", Importance.READING),
    ("/i18n/", Importance.READING),
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}\Z")


class RequestFacts:
    """Settle, once and before anything else, what the rest may rely on.

    `request.id` (from X-Request-Id or drawn here), `request.client_ip`, the scheme and host (from the
    X-Forwarded headers) and `request.country` (from COUNTRY_HEADER; two letters or empty), all of which a
    request may only say of itself when the peer is one of TRUSTED_PROXIES, `request.is_page`, and a path
    without the slash that some clients add, so that no redirect turns their POST into a GET.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the request's id, so that a report of trouble can name it."""
        meta = request.META
        given = meta.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        peer, country = meta.get("REMOTE_ADDR", ""), ""
        if settings.TRUSTED_PROXIES and is_trusted(peer, tuple(settings.TRUSTED_PROXIES)):
            peer, country = _believe(request, peer), _country(meta)
        if "%00" in meta.get("QUERY_STRING", ""):  # PostgreSQL stores no NUL, and nobody types one
            meta["QUERY_STRING"] = meta["QUERY_STRING"].replace("%00", "%EF%BF%BD")
        path = request.path_info
        if path.endswith("/") and path.startswith(_EITHER_SLASH):
            path = request.path_info = path[:-1]
        facts = request.__dict__
        facts["id"] = request_id
        facts["client_ip"], facts["country"] = peer, country
        facts["is_page"] = not f"{path}/".startswith(_MACHINES) or path.startswith(_PAGES_OF_THE_API)
        if "HTTP_TRANSFER_ENCODING" in meta and not meta.get("CONTENT_LENGTH"):
            # WSGI knows no end of such a body, and Django would read it as empty.
            response: HttpResponseBase = _length_required()
        elif CUT_OFF in meta:
            response = _incomplete(meta[CUT_OFF], meta["CONTENT_LENGTH"])
        else:
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        if isinstance(response, HttpResponse) and response.status_code not in (204, 304):
            response["Content-Length"] = str(len(response.content))  # or it is sent in chunks
        return response


def _length_required() -> HttpResponse:
    sentence = (
        b'{"error":"Send the length of the body (Content-Length); bodies in chunks are not read here."}'
    )
    return HttpResponse(sentence, status=411, content_type="application/json; charset=utf-8")


def _incomplete(came: int, announced: str) -> HttpResponse:
    sentence = f'{{"error":"The body ended after {came} of the {announced} bytes that were announced."}}'
    return HttpResponse(sentence, status=400, content_type="application/json; charset=utf-8")


class Shed:
    """Refuse by 503 what matters least while more is asked than can be answered (see `shedding`).

    It stands before whatever looks anything up, so that a refusal costs next to nothing, and behind what gives
    every answer its id and lets browsers read it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or name the seconds after which to come again (Retry-After, RFC 9110 §10.2.3)."""
        crowded, level = CROWDED in request.META, shedding.gauge.level
        if crowded or level > 0.0:
            importance = importance_of(request)
            if crowded or random() < shedding.share(importance, level):
                shedding.gauge.count(importance)
                return _busy(request, shedding.pause(importance))
        return self.get_response(request)


def importance_of(request: HttpRequest) -> Importance:
    """Return the class of a request, by its address and method alone: nothing is looked up.

    Reading without a token is EXTRA: those who are signed in wait for something of theirs.
    """
    path, method = request.path_info, request.method or "GET"
    for prefix, importance in ADDRESSES:
        if path.startswith(prefix):
            return importance
    try:
        view = resolve(path).func
    except Resolver404:
        return Importance.EXTRA
    verb = "get" if method == "HEAD" else method.lower()
    facts = getattr(getattr(getattr(view, "view_class", None), verb, None), "endpoint", None)
    if facts is None:
        return Importance.EXTRA
    found: Importance = facts.importance or shedding.default_of(method)
    if found is Importance.READING and "HTTP_AUTHORIZATION" not in request.META:
        return Importance.EXTRA
    return found


def _busy(request: HttpRequest, seconds: int) -> HttpResponse:
    if request.__dict__.get("is_page", True):
        language = translation.get_language_from_request(request)
        response = HttpResponse(_busy_page(language), status=503)
        response["Content-Language"] = language
    else:
        sentence = f"More is asked of this site than it can answer just now. Try again in {seconds} seconds."
        response = HttpResponse(
            f'{{"error":"{sentence}"}}', status=503, content_type="application/json; charset=utf-8"
        )
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # a rule at work, not an error of ours
    return response


@lru_cache(maxsize=8)
def _busy_page(language: str) -> str:
    with translation.override(language):
        return render_to_string("503.html", {"language": language, "bidi": translation.get_language_bidi()})


@lru_cache(maxsize=1024)
def is_trusted(address: str, proxies: tuple[str, ...]) -> bool:
    """Say whether an address is one of these addresses or lies in one of these networks.

    A server that listens on a Unix socket knows no address of its peer; the word `unix` stands for that.
    """
    if not address:
        return "unix" in proxies
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    networks = (ipaddress.ip_network(proxy, strict=False) for proxy in proxies if proxy != "unix")
    return any(ip in network for network in networks)


def _country(meta: dict[str, Any]) -> str:
    """Return the country that a trusted proxy names."""
    name = settings.COUNTRY_HEADER.upper().replace("-", "_")
    return country_code(str(meta.get(f"HTTP_{name}", ""))) if name else ""


def country_code(said: str) -> str:
    """Return two letters; what is no pair of letters (T1, XX for unknown) is no country."""
    code = said.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() and code != "XX" else ""


def _believe(request: HttpRequest, peer: str) -> str:
    """Take scheme and host from a trusted proxy, and return the client's address."""
    meta = request.META
    if meta.get("HTTP_X_FORWARDED_PROTO", "").strip().lower() == "https":
        meta["wsgi.url_scheme"] = "https"
    if host := meta.get("HTTP_X_FORWARDED_HOST", "").split(",")[-1].strip():
        meta["HTTP_HOST"] = host
    return client_address(meta.get("HTTP_X_FORWARDED_FOR", ""), peer)


def client_address(forwarded_for: str, peer: str) -> str:
    """Return the address of the client that a trusted `peer` speaks for.

    Each proxy appends the address it was called from, so the client is the last one that is no proxy of
    ours: what stands further to the left was written by the client.
    """
    proxies = tuple(settings.TRUSTED_PROXIES)
    for address in reversed(forwarded_for.split(",")):
        candidate = address.strip()
        try:
            ipaddress.ip_address(candidate)
        except ValueError:
            return peer
        peer = candidate
        if not is_trusted(candidate, proxies):
            return peer
    return peer


class _PagesOnly:
    """Steps aside for everything that is no page."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if not request.__dict__.get("is_page", True):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class PageSecurity(_PagesOnly, SecurityMiddleware):
    """Django's security headers."""


class PageStatic(_PagesOnly, WhiteNoiseMiddleware):  # type: ignore[misc]
    """Files of the pages (styles, the API's documentation)."""

    def add_files(self, root: str, prefix: str | None = None) -> None:
        """Take the collected files, if somebody has collected them; the apps' own directories do as well."""
        if Path(root).is_dir():
            super().add_files(root, prefix=prefix)


class PageSession(_PagesOnly, SessionMiddleware):
    """Signed-in sessions."""


class PageLocale(_PagesOnly, LocaleMiddleware):
    """The reader's language, given back afterwards: the thread's next request may be the API's."""

    def __call__(self, request: HttpRequest) -> Any:
        """Answer in the language of the request."""
        try:
            return super().__call__(request)
        finally:
            translation.deactivate()


class PageCommon(_PagesOnly, CommonMiddleware):
    """Content-Length, and host names that are not ours."""


class PageCsrf(_PagesOnly, CsrfViewMiddleware):
    """Forms must come from our own pages."""

    def process_view(
        self,
        request: HttpRequest,
        callback: Any,
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> Any:
        """Check the form's token; the API takes no cookies, so it needs none."""
        if not request.__dict__.get("is_page", True):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class PageAuthentication(_PagesOnly, AuthenticationMiddleware):
    """The account of the session."""


class PageMessages(_PagesOnly, MessageMiddleware):
    """One-time messages of the pages."""


class PageClickjacking(_PagesOnly, XFrameOptionsMiddleware):
    """Nobody may frame our pages."""
