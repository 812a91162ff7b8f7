"""The trusted flaggers and how good their reports were, for everybody to see."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from moderation import wording
from moderation.queries import authority


@require_safe
def flaggers(request: HttpRequest) -> HttpResponse:
    """List them, those of today first."""
    words = wording.of((get_language() or settings.LANGUAGE_CODE)[:2])
    facts = {"words": words.FLAGGERS, "flaggers": authority.flaggers()}
    return render(request, "moderation/flaggers.html", facts)
