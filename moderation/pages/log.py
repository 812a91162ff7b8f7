"""The public log as people read it: its leaves, the newest first, in words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from moderation import wording
from moderation.queries import publiclog

LISTED = 50


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the newest leaves, or those below `?below=` a place."""
    asked = request.GET.get("below", "")
    below = int(asked[:15]) if asked.isascii() and asked.isdigit() else None
    words = wording.of((get_language() or settings.LANGUAGE_CODE)[:2])
    policies = {key: texts[0] for key, texts in words.POLICIES.items()}
    found = publiclog.newest(below=below, limit=LISTED)
    rows = [(index, _in_words(said, words.FIGURES, policies)) for index, said in found]
    older = found[-1][0] if found and found[-1][0] > 0 else None
    return render(request, "moderation/log.html", {"words": words.FIGURES, "rows": rows, "older": older})


def _in_words(said: dict[str, Any], words: dict[str, str], policies: dict[str, str]) -> dict[str, str]:
    act, policy = said.get("act"), said.get("policy", "")
    what = f"act_{act}" if act else f"by_action_{said['action']}"
    source = f"by_source_{said.get('source')}"
    return {
        "day": said["day"],
        "what": words.get(what, what),
        "about": words.get(f"about_{said.get('subject')}", ""),
        "policy": policies.get(policy, policy),
        "source": words.get(source, ""),
        "where": ", ".join(said.get("countries") or ()) or ("" if act else words["everywhere"]),
        "answer": words.get(f"answer_{said.get('outcome')}", ""),
    }
