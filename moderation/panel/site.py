"""Django's admin, dressed by Unfold: the records behind the screens, for administrators to read and nobody to edit."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib.admin import ModelAdmin as PlainAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from moderation.models import PolicyExample, PolicyVersion, ScreenHits
from moderation.panel.gate import turned_away
from upscrolled.models import Place, PlaceChange

# Unfold's pages evaluate expressions in attributes and bring styles; nothing else is let in, no inline script either.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Site(UnfoldAdminSite):  # type: ignore[misc]
    """The admin behind our gate. Its own doors (sign-in, password, sign-out) lead to the site's."""

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., Any]:
        """Wrap a view as Django does, and say what may run in it."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response: HttpResponse = inner(request, *args, **kwargs)
            response["Content-Security-Policy"] = POLICY
            return response

        return shown

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whom the gate lets in."""
        return turned_away(request, "site") is None

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say what stands between: sign in, give a second factor, or this is not for you."""
        between = turned_away(request, "site")
        return between if isinstance(between, HttpResponse) else redirect("panel:dashboard")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Leave as everywhere."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Change the password as everywhere."""
        return redirect("account_change_password")


class Readable(ModelAdmin):  # type: ignore[misc]
    """Rows to look at: whatever changes them is an operation, never a form over a table."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Everybody who came through the gate."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same."""
        return True

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class Policies(Readable):
    """Versions of policies."""

    list_display = ("key", "version", "severity", "lane", "strike_weight", "strike_days", "published_at")
    list_filter = ("key",)


class Examples(Readable):
    """Cases to test policies by."""

    list_display = ("policy", "language", "breaks", "text")
    list_filter = ("language", "breaks")


class Hits(Readable):
    """What the rules at the door met."""

    list_display = ("day", "rule", "version", "mode", "field", "count")


class Places(Readable):
    """Entries of the menu of places."""

    list_display = ("code", "kind", "parent", "position", "hidden", "merged_into")
    list_filter = ("kind", "hidden")
    search_fields = ("code",)


class Changes(Readable):
    """Who changed the menu of places, and why."""

    list_display = ("code", "action", "changed_by", "changed_at", "because")


site = Site(name="admin")
_RECORDS: tuple[tuple[Any, type[PlainAdmin[Any]]], ...] = (
    (PolicyVersion, Policies),
    (PolicyExample, Examples),
    (ScreenHits, Hits),
    (Place, Places),
    (PlaceChange, Changes),
)
for model, records in _RECORDS:
    site.register(model, records)
