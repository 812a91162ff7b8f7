"""Sign-in for applications: register, ask a person, exchange the code, revoke; and what tells them where."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import View
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.http import OAuth2ResponseRedirect
from oauth2_provider.oauth2_backends import get_oauthlib_core
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import access, limits, oauth, second_factor
from upscrolled.api import errors, parsers
from upscrolled.api.base import JSON, ClientView, endpoint
from upscrolled.core.errors import NotFound, TooMany
from upscrolled.operations.access import register_application
from upscrolled.push import vapid
from upscrolled.shedding import Importance

_TRUE = {"1", "true", "t", "yes", "on"}


class Application(msgspec.Struct, kw_only=True):
    """A registered client (Mastodon API, Application)."""

    id: str
    name: str
    website: str | None
    scopes: list[str]
    redirect_uri: str
    redirect_uris: list[str]
    vapid_key: str = ""


class CredentialApplication(Application, kw_only=True):
    """A client as it is told once, when it registers (Mastodon API, CredentialApplication)."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int = 0


class Addresses(serializers.Field[list[str], Any, Any, Any]):
    """Redirect addresses: one text, a line each, or a list."""

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the addresses."""
        return [part for value in parsers.many(data) for part in str(value).split()]

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value


class NewApplication(serializers.Serializer[Any]):
    """What a client says of itself."""

    client_name = serializers.CharField(max_length=1_000)
    redirect_uris = Addresses()
    scopes = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=4_000)
    website = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=4_000)


class Applications(ClientView):
    """POST /api/v1/apps"""

    @endpoint(
        who="anyone",
        body=NewApplication,
        answers=CredentialApplication,
        limit=limits.APPLICATIONS,
        always=True,  # or nobody could sign in while the site is read-only
        importance=Importance.CORE,
    )
    def post(self, request: Request) -> HttpResponse:
        """Register a client; the secret is told here and never again."""
        facts = self.valid(NewApplication)
        made = register_application(
            name=facts["client_name"],
            redirect_uris=facts["redirect_uris"],
            scopes=facts.get("scopes") or oauth.DEFAULT,
            website=facts.get("website") or "",
        )
        shape = _application(made.application)
        secrets = {"client_id": made.application.client_id, "client_secret": made.client_secret}
        return self.render(CredentialApplication(**msgspec.structs.asdict(shape), **secrets))


class VerifyApplication(ClientView):
    """GET /api/v1/apps/verify_credentials"""

    @endpoint(who="app", answers=Application, importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """Tell a client which one it is."""
        assert self.principal is not None
        application = access.application(self.principal.application_id)
        if application is None:
            raise NotFound
        return self.render(_application(application))


class Token(View):
    """POST /oauth/token"""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Exchange a code or the client's own secret for a token (RFC 6749 §4.1.3, §4.4)."""
        if (busy := _charge(request)) is not None:
            return busy
        try:
            _uri, headers, body, status = _server().create_token_response(request)
        except (BadRequest, SuspiciousOperation, ValueError) as error:
            return _refusal("invalid_request", str(error))
        return _json(body, status, headers)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 405 in the API's shape."""
        refusal = errors.answer(405, f"Method {request.method} is not allowed here.")
        refusal["Allow"] = ", ".join(name.upper() for name in self.http_method_names if hasattr(self, name))
        return refusal


class Revoke(Token):
    """POST /oauth/revoke"""

    def post(self, request: HttpRequest) -> HttpResponse:
        """End a token of the client that asks (RFC 7009); one that is unknown is as good as ended.

        Another client's is 403, and so is none, as at Mastodon.
        """
        if (busy := _charge(request)) is not None:
            return busy
        try:
            _uri, headers, body, status = _server().create_revocation_response(request)
        except (BadRequest, SuspiciousOperation, ValueError) as error:
            return _refusal("invalid_request", str(error))
        return _json(body or "{}", status, headers)


class Authorize(View):
    """GET and POST /oauth/authorize: ask the person at the screen whether this application may."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show who asks for what; people who are not signed in do that first."""
        return self._answer(request, self._ask)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the decision, and hand the code to the application or show it."""
        return self._answer(request, self._decide)

    def _answer(self, request: HttpRequest, step: Any) -> HttpResponse:
        """Check the request against the registration before anything of it is believed."""
        if (language := request.GET.get("lang")) and translation.check_for_language(language):
            translation.activate(language)
        try:
            scopes, credentials = _server().validate_authorization_request(request)
        except FatalClientError as error:
            return _error_page(request, error.oauthlib_error.description or error.oauthlib_error.error)
        except OAuthToolkitError as error:
            return self._back(request, _with_error(error), None)
        except (BadRequest, ValueError):
            return _error_page(request, _("The address of this page cannot be read."))
        wants_login = (
            request.GET.get("force_login", "").lower() in _TRUE or request.GET.get("prompt") == "login"
        )
        if request.method == "GET" and wants_login:
            logout(request)
            return redirect_to_login(_without(request, "force_login", "prompt"))
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if oauth.is_for_staff(scopes) and second_factor.proven_at(request) is None:
            # What may moderate is given by a session that could open the panel.
            return redirect(second_factor.asking(request, then=request.get_full_path()))
        response: HttpResponse = step(request, scopes, credentials)
        response["Cache-Control"] = "no-store"
        return response

    def _ask(self, request: HttpRequest, scopes: list[str], credentials: dict[str, Any]) -> HttpResponse:
        application = credentials["request"].client
        target = urlsplit(credentials["redirect_uri"])
        facts = {
            "application": application,
            "website_host": urlsplit(application.website).hostname or "",
            "permissions": oauth.sentences(scopes),
            "returns_to": target.hostname if target.scheme in ("http", "https") else "",
            "action": request.get_full_path(),
        }
        return render(request, "oauth/authorize.html", facts)

    def _decide(self, request: HttpRequest, scopes: list[str], credentials: dict[str, Any]) -> HttpResponse:
        application = credentials.pop("request").client
        allowed = request.POST.get("decision") == "allow"
        try:
            address, _headers, _body, _status = _server().create_authorization_response(
                request, scopes, credentials, allowed
            )
        except OAuthToolkitError as error:
            return self._back(request, _with_error(error), application)
        # The registered address to the letter: parsing would make `icecubesapp:?…` of `icecubesapp://`.
        registered = credentials["redirect_uri"].partition("?")[0]
        return self._back(request, f"{registered}?{address.partition('?')[2]}", application)

    def _back(self, request: HttpRequest, address: str, application: Any) -> HttpResponse:
        """Send the browser to the application; out-of-band means that the person carries the code."""
        if not address.startswith(oauth.OUT_OF_BAND):
            scheme = address.partition(":")[0]
            return OAuth2ResponseRedirect(address, [scheme])  # type: ignore[no-any-return]
        answer = dict(parse_qsl(address.partition("?")[2]))
        if "code" not in answer:
            return _error_page(request, answer.get("error_description") or answer.get("error", ""))
        return render(request, "oauth/code.html", {"application": application, "code": answer["code"]})


def _application(application: Any) -> Application:
    addresses = application.redirect_uris.split()
    return Application(
        id=str(application.id),
        name=application.name,
        website=application.website or None,
        scopes=application.scopes.split(),
        redirect_uri="\n".join(addresses),
        redirect_uris=addresses,
        vapid_key=vapid.public_key(),
    )


@lru_cache(maxsize=1)
def _server() -> Any:
    return get_oauthlib_core()


def _charge(request: HttpRequest) -> HttpResponse | None:
    """Count a call against the published limit of its address; return the refusal when it is exceeded."""
    address = limits.address_block(getattr(request, "client_ip", ""))
    allowance = limits.spend([(limits.PER_ADDRESS, address)]).allowance
    if allowance is not None and allowance.exceeded:
        refusal = errors.answer(TooMany.status, TooMany.safe)
        refusal["Retry-After"] = str(allowance.seconds_left)
        return refusal
    return None


def _json(body: str, status: int, headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type=JSON)
    for name, value in headers.items():
        if name.lower() != "content-type":
            response[name] = value
    response["Cache-Control"] = "no-store"
    return response


def _refusal(error: str, description: str) -> HttpResponse:
    body = msgspec.json.encode(errors.Error(error=error, error_description=description[:200]))
    return HttpResponse(body, status=400, content_type=JSON)


def _error_page(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "oauth/error.html", {"reason": reason}, status=400)


def _with_error(error: OAuthToolkitError) -> str:
    """Return the application's address with what went wrong (RFC 6749 §4.1.2.1)."""
    refused = error.oauthlib_error
    separator = "&" if "?" in refused.redirect_uri else "?"
    return f"{refused.redirect_uri}{separator}{refused.urlencoded}"


def _without(request: HttpRequest, *names: str) -> str:
    """Return the request's own address without these parameters."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}"
