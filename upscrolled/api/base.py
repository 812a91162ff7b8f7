"""ClientView: from a bearer token to a Viewer, scope, limit; then one call and a rendered entity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from upscrolled import access, limits, switches
from upscrolled.api import errors, pagination, parsers
from upscrolled.core import ids
from upscrolled.core.errors import (
    Invalid,
    NotAllowed,
    NotFound,
    OutOfScope,
    ReadOnly,
    TooMany,
    Unauthenticated,
)
from upscrolled.core.paging import Page
from upscrolled.limits import Limit
from upscrolled.oauth import covers
from upscrolled.shedding import Importance
from upscrolled.viewer import Viewer

if TYPE_CHECKING:
    from upscrolled.models import Account

JSON = "application/json; charset=utf-8"
Handler = TypeVar("Handler", bound=Callable[..., Any])
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What one method of a view asks for and answers; the OpenAPI page is made from it.

    `who` is "user" (a signed-in person), "app" (any token) or "anyone". `answers` is a msgspec type, or bytes.
    `restricted` lets people in whose account is suspended, so that they can read why. `always` is for what is
    answered also while the operator has switched writing off, although its method writes. `importance` says
    when it is refused by a site that is too busy; None: as a read or a write is (`shedding.default_of`).
    `limit` counts beside those of the token and the account; `alone`: instead of them, for what one act of a
    person asks many times.
    """

    scope: str = ""
    who: str = "user"
    answers: Any = None
    body: type[serializers.Serializer[Any]] | None = None
    query: tuple[str, ...] = ()
    status: int = 200
    limit: Limit | None = None
    alone: bool = False
    paged: bool = False
    restricted: bool = False
    always: bool = False
    importance: Importance | None = None
    also: tuple[str, ...] = ()


def endpoint(**facts: Any) -> Callable[[Handler], Handler]:
    """Declare a handler's facts (see Endpoint). A handler without them needs a user and no scope."""
    described = Endpoint(**facts)

    def mark(handler: Handler) -> Handler:
        handler.endpoint = described  # type: ignore[attr-defined]
        return handler

    return mark


class ClientView(APIView):
    """Base of every endpoint of the client API.

    Django REST framework brings dispatch, body parsing and input serializers; the way out is msgspec.
    """

    viewer: Viewer
    principal: access.Principal | None
    now: datetime
    counted: int | None = None
    _allowance: limits.Allowance | None = None
    _fallback: ClassVar[Endpoint] = Endpoint()
    _absent: ClassVar[Endpoint] = Endpoint(who="anyone", always=True)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who asks, whether the token reaches that far, and whether a limit is exceeded."""
        facts = self._facts(request)
        self.now = datetime.now(UTC)
        self.principal = None
        if request.method not in _READS and not facts.always and switches.value("writes") == "off":
            raise ReadOnly
        try:
            self.principal = self._principal(request)
        except Unauthenticated:
            self._charge(request, facts)  # Or tokens could be tried as fast as we can look them up.
            raise
        self._charge(request, facts)
        self._admit(facts)
        principal = self.principal
        if principal is None or principal.account is None:
            self.viewer = Viewer(country=getattr(request, "country", ""))
        else:
            self.viewer = Viewer(principal.account, principal.graph_version, getattr(request, "country", ""))

    def _facts(self, request: Request) -> Endpoint:
        """What the method asks for. One that this address does not have asks for nothing: the answer is 405."""
        name = (request.method or "").lower()
        handler = getattr(self, name, None) if name in self.http_method_names else None
        return self._absent if handler is None else getattr(handler, "endpoint", self._fallback)

    @property
    def token_id(self) -> int:
        """Which token asks: one phone's; 0 without one."""
        return self.principal.token_id if self.principal is not None else 0

    @property
    def me(self) -> Account:
        """The signed-in account; only endpoints for users may ask."""
        assert self.viewer.account is not None
        return self.viewer.account

    def _principal(self, request: Request) -> access.Principal | None:
        """Look the bearer token up. Raises Unauthenticated if there is one and it is not good."""
        token = _bearer(request)
        if token is None:
            return None
        principal = access.principal(access.digest(token))
        if principal is None:
            raise Unauthenticated
        return principal

    def _admit(self, facts: Endpoint) -> None:
        principal = self.principal
        if principal is None:
            if facts.who != "anyone":
                raise Unauthenticated
            return
        if facts.scope and not covers(principal.scopes, facts.scope):
            raise OutOfScope
        if principal.account is None:
            if facts.who == "user":
                raise Invalid("This method requires an authenticated user")
            return
        if not principal.account.is_active:
            raise NotAllowed("Your login is currently disabled")
        if facts.restricted or facts.who != "user":
            return
        if not principal.account.is_confirmed:
            raise NotAllowed(access.why_unconfirmed(principal.account))
        if "account_suspended" in principal.restrictions:
            raise NotAllowed("Your login is currently disabled")

    def _charge(self, request: Request, facts: Endpoint) -> None:
        """Count this request against the published limits. Raises TooMany with when it may come again."""
        principal = self.principal
        address = limits.address_block(
            getattr(request, "client_ip", "") or request.META.get("REMOTE_ADDR", "")
        )
        if principal is None:
            charges = [(limits.PER_ADDRESS, address)]
        else:
            charges = [(limits.PER_TOKEN, str(principal.token_id))]
            if principal.account is not None:
                charges.insert(0, (limits.PER_ACCOUNT, str(principal.account.id)))
        if facts.limit is not None:
            who = str(principal.account.id) if principal and principal.account else address
            charges = [*([] if facts.alone and principal else charges), (facts.limit, who)]
        # Once a request, also when it is asked again of the primary (upscrolled/database/edge.py).
        facts_of_request = request._request.__dict__
        spent = facts_of_request.get("spent") or limits.spend(charges, tally=self.tally(request))
        facts_of_request["spent"] = spent
        self._allowance, self.counted = spent.allowance, spent.tally
        if self._allowance is not None and self._allowance.exceeded:
            raise TooMany(retry_after=self._allowance.seconds_left)

    def tally(self, request: Request) -> limits.Tally | None:
        """What this endpoint wants counted with the limits; the count is then in `self.counted`."""
        return None

    # --- input ---------------------------------------------------------------------------------------

    def valid(self, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Return the body (and query) checked by a serializer. Raises 422 with a sentence for each field."""
        checked: dict[str, Any] = _form(form).run_validation(self.params())
        return checked

    def params(self) -> dict[str, Any]:
        """Query string and body as one nested dict, as Rails gives them; the body wins."""
        request = self.request
        query = parsers.nested(request._request.GET)
        # Mastodon.py asks for familiar followers by a GET with the ids in its body.
        bodiless = request.META.get("CONTENT_LENGTH") in (None, "", "0")
        if request.method in ("GET", "HEAD") and bodiless:
            return query
        parsers.require_size(request.META, limit=getattr(self, "body_max", None))
        if not isinstance(request.data, dict):
            return query
        return {**query, **request.data}

    def many_ids(self, name: str = "id", *, at_most: int = 500) -> list[int]:
        """Read `id[]=1&id[]=2`, `id=1` or a JSON list; what is no id is left out."""
        values = parsers.many(self.params().get(name))
        if len(values) > at_most:
            raise Invalid(f"At most {at_most} ids in one request; there were {len(values)}.")
        found = (ids.parse(str(value)) for value in values)
        return list(dict.fromkeys(number for number in found if number is not None))

    def flag(self, name: str) -> bool:
        """Read a parameter that is true or false; who changes something may send it in the body."""
        value = self.request.query_params.get(name)
        if value is None and self.request.method not in _READS:
            value = self.params().get(name)
        return str(value).lower() in ("1", "true", "t", "on", "yes")

    @staticmethod
    def id_of(text: str) -> int:
        """Read an id of the path. Raises NotFound for what cannot be one."""
        number = ids.parse(text)
        if number is None:
            raise NotFound
        return number

    def page(self, *, default: int, maximum: int) -> Page:
        """Read the paging parameters."""
        return pagination.page_of(self.request, default=default, maximum=maximum)

    # --- output --------------------------------------------------------------------------------------

    def render(self, entity: Any, *, status: int = 200, link: str = "") -> HttpResponse:
        """Encode an entity (or a list of them)."""
        response = HttpResponse(msgspec.json.encode(entity), status=status, content_type=JSON)
        if link:
            response["Link"] = link
        return response

    def paged(self, entities: list[Any], page: Page, *, first: int | None, last: int | None) -> HttpResponse:
        """Render a page; `first` and `last` are the cursors of its ends, `last` None after the last page."""
        following = {"max_id": last} if last is not None else None
        previous = {"min_id": first} if first is not None else None
        return self.render(
            entities, link=pagination.link(self.request, following=following, previous=previous)
        )

    def finalize_response(  # type: ignore[override]  # bytes are ready: no renderer of the framework runs
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add what every answer carries, and let go of the files that were sent."""
        parsers.close_files(request._request)
        allowance = self._allowance
        if allowance is not None:
            response["X-RateLimit-Limit"] = str(allowance.limit)
            response["X-RateLimit-Remaining"] = str(allowance.remaining)
            resets = datetime.fromtimestamp(allowance.resets_at, UTC)
            response["X-RateLimit-Reset"] = resets.isoformat(timespec="microseconds").replace("+00:00", "Z")
        response.setdefault("Cache-Control", "private, no-store")
        return response

    @endpoint(who="anyone")
    def options(  # type: ignore[override]
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Name the methods of this address; a browser's preflight is answered before it comes here."""
        response = HttpResponse(status=204, content_type=JSON)
        response["Allow"] = ", ".join(self.allowed_methods)
        return response

    def http_method_not_allowed(  # type: ignore[override]
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Answer 405 in the API's shape."""
        response = errors.answer(405, f"Method {request.method} is not allowed here.")
        response["Allow"] = ", ".join(self.allowed_methods)
        return response


@cache
def _form(form: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One of each, with its fields: to make them is half of what checking a body costs, and they keep nothing."""
    return form()


def _bearer(request: Request) -> str | None:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    kind, _, token = header.partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return str(token.strip())
    if kind:
        raise Unauthenticated
    return None
