"""Dashboard, log, policies, rules, places and figures."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation import crisis, rehearsals
from moderation import policies as policy_rows
from moderation.operations import exposure as exposures
from moderation.operations import screening as door
from moderation.operations.decide import reverse
from moderation.panel import plots, shown, words
from moderation.panel.gate import me, screen
from moderation.panel.render import language, render
from moderation.panel.visitor import may
from moderation.queries import desk, exposure, naming, seals, work
from moderation.screening.rules import MODES
from upscrolled import places as menu
from upscrolled.core import ids
from upscrolled.core.errors import Invalid
from upscrolled.operations import places as place_verbs
from upscrolled.queries import house_rules


@screen("GET", "HEAD")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show how things stand: what waits in which lane and how long, how fast it goes, and how often it was wrong."""
    now, said, mirrored = datetime.now(UTC), words.of(language()), language() == "ar"
    seen = exposure.today(me(request).pk, now=now)
    lanes, days, rates = work.lanes(now=now), work.days(now=now), work.rates(now=now)
    rows = [
        {
            "lane": lane,
            "age": shown.span((now - lane.oldest).total_seconds(), language()) if lane.oldest else "",
            "left": shown.span(abs((lane.next_deadline - now).total_seconds()), language())
            if lane.next_deadline
            else "",
            "is_late": lane.next_deadline is not None and lane.next_deadline < now,
        }
        for lane in lanes
    ]
    parts = [said["less_than"].format(number=hours) for hours in work.AGES]
    parts.append(said["more_than"].format(number=work.AGES[-1]))
    ages = [sum(lane.ages[part] for lane in lanes) for part in range(len(parts))]
    drawn = (
        ("ages", "age", list(zip(parts, ages, strict=True))),
        ("opened_a_day", "in", [(f"{day:%d}", count) for day, count, _ in days]),
        ("closed_a_day", "out", [(f"{day:%d}", count) for day, _, count in days]),
    )
    facts = {
        "rows": rows,
        "open": sum(lane.open for lane in lanes),
        "claimed": sum(lane.claimed for lane in lanes),
        "late": sum(lane.late for lane in lanes),
        "beside": work.beside(now=now),
        "seen": shown.seen(seen.others, language()),
        "seen_dark": shown.seen(seen.dark, language()) if seen.dark.count else "",
        "crisis": crisis.running(now=now),
        "alone": work.who_answer(now=now) < 2,
        "rates": rates,
        "pace": shown.span(rates.minutes * 60, language()) if rates.minutes is not None else "–",
        "shares": shown.shares(rates),
        "plots": [
            (said[name], plots.bars(values, title=said[name], kind=kind, mirrored=mirrored))
            for name, kind, values in drawn
        ],
        "closed_today": days[-1][2] if days else 0,
    }
    return render(request, "dashboard", facts)


@screen("GET", "HEAD")
def log(request: HttpRequest) -> HttpResponse:
    """List what was decided, by whom, the last first."""
    rows = desk.decisions(below=ids.parse(request.GET.get("below", "")))
    more = rows[-1].pk if len(rows) == desk.LISTED else None
    return render(request, "log", {"rows": rows, "more": more})


@screen("GET", "HEAD", "POST", posting="decide")
def decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Show a decision with its statement; posted with reasons, take it back."""
    if request.method == "POST":
        reverse(
            decision_id,
            by=me(request),
            facts=request.POST.get("facts", ""),
            explanation=request.POST.get("explanation", ""),
            now=datetime.now(UTC),
            source="own_initiative",
        )
        return redirect("panel:decision", decision_id=decision_id)
    found, readable = desk.decision(decision_id)
    until = seals.sealed_until(found.case_id) if found.case_id else None
    facts = {"decision": found, "readable": readable, "sealed_until": until, "now": datetime.now(UTC)}
    return render(request, "decision", facts)


@screen("GET", "HEAD")
def policies(request: HttpRequest) -> HttpResponse:
    """Show what is not allowed, as people read it."""
    return render(request, "policies", {"policies": shown.policies(policy_rows.listed(), language())})


@screen("GET", "HEAD")
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules at the door with their modes and hits, and the rules of the house."""
    now = datetime.now(UTC)
    house = [rule.texts.get(language()) or rule.texts["en"] for rule in house_rules(now)]
    seen = rehearsals.last()
    met = seen.by_rule if seen else {}
    facts = {
        "rules": [(rule, met.get(rule.name)) for rule in work.door_rules(now=now)],
        "seen": seen,
        "under_way": rehearsals.under_way(),
        "modes": MODES,
        "house": house,
    }
    return render(request, "rules", facts)


@screen("POST", may="policies")
def rehearse(request: HttpRequest) -> HttpResponse:
    """Have workers see what the rules at the door would have met in the last week."""
    door.rehearse(now=datetime.now(UTC))
    return redirect("panel:rules")


@screen("POST", may="policies")
def mode(request: HttpRequest) -> HttpResponse:
    """Have a rule at the door work in another mode."""
    form = request.POST
    door.set_mode(
        form.get("rule", ""),
        form.get("mode", ""),
        because=form.get("because", ""),
        by=me(request),
        now=datetime.now(UTC),
    )
    return redirect("panel:rules")


@screen("GET", "HEAD")
def places(request: HttpRequest) -> HttpResponse:
    """Show the menu of places and its last changes."""
    rows = sorted(menu.latest().places.values(), key=lambda place: (place.kind, place.name(language())))
    facts = {
        "rows": [(place, place.name(language())) for place in rows],
        "changes": place_verbs.history(),
    }
    return render(request, "places", facts)


@screen("POST", may="site")
def place(request: HttpRequest) -> HttpResponse:
    """Offer a place no more, or again."""
    form = request.POST
    place_verbs.change(
        form.get("code", ""),
        by=me(request),
        because=form.get("because", "").strip(),
        now=datetime.now(UTC),
        hidden=form.get("hidden") == "on",
    )
    return redirect("panel:places")


@screen("GET", "HEAD")
def numbers(request: HttpRequest) -> HttpResponse:
    """Show thirty days of decisions, by policy and action; to administrators what the team had to look at, too."""
    now = datetime.now(UTC)
    facts = {
        "rows": work.decided(now=now),
        "seen": exposure.team(now=now) if may(request, "team") else [],
        "lifts": exposure.lifts() if may(request, "team") else [],
        "most": exposures.LIFT_MOST,
    }
    return render(request, "figures", facts)


@screen("POST", may="team")
def lift(request: HttpRequest) -> HttpResponse:
    """Let a colleague uncover more media today than the day's limit allows, with a reason."""
    form = request.POST
    name, more = form.get("to", "").strip().removeprefix("@"), form.get("more", "")
    colleague = naming.moderator(name)
    if colleague is None:
        raise Invalid(f"Validation failed: there is no moderator @{name[:40]}")
    exposures.lift(
        to=colleague,
        dark=form.get("dark") == "on",
        more=int(more) if more.isascii() and more.isdigit() and len(more) < 6 else 0,
        because=form.get("because", ""),
        by=me(request),
        now=datetime.now(UTC),
    )
    return redirect("panel:figures")
