"""One frame for every screen: the menu, the words of the reader's language, and who is looking."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as draw
from django.urls import reverse
from django.utils.translation import get_language

from moderation import wording
from moderation.panel import visitor, words

# Names of screens, the word for each of which stands in `words`, the letter that leads there after a `g`, and the
# permission that it needs, if any.
MENU: Final = (
    ("dashboard", "h", ""),
    ("queue", "q", ""),
    ("together", "t", "decide_many"),
    ("appeals", "a", "appeals"),
    ("orders", "o", "law"),
    ("log", "d", ""),
    ("policies", "y", ""),
    ("rules", "r", ""),
    ("people", "p", ""),
    ("places", "l", ""),
    ("figures", "f", ""),
)
# Screens below one of the menu.
HERE: Final = {
    "case": "queue",
    "batch": "together",
    "appeal": "appeals",
    "door": "appeals",
    "door_appeal": "appeals",
    "seals": "orders",
    "crisis": "dashboard",
    "decision": "log",
    "person": "people",
    "waiting": "people",
    "rings": "people",
    "staff": "people",
}
# What the script does at a key, and the word that says so.
KEYS: Final = (
    ("j k", "choose"),
    ("Enter", "open"),
    ("n", "next"),
    ("c", "claim"),
    ("v", "show"),
    ("V", "keep"),
    ("b", "blur"),
    ("1–9 w x 0", "do"),
    ("o", "policy"),
    ("d", "write"),
    ("r", "again"),
    ("p", "statement"),
    ("Ctrl ↵", "send"),
    ("s", "release"),
    ("h", "hand"),
    ("m", "note"),
    ("u", "undo"),
    ("g …", "go"),
    ("Esc", "leave"),
    ("?", "help"),
)


def language() -> str:
    """Return the language of the page."""
    return (get_language() or settings.LANGUAGE_CODE)[:2]


def render(
    request: HttpRequest, name: str, facts: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Draw a screen; `may` names what the visitor may do, so that it shows nothing else."""
    said, standing = words.of(language()), visitor.standing(request)
    frame = {
        "w": said,
        "law": wording.of(language()),
        "here": HERE.get(name, name),
        "keys": [(key, said[f"key_{name}"]) for key, name in KEYS],
        "menu": [(entry, said[entry], address, letter) for entry, address, letter in _menu(request)],
        "is_staff": standing.is_staff,
        "may": dict.fromkeys(standing.permissions, True),
    }
    return draw(request, f"panel/{name}.html", {**frame, **(facts or {})}, status=status)


def _menu(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Return the entries that the visitor may open, with their addresses and letters."""
    return [
        (entry, reverse(f"panel:{entry}"), letter)
        for entry, letter, needed in MENU
        if not needed or visitor.may(request, needed)
    ]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The same menu, as Unfold draws it beside the records."""
    said = words.of(language())
    items = [{"title": said[entry], "link": address} for entry, address, _ in _menu(request)]
    return [{"title": said["panel"], "separator": False, "items": items}]
