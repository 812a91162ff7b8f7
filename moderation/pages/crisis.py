"""The page about crisis mode: is it on, why, until when, what it changes; and when it was before."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from moderation import crisis as state
from moderation import wording
from moderation.queries import crises


@require_safe
def crisis(request: HttpRequest) -> HttpResponse:
    """Say how it stands."""
    now = datetime.now(UTC)
    words = wording.of((get_language() or settings.LANGUAGE_CODE)[:2]).CRISIS
    found = crises.listed()
    running = next((one for one in found if one.ends_at > now and not hasattr(one, "end")), None)
    facts = {
        "words": words,
        "running": running,
        "effects": [words[f"effect_{key}"] for key in state.EFFECTS],
        "crises": [one for one in found if one is not running],
    }
    return render(request, "moderation/crisis.html", facts)
