"""Appeals: read what was decided and what is said against it, and answer."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation.operations import appeals as verbs
from moderation.operations import outside
from moderation.operations.appeals import AppealClaim
from moderation.operations.reviewers import Missing, is_granted_appeal
from moderation.panel import shown
from moderation.panel.gate import me, opens_dark, prove, screen
from moderation.panel.render import render
from moderation.panel.visitor import is_staff, may
from moderation.queries import desk, work
from upscrolled.core.errors import Invalid


@screen("GET", "HEAD", may="appeals")
def appeals(request: HttpRequest) -> HttpResponse:
    """List the appeals that wait."""
    facts = {
        "rows": desk.appeals(),
        "now": datetime.now(UTC),
        "alone": work.who_answer(now=datetime.now(UTC)) < 2,
    }
    return render(request, "appeals", facts)


@screen("GET", "HEAD", may="appeals", granted=is_granted_appeal)
def appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Show an appeal: with the form to answer it if the visitor holds it."""
    return _appeal(request, appeal_id)


@screen("POST", may="appeals", granted=is_granted_appeal)
def claim(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Claim an appeal; whoever had a hand in what it is against is refused."""
    verbs.claim_appeal(appeal_id, by=me(request), now=datetime.now(UTC))
    return redirect("panel:appeal", appeal_id=appeal_id)


@screen("POST", may="appeals", granted=is_granted_appeal)
def answer(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Let the decision stand, or overturn it."""
    held = _held(request, appeal_id)
    verb = {"uphold": verbs.uphold, "overturn": verbs.overturn}.get(request.POST.get("outcome", ""))
    try:
        if verb is None:
            raise Invalid("Validation failed: say whether the decision stands or is overturned")
        verb(held, by=me(request), answer=request.POST.get("answer", ""), now=datetime.now(UTC))
    except Invalid as error:
        return _appeal(request, appeal_id, problem=error.safe)
    if is_staff(request):
        return redirect("panel:appeals")
    return redirect("panel:appeal", appeal_id=appeal_id)


@screen("POST", may="appeals", granted=is_granted_appeal)
def release(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Let an appeal go, with a reason, for somebody else."""
    reason, now = request.POST.get("reason", ""), datetime.now(UTC)
    try:
        verbs.release_appeal(_held(request, appeal_id), by=me(request), reason=reason, now=now)
    except Invalid as error:
        return _appeal(request, appeal_id, problem=error.safe)
    return redirect("panel:appeal", appeal_id=appeal_id)


def _held(request: HttpRequest, appeal_id: int) -> AppealClaim:
    version = request.POST.get("version", "")
    is_number = version.isascii() and version.isdigit() and len(version) < 10
    return AppealClaim(appeal_id, int(version) if is_number else -1)


def _appeal(request: HttpRequest, appeal_id: int, *, problem: str = "") -> HttpResponse:
    now = datetime.now(UTC)
    if not is_staff(request):
        outside.look_at_appeal(appeal_id, by=me(request), now=now)
    found = desk.appeal_file(appeal_id)
    if any(one.case.lane == "dark" for one in found.evidence):
        if not may(request, "dark"):
            raise Missing("dark")
        if not opens_dark(request):
            return prove(request)
    held = found.appeal
    is_mine = (
        held.state == "claimed"
        and held.claimed_by_id == me(request).id
        and held.claimed_until is not None
        and held.claimed_until > now
    )
    facts = {
        "file": found,
        "evidence": [shown.evidence(one, now=now) for one in found.evidence],
        "is_mine": is_mine,
        "problem": problem,
        "typed": request.POST.get("answer", ""),
    }
    return render(request, "appeal", facts, status=422 if problem else 200)
