"""Crisis mode: how it stands and what it changes; begin it with a reason and an end, end it before its time."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation import crisis as state
from moderation import wording
from moderation.operations import crisis as verbs
from moderation.panel.gate import me, screen
from moderation.panel.refused import sentence
from moderation.panel.render import language, render
from moderation.queries import crises
from upscrolled.core.errors import DomainError


@screen("GET", "HEAD", "POST", posting="crisis")
def crisis(request: HttpRequest) -> HttpResponse:
    """Show how it stands and what it changes; posted, begin it. What is refused comes back with the form."""
    now, typed = datetime.now(UTC), {name: request.POST.get(name, "") for name in ("because", "hours")}
    if request.method != "POST":
        return _crisis(request, {**typed, "hours": "24"}, now)
    hours = typed["hours"].strip()[:6]
    try:
        verbs.begin(
            because=typed["because"],
            hours=int(hours) if hours.isascii() and hours.isdigit() else 0,
            by=me(request),
            now=now,
        )
    except DomainError as error:
        return _crisis(request, typed, now, error)
    return redirect("panel:crisis")


@screen("POST", may="crisis")
def end(request: HttpRequest) -> HttpResponse:
    """End it before its time."""
    verbs.end(by=me(request), now=datetime.now(UTC))
    return redirect("panel:crisis")


def _crisis(
    request: HttpRequest, typed: dict[str, str], now: datetime, refused: DomainError | None = None
) -> HttpResponse:
    running, said = state.running(now=now), wording.of(language()).CRISIS
    facts = {
        "crisis": running,
        "said": said,
        "effects": [said[f"effect_{key}"] for key in state.EFFECTS],
        "rows": [one for one in crises.listed() if one != running],
        "longest": verbs.LONGEST,
        "typed": typed,
        "problem": sentence(refused) if refused else "",
    }
    return render(request, "crisis", facts, status=refused.status if refused else 200)
