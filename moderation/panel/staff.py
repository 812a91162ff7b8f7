"""Staff: who has which role, where, until when, given by whom and why; give a role, shorten it, end it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation import triage
from moderation.operations import staffing as verbs
from moderation.operations.staffing import Reach
from moderation.panel.gate import me, screen
from moderation.panel.render import render
from moderation.queries import naming, staffing
from upscrolled.core.errors import DomainError, Invalid
from upscrolled.roles import ROLES

_FIELDS: Final = ("to", "role", "days", "because", "languages")


@screen("GET", "HEAD", "POST", may="staff")
def staff(request: HttpRequest) -> HttpResponse:
    """List who has which role; posted, give one. What is refused comes back with the form."""
    now = datetime.now(UTC)
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in _FIELDS}
    typed |= {name: request.POST.getlist(name) for name in ("lanes", "kinds")}
    if request.method != "POST":
        return _staff(request, {**typed, "days": "90"}, now)
    name = typed["to"].strip().removeprefix("@")
    try:
        person = naming.person(name)
        if person is None:
            raise Invalid(f"Validation failed: there is nobody called @{name[:40]}")
        languages = typed["languages"].replace(",", " ").split()
        verbs.give(
            typed["role"],
            to=person,
            days=_days(typed["days"]),
            because=typed["because"],
            by=me(request),
            now=now,
            reach=Reach(typed["lanes"], typed["kinds"], languages),
        )
    except DomainError as error:
        return _staff(request, typed, now, error)
    return redirect("panel:staff")


@screen("POST", may="staff")
def end(request: HttpRequest, role_id: int) -> HttpResponse:
    """Have a role end, now or in some days."""
    form, now = request.POST, datetime.now(UTC)
    verbs.end(
        role_id,
        because=form.get("because", ""),
        days=_days(form.get("days", "") or "0"),
        by=me(request),
        now=now,
    )
    return redirect("panel:staff")


def _days(typed: str) -> int:
    typed = typed.strip()
    if not (typed.isascii() and typed.isdigit()):
        raise Invalid(f"Validation failed: {typed[:10]!r} is no number of days")
    return int(typed[:6])


def _staff(
    request: HttpRequest, typed: dict[str, Any], now: datetime, refused: DomainError | None = None
) -> HttpResponse:
    held = staffing.held(now=now)
    facts = {
        "rows": [one for one in held if one.runs],
        "over": [one for one in held if not one.runs],
        "roles": list(ROLES),
        "lanes": triage.LANES,
        "kinds": verbs.KINDS,
        "at_most": staffing.GIVEN_AT_MOST.days,
        "typed": typed,
        "problem": refused.safe if refused else "",
    }
    return render(request, "staff", facts, status=refused.status if refused else 200)
