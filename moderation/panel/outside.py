"""Grant a single case to somebody from outside, and take it back."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation.operations import outside
from moderation.panel.gate import me, screen
from moderation.queries import naming
from upscrolled.core.errors import Invalid


@screen("POST", may="grant")
def grant(request: HttpRequest, case_id: int) -> HttpResponse:
    """Let somebody without a role review this one case for a while."""
    form = request.POST
    name = form.get("to", "").strip().removeprefix("@")
    reviewer, days = naming.person(name), form.get("days", "").strip()
    if reviewer is None:
        raise Invalid(f"Validation failed: there is nobody called @{name[:40]}")
    if not (days.isascii() and days.isdigit()):
        raise Invalid(f"Validation failed: {days[:10]!r} is no number of days")
    outside.grant(
        case_id,
        to=reviewer,
        days=int(days[:6]),
        because=form.get("because", ""),
        by=me(request),
        now=datetime.now(UTC),
    )
    return redirect("panel:case", case_id=case_id)


@screen("POST", may="grant")
def take_back(request: HttpRequest, grant_id: int) -> HttpResponse:
    """End such a grant before its time."""
    because = request.POST.get("because", "")
    case = outside.take_back(grant_id, because=because, by=me(request), now=datetime.now(UTC))
    return redirect("panel:case", case_id=case.pk)
