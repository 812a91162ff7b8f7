"""What programs look for before they know anything of a site: `/.well-known/…` and nodeinfo."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from upscrolled import oauth, queries, switches
from upscrolled.api import errors
from upscrolled.api.base import JSON

_SCHEMAS = "http://nodeinfo.diaspora.software/ns/schema"
_VERSIONS = ("2.0", "2.1")
_XRD = """<?xml version="1.0" encoding="UTF-8"?>
<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"></XRD>
"""


@require_safe
def authorization_server(request: HttpRequest) -> HttpResponse:
    """Name the OAuth endpoints (RFC 8414)."""
    base = settings.PUBLIC_URL
    return _answer(
        {
            "issuer": f"{base}/",
            "service_documentation": f"{base}/api/docs",
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "app_registration_endpoint": f"{base}/api/v1/apps",
            "revocation_endpoint": f"{base}/oauth/revoke",
            "userinfo_endpoint": f"{base}/oauth/userinfo",
            "scopes_supported": sorted(oauth.SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        }
    )


@require_safe
def nodeinfo_links(request: HttpRequest) -> HttpResponse:
    """Say where nodeinfo is."""
    base = settings.PUBLIC_URL
    links = [{"rel": f"{_SCHEMAS}/{number}", "href": f"{base}/nodeinfo/{number}"} for number in _VERSIONS]
    return _answer({"links": links})


@require_safe
def nodeinfo(request: HttpRequest, version: str) -> HttpResponse:
    """Describe the software; `metadata.upstream` tells clients whose API it speaks."""
    if version not in _VERSIONS:
        return errors.not_found(request)
    software = {"name": "upscrolled", "version": settings.VERSION}
    size = queries.figures(datetime.now(UTC))
    shape = {
        "version": version,
        "software": software,
        # One site: nothing federates. The schema wants at least one protocol's name all the same.
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": switches.value("registrations") in ("open", "approval"),
        "usage": {"users": {"total": size.people, "activeMonth": size.active}, "localPosts": size.posts},
        "metadata": {"nodeName": settings.SITE_NAME, "upstream": {"name": "mastodon"}},
    }
    return _answer(shape)


@require_safe
def host_meta(request: HttpRequest) -> HttpResponse:
    """Answer an empty description: no account is looked up from elsewhere."""
    return HttpResponse(_XRD, content_type="application/xrd+xml; charset=utf-8")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Lead password managers to the page."""
    return HttpResponseRedirect(reverse("account_change_password"))


def _answer(shape: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(json.dumps(shape), content_type=JSON)
    response["Cache-Control"] = "public, max-age=300"
    return response
