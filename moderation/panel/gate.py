"""Who comes in: staff, where their roles let them, and reviewers from outside to the one case that was granted to them.

Each with a second factor that this very session has given.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from moderation.operations.reviewers import Missing
from moderation.panel import visitor, words
from moderation.panel.refused import sentence
from moderation.panel.render import language, render
from upscrolled import second_factor
from upscrolled.core.errors import DomainError, NotAllowed, NotFound
from upscrolled.models import Account
from upscrolled.queries import staff

View = Callable[..., HttpResponseBase]
Granted = Callable[..., bool]  # as `reviewers.is_granted`: somebody, the number in the address, now
FRESH: Final = 600.0  # seconds for which the dark lanes stay open after a second factor


def _bucket() -> str:
    """Where media lie if not with us: our own addresses lead on to there."""
    options = settings.STORAGES["default"].get("OPTIONS", {})
    if not options.get("bucket_name"):
        return ""
    named = (options["endpoint_url"] or "https://*.amazonaws.com", settings.MEDIA_PUBLIC_URL)
    parts = [urlsplit(each) for each in named]
    return "".join(f" {one.scheme}://{one.netloc}" for one in parts)


# Nothing but our own files runs, loads or is sent anywhere: these pages show what people were reported for.
POLICY: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{_bucket()}; "
    f"media-src 'self'{_bucket()}; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def screen(
    *methods: str, may: str = "", posting: str = "", granted: Granted | None = None
) -> Callable[[View], View]:
    """Make a view a screen of the panel for these methods, for staff who have the permission `may`, if it names one.

    `posting` is what a form needs where reading needs less. `granted` says of what the address names whether
    somebody without a role may be here; else they may not. What an operation refuses becomes a page with its sentence
    and status.
    """

    def dress(view: View) -> View:
        @require_http_methods([*methods])
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            needed = posting if posting and request.method == "POST" else may
            response = turned_away(request, needed, lets_in=partial(_is_granted, granted, kwargs))
            if response is None:
                try:
                    response = view(request, *args, **kwargs)
                except DomainError as error:
                    response = refusal(request, error)
            response["Content-Security-Policy"] = POLICY
            add_never_cache_headers(response)
            return response

        return shown

    return dress


def turned_away(
    request: HttpRequest, may: str = "", *, lets_in: Callable[[Account], bool] | None = None
) -> HttpResponseBase | None:
    """Return what stands between this visitor and the panel, or None. `lets_in` is asked about who has no role.

    How they stand is asked in one statement, and written down for the views.
    """
    me = request.user
    if not isinstance(me, Account):
        return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
    found = staff.standing(me.pk, now=datetime.now(UTC))
    is_guest = not found.is_staff and lets_in is not None and lets_in(me)
    if not (found.is_staff or is_guest) or not me.is_active or found.is_suspended:
        return refusal(request, NotAllowed("This is for people who moderate this site."))
    visitor.admit(request, found)
    if may and found.is_staff and not found.may(may):
        return refusal(request, Missing(may))
    if second_factor.proven_at(request) is None:
        return prove(request)
    return None


def _is_granted(granted: Granted | None, named: dict[str, int], visitor: Account) -> bool:
    return granted is not None and granted(visitor, *named.values(), now=datetime.now(UTC))


def prove(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor, or for setting one up, and come back."""
    here = request.get_full_path() if request.method == "GET" else resolve_url("panel:dashboard")
    return redirect(second_factor.asking(request, then=here))


def opens_dark(request: HttpRequest) -> bool:
    """Say whether a second factor was given just now, which the lane of abuse and terror asks for beside its role."""
    proven = second_factor.proven_at(request)
    return proven is not None and time.time() - proven < FRESH


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Say on a page why not; to a script, in JSON."""
    said = sentence(error if not isinstance(error, NotFound) else NotFound())
    if isinstance(error, Missing):
        these = words.of(language())
        said = these["missing"].format(permission=these[f"may_{error.permission}"])
    if by_script(request):
        return JsonResponse({"error": said}, status=error.status)
    return render(request, "refusal", {"sentence": said}, status=error.status)


def by_script(request: HttpRequest) -> bool:
    """Say whether the panel's script asks, which takes JSON, and not a form."""
    return request.headers.get("Accept", "").startswith("application/json")


def me(request: HttpRequest) -> Account:
    """Return the moderator behind a request that has come through."""
    assert isinstance(request.user, Account)
    return request.user
