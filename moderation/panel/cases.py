"""The queue and the case: take one, look at it, decide it, undo that, and have the next at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode

from moderation import crisis, origins, policies, triage
from moderation.actions import ACTIONS
from moderation.grounds import POLICIES
from moderation.operations import cases, claims, handling, messages, outside, own
from moderation.operations.claims import Claim
from moderation.operations.decide import Wish
from moderation.operations.preview import preview as compose
from moderation.operations.reviewers import Missing, is_granted
from moderation.panel import exhibits, shown, words
from moderation.panel.gate import by_script, me, opens_dark, prove, refusal, screen
from moderation.panel.looking import told_of, uncovered
from moderation.panel.refused import NoAction, sentence
from moderation.panel.render import language, render
from moderation.panel.visitor import is_staff, may
from moderation.queries import desk, naming, reviews
from moderation.queries import exposure as exposures
from moderation.queries.desk import Closed
from moderation.statements import Reasons
from moderation.subjects import Subject
from upscrolled.core import ids
from upscrolled.core.errors import DomainError, Invalid, NotAllowed

UNDONE_WITHIN: Final = timedelta(minutes=10)


@screen("GET", "HEAD")
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, in its order."""
    lane = request.GET.get("lane", "")
    lane = lane if lane in triage.LANES else ""
    now = datetime.now(UTC)
    rows = [
        shown.line(case, now=now, language=language())
        for case in desk.queue(me(request), lane=lane, now=now, whole=not may(request, "sort"))
    ]
    facts = {
        "rows": rows,
        "lane": lane,
        "lanes": triage.LANES,
        "after": _after(request),
        "policies": shown.policies(policies.listed(), language()),
        "crisis": crisis.running(now=now),
    }
    return render(request, "queue", facts)


@screen("GET", "HEAD", granted=is_granted)
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show a case: with the form to decide it if the visitor holds it, else with the button to claim it."""
    return _case(request, case_id)


@screen("POST", granted=is_granted)
def claim(request: HttpRequest, case_id: int) -> HttpResponse:
    """Claim a case and show it."""
    if desk.case(case_id).lane == "dark" and not opens_dark(request):
        return prove(request)
    held = claims.claim(case_id, by=me(request), now=datetime.now(UTC))
    return redirect("panel:case", case_id=held.case_id)


@screen("POST", may="sort")
def open_own(request: HttpRequest) -> HttpResponse:
    """Open a case about what nobody reported, and hold it."""
    form = request.POST
    found = naming.read([form.get("about", "")])
    if not found.subjects:
        raise Invalid("Validation failed: name the address of a post, an @name or a #hashtag that is there")
    policy = POLICIES.get(form.get("policy", ""))
    if policy is not None and policy.lane == "dark" and not opens_dark(request):
        return prove(request)
    held = own.open_case(
        found.subjects[0],
        policy=form.get("policy", ""),
        because=form.get("because", ""),
        by=me(request),
        now=datetime.now(UTC),
    )
    return redirect("panel:case", case_id=held.case_id)


@screen("POST", may="sort")
def following(request: HttpRequest) -> HttpResponse:
    """Claim the first of the queue. A script gets its number, a form is led there; or to the queue if none waits."""
    held = claims.next_case(by=me(request), now=datetime.now(UTC), dark=opens_dark(request))
    if by_script(request):
        facts = {"case": held.case_id, "version": held.version} if held else {"case": None}
        return JsonResponse(facts)
    return redirect("panel:case", case_id=held.case_id) if held else redirect("panel:queue")


@screen("POST", granted=is_granted)
def heartbeat(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep a case while its screen is open."""
    until = claims.heartbeat(claim_of(request, case_id), by=me(request), now=datetime.now(UTC))
    return JsonResponse({"until": until.isoformat()})


@screen("POST", granted=is_granted)
def preview(request: HttpRequest, case_id: int) -> HttpResponse:
    """Return the statement as the affected person would read it, or the sentence that says what is missing."""
    try:
        wish, found = _wish(request, case_id), desk.case(case_id)
        reasons = origins.reasons_of(found, origins.order_of(found), wish.reasons)
        composed = compose(replace(wish, reasons=reasons), now=datetime.now(UTC))
    except DomainError as error:
        return JsonResponse({"error": sentence(error)}, status=error.status)
    direction = "rtl" if composed.language == "ar" else "ltr"
    return JsonResponse({"text": composed.text, "language": composed.language, "direction": direction})


@screen("POST", granted=is_granted)
def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """Decide a case, or dismiss it, and go on to the next; what is refused comes back with the form as it was."""
    now, held = datetime.now(UTC), claim_of(request, case_id)
    try:
        if request.POST.get("action") == "dismiss":
            reason = request.POST.get("explanation") or request.POST.get("facts", "")
            cases.dismiss(held, by=me(request), reason=reason, now=now)
        elif request.POST.get("action", "").endswith(":hold"):
            cases.hold_back(held, _wish(request, case_id), by=me(request), now=now)
        else:
            cases.decide_case(held, _wish(request, case_id), by=me(request), now=now)
    except DomainError as error:
        if by_script(request) or not isinstance(error, Invalid):
            raise
        return _case(request, case_id, problem=sentence(error))
    taken, address = _onwards(request, case_id, now)
    if is_staff(request):
        address = f"{address}?{urlencode({'after': case_id})}"
    if not by_script(request):
        return redirect(address)
    said = words.of(language())
    action = request.POST.get("action", "").partition(":")[2]
    told = {"done": said.get(f"action_{action}", said["dismiss"]), "address": address}
    return JsonResponse({**taken, **told, "undo": _undoes(request, case_id)})


def _undoes(request: HttpRequest, case_id: int) -> str:
    """Return the address that takes back what was just done; what was only held back waits for somebody else anyhow."""
    is_held = request.POST.get("action", "").endswith(":hold")
    return "" if is_held else resolve_url("panel:undo", case_id=case_id)


def _onwards(request: HttpRequest, case_id: int, now: datetime) -> tuple[dict[str, int], str]:
    """Claim the next case, and return it with where it is; where nothing waits, the queue. A guest stays where they
    are."""
    if not is_staff(request):
        return {}, resolve_url("panel:case", case_id=case_id)
    held = claims.next_case(by=me(request), now=now, dark=opens_dark(request))
    if held is None:
        return {}, resolve_url("panel:queue")
    return {"case": held.case_id, "version": held.version}, resolve_url("panel:case", case_id=held.case_id)


@screen("POST", may="messages")
def read(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show the reported messages to whoever holds the case; that they were read is kept with it."""
    if desk.case(case_id).lane == "dark" and not opens_dark(request):
        return prove(request)
    letters = messages.read(claim_of(request, case_id), by=me(request), now=datetime.now(UTC))
    return _case(request, case_id, letters=letters)


@screen("POST", granted=is_granted)
def uncover(request: HttpRequest, case_id: int) -> HttpResponse:
    """Count media before they are seen: a script is told which it may show, a form gets the case with them clear."""
    now, by, found = datetime.now(UTC), me(request), desk.case(case_id)
    if found.lane == "dark" and not opens_dark(request):
        return prove(request)
    as_page = not by_script(request)
    is_read = as_page and found.subject_kind == "message"
    letters = messages.read(claim_of(request, case_id), by=by, now=now) if is_read else []
    wanted = request.POST.getlist("medium")
    clear, seen = uncovered(found, wanted, by=by, now=now)
    if as_page:
        return _case(request, case_id, letters=letters, clear=clear)
    return told_of(clear, seen, wanted)


@screen("POST", may="decide")
def undo(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take back what one has decided oneself a moment ago, tell whom it concerns, and hold the case again."""
    now, by = datetime.now(UTC), me(request)
    closed = desk.closed_by(by.pk, case_id, since=now - UNDONE_WITHIN)
    if closed is None:
        minutes = int(UNDONE_WITHIN.total_seconds() // 60)
        raise NotAllowed(f"Only what you have closed yourself, within {minutes} minutes, is undone so")
    held = claims.claim(handling.undo(case_id, by=by, now=now).pk, by=by, now=now)
    return redirect("panel:case", case_id=held.case_id)


@screen("POST", granted=is_granted)
def release(request: HttpRequest, case_id: int) -> HttpResponse:
    """Let a case go, skipped or for somebody else's opinion, and go on to the next, as after a decision."""
    now = datetime.now(UTC)
    try:
        claims.release(
            claim_of(request, case_id),
            by=me(request),
            reason=request.POST.get("reason", ""),
            now=now,
            second_opinion=request.POST.get("second") == "on",
        )
    except Invalid as error:
        if by_script(request):
            raise
        return _case(request, case_id, problem=sentence(error))
    taken, address = _onwards(request, case_id, now)
    return JsonResponse({**taken, "address": address}) if by_script(request) else redirect(address)


def _case(
    request: HttpRequest,
    case_id: int,
    *,
    problem: str = "",
    letters: Sequence[messages.Letter] = (),
    clear: Sequence[str] = (),
) -> HttpResponse:
    now, by = datetime.now(UTC), me(request)
    if not is_staff(request):
        outside.look(case_id, by=by, now=now)
    page = _page(request)
    found = desk.case_file(case_id, page=page)
    if found.case.lane == "dark":
        if not may(request, "dark"):
            raise Missing("dark")
        if not opens_dark(request):
            return prove(request)
    held = found.case
    is_mine = held.state == "claimed" and held.claimed_by_id == by.id and _runs(held.claimed_until, now)
    if problem and not is_mine:
        return refusal(request, claims.LostClaim())
    if private := exhibits.private(found.evidence):
        handling.looked_at([held.pk], by=by, what=private, now=now)
    works = not is_staff(request) or may(request, "sort")  # else they read
    decides = not is_staff(request) or may(request, "decide")
    seen = exposures.today(by.pk, now=now)
    shows = partial(seen.shows, held.pk, held.lane)
    typed = {name: request.POST.get(name, "") for name in _FIELDS}
    facts: dict[str, Any] = {
        "file": found,
        "line": shown.line(held, now=now, language=language()),
        "evidence": [
            exhibits.evidence(one, now=now, shows=shows)
            for one in found.evidence
            if "copy" not in one.content
        ],
        "copies": exhibits.members(found, now=now, shows=shows),
        "pages": range(1, found.pages + 1),
        "page": page,
        "reads": shown.tongue(held.account.locale) if held.account else "",
        "letters": [exhibits.letter(one, now=now, shows=shows) for one in letters],
        "clear": clear,
        "seen": shown.seen(seen.of(held.lane), language()),
        "exhibits": [
            exhibits.exhibit(one, now=now, shows=shows) for one in found.media.get(held.subject_id, [])
        ],
        "now": now,
        "is_mine": is_mine,
        "version": held.version,
        "kinds": shown.choices(held, decides=decides),
        "decides": decides,
        "works": works,
        "policies": shown.policies(policies.listed(), language()),
        "chosen": typed["policy"] or held.policy,
        "typed": typed,
        "problem": problem,
        "after": _after(request),
        "reviews": reviews.of(held, now=now),
        "granted_at_most": reviews.GRANTED_AT_MOST.days,
        "next": claims.upcoming(by=by, seen=seen, now=now, besides=held.pk, dark=opens_dark(request))
        if may(request, "sort")
        else None,
    }
    return render(request, "case", facts, status=422 if problem else 200)


_FIELDS: Final = ("action", "policy", "facts", "explanation", "law", "days", "countries")


def _page(request: HttpRequest) -> int:
    """Return which page of near copies is asked for: the first, if it is no number of one."""
    number = request.GET.get("copies", "")
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1


def _after(request: HttpRequest) -> Closed | None:
    """Return the case that was closed just before this screen, while that can be undone."""
    number = ids.parse(request.GET.get("after", ""))
    if number is None or not may(request, "decide"):
        return None
    return desk.closed_by(me(request).pk, number, since=datetime.now(UTC) - UNDONE_WITHIN)


def _runs(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now


def claim_of(request: HttpRequest, case_id: int) -> Claim:
    """Read from a form which lease its screen was drawn under."""
    version = request.POST.get("version", "")
    return Claim(
        case_id, int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
    )


def _wish(request: HttpRequest, case_id: int) -> Wish:
    """Read the form. The action names whom it is about, as in `post:removed` or `account:warn`."""
    form, found = request.POST, desk.case(case_id)
    kind, _, action = form.get("action", "").partition(":")
    if action not in ACTIONS:
        raise NoAction
    subject = Subject(found.subject_kind, found.subject_id)
    if kind != found.subject_kind and kind == "account" and found.account_id:
        subject = Subject("account", found.account_id)
    law = form.get("law", "").strip()
    reasons = Reasons(
        form.get("facts", ""),
        form.get("explanation", ""),
        ground="law" if law else "policy",
        legal_reference=law,
    )
    countries = form.get("countries", "").replace(",", " ").split()
    return Wish(
        subject, action, form.get("policy", ""), reasons, countries, shown.end_of(form.get("days", ""))
    )
