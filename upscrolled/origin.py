"""Where a request comes from, as far as limits, age and records of sign-ins need to know."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

from upscrolled import limits

COOKIE, COOKIE_SECONDS = "upscrolled_device", 180 * 86_400
USER_AGENT_MAX = 200
_SALT = "upscrolled.origin"


@dataclass(frozen=True, slots=True)
class Origin:
    """Address, device and country of a client.

    `device` is a digest under this site's secret, of no use elsewhere. `country` is two letters, or empty when
    no trusted proxy says it.
    """

    address: str = ""
    device: str = ""
    user_agent: str = ""
    country: str = ""


def of(request: HttpRequest, *, application_id: int | None = None) -> Origin:
    """Read the origin of a request, which the middleware has settled (`client_ip`, `country`).

    A browser is known by a signed cookie. An application has none: its device is the registration (most
    applications register once for each installation) with its User-Agent and neighbourhood, so that an app
    whose users all share one registration is still many devices.
    """
    address = _address(str(getattr(request, "client_ip", "") or request.META.get("REMOTE_ADDR", "")))
    agent = _text(request.META.get("HTTP_USER_AGENT", ""))[:USER_AGENT_MAX]
    drawn = _cookie(request) if application_id is None else ""
    facts = drawn or f"{application_id}\n{agent}\n{limits.wide_block(address)}"
    device = salted_hmac(_SALT, facts, algorithm="sha256").hexdigest()[:32]
    return Origin(address, device, agent, str(getattr(request, "country", "")))


def remember_device(request: HttpRequest, response: HttpResponse) -> None:
    """Give a browser the cookie by which it is known here, if it has none yet."""
    if _cookie(request):
        return
    response.set_signed_cookie(
        COOKIE,
        get_random_string(22),
        salt=_SALT,
        max_age=COOKIE_SECONDS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def _address(text: str) -> str:
    """Return an address as PostgreSQL reads it: without the interface that link-local ones name; else nothing."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return ""


def _text(header: str) -> str:
    return header.encode(errors="replace").decode().replace("\x00", "")


def _cookie(request: HttpRequest) -> str:
    try:
        return str(request.get_signed_cookie(COOKIE, "", salt=_SALT, max_age=COOKIE_SECONDS))
    except signing.BadSignature:
        return ""
