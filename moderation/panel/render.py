"""One frame for every screen: the menu, the words of the reader's language, and who is looking."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as draw
from django.urls import reverse
from django.utils.translation import get_language

from moderation import wording
from moderation.panel import words

# Names of screens; the word for each stands in `words`.
MENU: Final = ("dashboard", "queue", "appeals", "log", "policies", "rules", "people", "places", "figures")


def language() -> str:
    """Return the language of the page."""
    return (get_language() or settings.LANGUAGE_CODE)[:2]


def render(
    request: HttpRequest, name: str, facts: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Draw a screen."""
    said = words.of(language())
    frame = {
        "w": said,
        "law": wording.of(language()),
        "here": name,
        "menu": [(entry, said[entry], reverse(f"panel:{entry}")) for entry in MENU],
    }
    return draw(request, f"panel/{name}.html", {**frame, **(facts or {})}, status=status)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The same menu, as Unfold draws it beside the records."""
    said = words.of(language())
    items = [{"title": said[entry], "link": reverse(f"panel:{entry}")} for entry in MENU]
    return [{"title": said["panel"], "separator": False, "items": items}]
