"""Appeal against a refusal at the door, with the token that the refusal brought; no account is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from moderation import tickets, wording
from moderation.operations.door_appeals import file_appeal
from moderation.queries import door as queries
from moderation.screening import RULES
from upscrolled.core.errors import Invalid, NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def appeal(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was refused under which policy, and take the appeal."""
    try:
        refusal = tickets.read(token)
        if request.method == "POST":
            secret = file_appeal(
                token,
                text=request.POST.get("text", ""),
                email=request.POST.get("email", ""),
                language=_language(),
                now=datetime.now(UTC),
            )
            return redirect("door_answer", secret=secret)
    except NotFound:
        raise Http404 from None
    except Invalid:
        facts = {**_facts(refusal.rule, refusal.said), "wrong": True, "filled": request.POST}
        return render(request, "moderation/door.html", facts, status=422)
    return render(request, "moderation/door.html", _facts(refusal.rule, refusal.said))


@require_safe
@never_cache
def answer(request: HttpRequest, secret: str) -> HttpResponse:
    """Show an appeal and its answer to whoever has the link."""
    try:
        found = queries.by_link(secret)
    except NotFound:
        raise Http404 from None
    facts = _facts(found.rule, found.said)
    facts |= {"appeal": found, "outcome": facts["words"][found.state]}
    return render(request, "moderation/door.html", facts)


def _facts(rule: str, said: str) -> dict[str, Any]:
    words = wording.of(_language())
    policy = next((one.policy for one in RULES if one.name == rule), "other")
    title, text, _ = words.POLICIES[policy]
    return {"words": words.DOOR, "said": said, "title": title, "rule": text}


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]
