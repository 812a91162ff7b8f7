"""The one view before all of /_allauth/: what the pages' middleware would bring, and what the site asks of everybody.

Who calls is known by X-Session-Token alone: a cookie that comes along is not looked at, and none is set.
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.internal.sessionkit import new_session
from cryptography.exceptions import InvalidSignature
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from upscrolled import limits, switches
from upscrolled.core.errors import ReadOnly

log = logging.getLogger(__name__)

URLCONF = "upscrolled.headless.urls"
JSON = "application/json; charset=utf-8"
# Signing in writes no more than a session; whatever else writes waits while the operator has switched it off.
_ALWAYS = (
    "app/v1/auth/login",
    "app/v1/auth/session",
    "app/v1/auth/code/",
    "app/v1/auth/2fa/",
    "app/v1/auth/webauthn/",
    "app/v1/auth/reauthenticate",
)
# What reading a credential raises that is none, or that another key has signed; the library foresees few of these.
_NO_CREDENTIAL = (AttributeError, IndexError, KeyError, TypeError, ValueError, InvalidSignature)
_SENTENCES = {
    400: ("bad_request", "The body is not a JSON object."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This method is not allowed here."),
    409: ("conflict", "This step does not fit the state of the session."),
    429: ("too_many_requests", "Too many requests; please try again later."),
}


@csrf_exempt
def enter(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Answer a call of an app's account screen, in JSON whatever happens."""
    if request.method != "GET" and not rest.startswith(_ALWAYS) and switches.value("writes") == "off":
        refusal = refuse(503, "read_only", ReadOnly.safe)
        refusal["Retry-After"] = str(ReadOnly.retry_after)
        return refusal
    address = limits.address_block(getattr(request, "client_ip", ""))
    allowance = limits.spend([(limits.PER_ADDRESS, address)]).allowance
    if allowance is not None and allowance.exceeded:
        return refuse_for(allowance.seconds_left)
    try:
        found = resolve(f"/{rest}", URLCONF)
    except Resolver404:
        return refuse(404, *_SENTENCES[404])
    request.session, request.user = new_session(), AnonymousUser()
    with translation.override(translation.get_language_from_request(request)):
        try:
            response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        except ImmediateHttpResponse as answered:
            response = answered.response
        except _NO_CREDENTIAL as error:
            if "webauthn" not in rest:
                raise
            log.info("A passkey cannot be read: %s", type(error).__name__)
            response = refuse(400, "incorrect_code", "This is no credential of a passkey.", "credential")
    response = _as_json(response)
    response["Cache-Control"] = "no-store"
    return response


def refuse(status: int, code: str, message: str, param: str | None = None) -> HttpResponse:
    """Return a refusal in the library's shape."""
    return refuse_all(status, [{"code": code, "message": message, **({"param": param} if param else {})}])


def refuse_for(seconds: int) -> HttpResponse:
    """Return a refusal that says after how many seconds one may try again."""
    refusal = refuse(429, *_SENTENCES[429])
    refusal["Retry-After"] = str(seconds)
    return refusal


def refuse_all(status: int, errors: list[dict[str, Any]]) -> HttpResponse:
    """Return several refusals in the library's shape."""
    return HttpResponse(
        msgspec.json.encode({"status": status, "errors": errors}), status=status, content_type=JSON
    )


def _as_json(response: HttpResponseBase) -> HttpResponseBase:
    """Give the library's bare refusals a body that says what they mean."""
    bare = not response.headers.get("Content-Type", "").startswith("application/json")
    unsaid = response.status_code == 429 and "Retry-After" not in response.headers
    if response.status_code < 400 or not (bare or unsaid):
        return response
    sentence = _SENTENCES.get(response.status_code, ("refused", "This could not be answered."))
    told = refuse(response.status_code, *sentence)
    if "Allow" in response.headers:
        told["Allow"] = response.headers["Allow"]
    return told
