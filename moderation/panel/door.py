"""Appeals of people whom a rule refused a name, a bio or a hashtag: read what was refused, and answer."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation.operations.door_appeals import answer_appeal
from moderation.panel.gate import me, screen
from moderation.panel.refused import sentence
from moderation.panel.render import render
from moderation.queries import door as reads
from moderation.screening import RULES
from upscrolled.core.errors import Invalid


@screen("GET", "HEAD", may="appeals")
def door(request: HttpRequest) -> HttpResponse:
    """List the appeals that wait, and what was answered."""
    facts = {"rows": reads.waiting(), "answered": reads.answered(), "now": datetime.now(UTC)}
    return render(request, "door", facts)


@screen("GET", "HEAD", "POST", may="appeals")
def door_appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Show an appeal; posted with an answer, let the refusal stand or let these words in."""
    problem = ""
    if request.method == "POST":
        outcome, said = request.POST.get("outcome", ""), request.POST.get("answer", "")
        try:
            if outcome not in ("uphold", "overturn"):
                raise Invalid("Validation failed: say whether the refusal stands or the words are let in")
            overturn = outcome == "overturn"
            answer_appeal(appeal_id, overturn=overturn, answer=said, by=me(request), now=datetime.now(UTC))
            return redirect("panel:door")
        except Invalid as error:
            problem = sentence(error)
    found = reads.appeal(appeal_id)
    facts = {
        "appeal": found,
        "policy": next((rule.policy for rule in RULES if rule.name == found.rule), "other"),
        "problem": problem,
        "typed": request.POST.get("answer", ""),
    }
    return render(request, "door_appeal", facts, status=422 if problem else 200)
