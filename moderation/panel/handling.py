"""What moderators do with a case beside deciding it: leave a note, hand it to a colleague."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation.operations import claims, handling
from moderation.operations.reviewers import is_granted
from moderation.panel.cases import claim_of
from moderation.panel.gate import me, screen
from moderation.queries import naming
from upscrolled.core.errors import Invalid


@screen("POST", granted=is_granted)
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Leave a note for whoever looks at the case later."""
    handling.add_note(case_id, by=me(request), text=request.POST.get("text", ""), now=datetime.now(UTC))
    return redirect("panel:case", case_id=case_id)


@screen("POST", may="sort")
def hand_over(request: HttpRequest, case_id: int) -> HttpResponse:
    """Hand a case that one holds to a colleague, who holds it from now on."""
    name = request.POST.get("to", "").strip().removeprefix("@")
    colleague = naming.moderator(name)
    if colleague is None:
        raise Invalid(f"Validation failed: there is no moderator @{name[:40]}")
    claims.hand_over(
        claim_of(request, case_id),
        to=colleague,
        by=me(request),
        reason=request.POST.get("reason", ""),
        now=datetime.now(UTC),
    )
    return redirect("panel:queue")
