"""Appeals: read what was decided and what is said against it, and answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation.operations import appeals as verbs
from moderation.operations import handling, messages, outside
from moderation.operations.appeals import AppealClaim
from moderation.operations.reviewers import Missing, is_granted_appeal
from moderation.panel import exhibits, shown
from moderation.panel.gate import by_script, me, opens_dark, prove, screen
from moderation.panel.looking import told_of, uncovered
from moderation.panel.refused import NoOutcome, sentence
from moderation.panel.render import language, render
from moderation.panel.visitor import is_staff, may
from moderation.queries import desk, work
from moderation.queries import exposure as exposures
from moderation.queries.desk import AppealFile
from upscrolled.core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from moderation.models import Case


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
            raise NoOutcome
        verb(held, by=me(request), answer=request.POST.get("answer", ""), now=datetime.now(UTC))
    except Invalid as error:
        return _appeal(request, appeal_id, problem=sentence(error))
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
        return _appeal(request, appeal_id, problem=sentence(error))
    return redirect("panel:appeal", appeal_id=appeal_id)


@screen("POST", may="appeals", granted=is_granted_appeal)
def uncover(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Count media of an appeal before they are seen, each with its case, as on the screen of that."""
    now, by, found = datetime.now(UTC), me(request), desk.appeal_file(appeal_id)
    if _stays_shut(request, found):
        return prove(request)
    wanted, clear, seen = request.POST.getlist("medium"), list[str](), None
    for case, names in _media_of(found):
        if asked := [name for name in wanted if name in names]:
            more, seen = uncovered(case, asked, by=by, now=now)
            clear += more
    if seen is None:
        raise NotFound
    return told_of(clear, seen, wanted) if by_script(request) else _appeal(request, appeal_id, clear=clear)


@screen("POST", may="messages")
def read(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Show the messages that an appeal is about to whoever holds it; that they were read is kept with their case."""
    if _is_dark(desk.appeal_file(appeal_id)) and not opens_dark(request):
        return prove(request)
    letters = messages.read_appealed(_held(request, appeal_id), by=me(request), now=datetime.now(UTC))
    return _appeal(request, appeal_id, letters=letters)


def _is_dark(found: AppealFile) -> bool:
    return any(one.case.lane == "dark" for one in found.evidence)


def _stays_shut(request: HttpRequest, found: AppealFile) -> bool:
    """Say whether a second factor has to be given first. Raises Missing for who may not look there at all."""
    if not _is_dark(found):
        return False
    if not may(request, "dark"):
        raise Missing("dark")
    return not opens_dark(request)


def _media_of(found: AppealFile) -> list[tuple[Case, set[str]]]:
    """The cases of an appeal, each with the names by which its media are counted."""
    named: dict[int, tuple[Case, set[str]]] = {}
    for one in found.evidence:
        _, names = named.setdefault(one.case_id, (one.case, set()))
        names |= {str(media.id) for media in found.media.get((one.case_id, desk.subject_of(one)), [])}
        names |= {str(one.content[place]) for place in ("avatar", "header") if one.content.get(place)}
        names |= {name for name, _ in exhibits.thumbnails(one.content)}
    return list(named.values())


def _held(request: HttpRequest, appeal_id: int) -> AppealClaim:
    version = request.POST.get("version", "")
    is_number = version.isascii() and version.isdigit() and len(version) < 10
    return AppealClaim(appeal_id, int(version) if is_number else -1)


def _appeal(
    request: HttpRequest,
    appeal_id: int,
    *,
    problem: str = "",
    clear: Sequence[str] = (),
    letters: Sequence[messages.Letter] = (),
) -> HttpResponse:
    now, by = datetime.now(UTC), me(request)
    if not is_staff(request):
        outside.look_at_appeal(appeal_id, by=by, now=now)
    found = desk.appeal_file(appeal_id)
    if _stays_shut(request, found):
        return prove(request)
    if private := exhibits.private(found.evidence):
        handling.looked_at({one.case_id for one in found.evidence}, by=by, what=private, now=now)
    held, today = found.appeal, exposures.today(by.pk, now=now)
    lane = "dark" if _is_dark(found) else ""
    is_mine = (
        held.state == "claimed"
        and held.claimed_by_id == by.id
        and held.claimed_until is not None
        and held.claimed_until > now
    )
    facts = {
        "file": found,
        "pieces": exhibits.pieces(found, today, now=now),
        "letters": [
            exhibits.letter(one, now=now, shows=lambda _: not today.of(lane).is_enough) for one in letters
        ],
        "has_messages": any(one.case.subject_kind == "message" for one in found.evidence),
        "clear": clear,
        "seen": shown.seen(today.of(lane), language()),
        "now": now,
        "is_mine": is_mine,
        "problem": problem,
        "typed": request.POST.get("answer", ""),
    }
    return render(request, "appeal", facts, status=422 if problem else 200)
