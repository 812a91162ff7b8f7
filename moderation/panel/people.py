"""People: who they are, who waits to be let in, and who likes the same things again and again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from feed.queries import rings as rings_of
from feed.queries.rings import Ring
from moderation import policies
from moderation.operations import reading
from moderation.operations.interest import require_none_with
from moderation.panel import shown
from moderation.panel.gate import me, screen
from moderation.panel.render import language, render
from moderation.panel.visitor import may
from moderation.queries import desk, reads
from upscrolled.operations import approval

if TYPE_CHECKING:
    from upscrolled.models import Account


@screen("GET", "HEAD")
def people(request: HttpRequest) -> HttpResponse:
    """Find somebody by the beginning of their name."""
    name = request.GET.get("name", "").strip()[:30]
    return render(request, "people", {"rows": desk.people(name), "name": name})


@screen("GET", "HEAD")
def person(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show how somebody stands: numbers, and what was decided about them."""
    facts = {
        "person": desk.person(account_id),
        "record": desk.record(account_id),
        "rows": desk.decisions(account_id=account_id),
        "policies": shown.policies(policies.listed(), language()),
        "reads": reads.of(account_id) if may(request, "site") else [],
    }
    return render(request, "person", facts)


@screen("GET", "HEAD", may="sign_ups")
def waiting(request: HttpRequest) -> HttpResponse:
    """List who waits to be let in, the longest first."""
    rows = approval.waiting(limit=desk.LISTED)
    reading.read(
        [row.pk for row in rows],
        what=reading.ADDRESSES,
        why="who waits to be let in",
        by=me(request),
        now=datetime.now(UTC),
    )
    return render(request, "waiting", {"rows": rows})


@screen("POST", may="sign_ups")
def let_in(request: HttpRequest, account_id: int) -> HttpResponse:
    """Let somebody in; they are told by mail."""
    require_none_with(me(request), account_id)
    approval.approve(account=desk.person(account_id), now=datetime.now(UTC))
    return redirect("panel:waiting")


@screen("POST", may="sign_ups")
def turn_away(request: HttpRequest, account_id: int) -> HttpResponse:
    """Turn somebody away, with the reason that they are mailed."""
    require_none_with(me(request), account_id)
    because = request.POST.get("because", "")
    approval.reject(account=desk.person(account_id), because=because, now=datetime.now(UTC))
    return redirect("panel:waiting")


@screen("GET", "HEAD", may="decide")
def rings(request: HttpRequest) -> HttpResponse:
    """Look for like rings, once asked to: it is much work for the database."""
    looked = request.GET.get("look") == "1"
    found = rings_of.find(now=datetime.now(UTC))[: desk.LISTED] if looked else []
    known = desk.accounts([number for ring in found for number in ring.account_ids])
    rows = [_ring(ring, known) for ring in found]
    return render(request, "rings", {"rows": rows, "looked": looked})


def _ring(ring: Ring, known: dict[int, Account]) -> dict[str, Any]:
    """Its accounts, how much they have in common, and what the form for many is filled with to decide about them."""
    accounts = [known[number] for number in ring.account_ids if number in known]
    lines = "\n".join(f"@{one.username}" for one in accounts)
    return {"accounts": accounts, "share": f"{ring.overlap:.0%}", "query": urlencode({"about": lines})}
