"""Orders of authorities with their clocks, and the seals that some of them ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation import policies
from moderation.clocks import ORDERS
from moderation.operations import orders as verbs
from moderation.operations import sealing
from moderation.operations.orders import NewOrder
from moderation.panel import shown
from moderation.panel.gate import me, screen
from moderation.panel.refused import sentence
from moderation.panel.render import language, render
from moderation.queries import authority, naming
from moderation.queries import seals as seal_reads
from upscrolled.core import ids
from upscrolled.core.errors import DomainError, Invalid

_ORDER: Final = (
    "kind",
    "about",
    "authority",
    "reference",
    "demand",
    "received",
    "deadline",
    "law",
    "countries",
)
_SEAL: Final = ("case", "basis", "reference", "until")


@screen("GET", "HEAD", "POST", may="law", posting="orders")
def orders(request: HttpRequest) -> HttpResponse:
    """List the orders with their clocks; posted, enter one and show its case. What is refused comes back."""
    now, typed = datetime.now(UTC), _typed(request, (*_ORDER, "policy"))
    if request.method == "POST":
        try:
            entered = verbs.enter_order(_order(typed, now), by=me(request), now=now)
        except DomainError as error:
            return _orders(request, typed, now, error)
        return redirect("panel:case", case_id=entered.case_id)
    return _orders(request, typed, now)


@screen("GET", "HEAD", "POST", may="seal")
def seals(request: HttpRequest) -> HttpResponse:
    """List what is sealed and until when; posted, propose a seal, which another person has to confirm."""
    now, typed = datetime.now(UTC), _typed(request, _SEAL)
    if request.method != "POST":
        return _seals(request, {**typed, "case": request.GET.get("case", "")[:20]}, now)
    try:
        case_id = ids.parse(typed["case"].strip())
        if case_id is None:
            raise Invalid(f"Validation failed: {typed['case'][:20]!r} is no number of a case")
        until = shown.moment(typed["until"])
        if until is None:
            raise Invalid("Validation failed: say until when it is sealed")
        sealing.propose(
            case_id, basis=typed["basis"], reference=typed["reference"], until=until, by=me(request), now=now
        )
    except DomainError as error:
        return _seals(request, typed, now, error)
    return redirect("panel:seals")


@screen("POST", may="seal")
def confirm(request: HttpRequest, step_id: int) -> HttpResponse:
    """Confirm what somebody else proposed: it is sealed from now on."""
    sealing.confirm(step_id, by=me(request), now=datetime.now(UTC))
    return redirect("panel:seals")


def _typed(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in names}


def _order(typed: dict[str, str], now: datetime) -> NewOrder:
    named = naming.read([typed["about"]])
    if not named.subjects:
        raise Invalid("Validation failed: name the address of a post, an @name or a #hashtag that is there")
    return NewOrder(
        kind=typed["kind"],
        authority=typed["authority"],
        reference=typed["reference"],
        demand=typed["demand"],
        subject=named.subjects[0],
        received_at=shown.moment(typed["received"]) or now,
        law=typed["law"],
        countries=typed["countries"].replace(",", " ").split(),
        policy=typed["policy"],
        deadline=shown.moment(typed["deadline"]),
    )


def _orders(
    request: HttpRequest, typed: dict[str, str], now: datetime, refused: DomainError | None = None
) -> HttpResponse:
    facts: dict[str, Any] = {
        "rows": [shown.deadline(clock, now=now, language=language()) for clock in authority.clocks(now=now)],
        "kinds": list(ORDERS),
        "policies": shown.policies(policies.listed(), language()),
        "typed": typed,
        "problem": sentence(refused) if refused else "",
    }
    return render(request, "orders", facts, status=refused.status if refused else 200)


def _seals(
    request: HttpRequest, typed: dict[str, str], now: datetime, refused: DomainError | None = None
) -> HttpResponse:
    facts: dict[str, Any] = {
        "seals": seal_reads.seals(now=now),
        "bases": seal_reads.BASES,
        "typed": typed,
        "problem": sentence(refused) if refused else "",
    }
    return render(request, "seals", facts, status=refused.status if refused else 200)
