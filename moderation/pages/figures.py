"""The figures of moderation for everybody: a page, and the same as JSON."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from moderation import wording
from moderation.queries import figures as queries

_NOTHING: dict[str, Any] = {"entries": 0, "decisions": 0, "months": {}}


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show the figures of the whole log, or of `?month=YYYY-MM`."""
    newest = queries.newest()
    whole = newest.figures if newest else _NOTHING
    month = request.GET.get("month", "")
    shown = whole["months"].get(month) if month else whole
    words = wording.of((get_language() or settings.LANGUAGE_CODE)[:2])
    said = words.FIGURES
    facts = {
        "words": said,
        "made_at": newest.made_at if newest else None,
        "size": newest.size if newest else 0,
        "month": month if shown else "",
        "months": sorted(whole["months"], reverse=True),
        "shown": shown or whole,
        "tables": [
            (said["by_policy"], _named(shown, "by_policy", {k: v[0] for k, v in words.POLICIES.items()})),
            (said["by_action"], _named(shown, "by_action", said)),
            (said["by_source"], _named(shown, "by_source", said)),
        ],
        "lanes": [(said.get(f"lane_{lane}", lane), row) for lane, row in _part(shown, "lanes").items()],
        "shares": _shares(shown or whole, said),
        "unreported": _unreported(_part(shown or whole, "unreported"), said),
        "quiet": not whole["decisions"] and not _part(whole, "unreported").get("looked_at"),
    }
    return render(request, "moderation/figures.html", facts)


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """Answer the figures as they were counted, with the number of leaves they are of."""
    newest = queries.newest()
    found = newest.figures if newest else _NOTHING
    return JsonResponse({"size": newest.size if newest else 0, "figures": found})


def _part(shown: dict[str, Any] | None, name: str) -> dict[str, Any]:
    found: dict[str, Any] = (shown or {}).get(name, {})
    return found


def _named(shown: dict[str, Any] | None, name: str, words: dict[str, str]) -> list[tuple[str, int]]:
    counts = sorted(_part(shown, name).items(), key=lambda pair: (-pair[1], pair[0]))
    return [(words.get(f"{name}_{key}") or words.get(key, key), count) for key, count in counts]


def _shares(shown: dict[str, Any], said: dict[str, str]) -> list[tuple[str, str]]:
    """Single numbers, each with its share where it is one of something."""
    decisions = shown["decisions"]
    appeals = _part(shown, "appeals")
    answered = appeals.get("upheld", 0) + appeals.get("overturned", 0)
    at_the_door = _part(shown, "door_appeals")
    refused = at_the_door.get("upheld", 0) + at_the_door.get("overturned", 0)
    return [
        (said["decisions"], str(decisions)),
        (said["machine"], _share(shown.get("decided_by_machine", 0), decisions)),
        (said["detected"], _share(shown.get("detected_by_machine", 0), decisions)),
        (said["taken_back"], str(shown.get("taken_back", 0))),
        (said["appeals"], str(answered)),
        (said["overturned"], _share(appeals.get("overturned", 0), answered)),
        (
            said["appeal_late"],
            _share(appeals.get("late", 0) + at_the_door.get("late", 0), answered + refused),
        ),
        (said["sealed"], str(shown.get("sealed", 0))),
        (said["crises"], str(shown.get("crises", 0))),
    ]


def _unreported(sample: dict[str, Any], said: dict[str, str]) -> str:
    """How much nobody reports, as the sample has it; empty before the first of it was looked at."""
    if not sample.get("looked_at"):
        return ""
    told = {name: f"{100 * sample[name]:.1f} %" for name in ("share", "low", "high")}
    counts = {name: sample[name] for name in ("looked_at", "broke")}
    return said["unreported_is"].format(**told, **counts)


def _share(part: int, whole: int) -> str:
    return f"{part} ({round(100 * part / whole)} %)" if whole else str(part)
