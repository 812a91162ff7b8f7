"""One decision about many: tried first, sent then, and taken back as a whole if it was wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from moderation import copies, policies
from moderation.actions import ACTIONS
from moderation.operations import bulk as bulk_verbs
from moderation.operations import reading
from moderation.operations import together as verbs
from moderation.operations.bulk import Rehearsal
from moderation.operations.decide import Wish
from moderation.operations.preview import preview
from moderation.operations.reviewers import Missing
from moderation.panel import shown
from moderation.panel.gate import me, opens_dark, prove, screen
from moderation.panel.refused import sentence
from moderation.panel.render import language, render
from moderation.panel.visitor import may
from moderation.queries import desk, naming
from moderation.queries import together as reads
from moderation.queries.naming import Named
from moderation.statements import Reasons
from moderation.subjects import Loaded, Subject
from upscrolled.core import ids
from upscrolled.core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from upscrolled.models import Account

MOST: Final = 200  # in one request
_FIELDS: Final = ("about", "action", "policy", "facts", "explanation", "days")


@screen("GET", "HEAD", "POST", may="decide_many")
def together(request: HttpRequest) -> HttpResponse:
    """Show the form; posted, rehearse the decision or, with `step` "send", make it."""
    if request.method != "POST":
        return _form(request, _wanted(request))
    typed = {name: request.POST.get(name, "") for name in _FIELDS}
    now, named = datetime.now(UTC), naming.read(typed["about"].splitlines())
    try:
        if len(named.subjects) > MOST:
            raise Invalid(f"Validation failed: {len(named.subjects)} subjects; at most {MOST} at once")
        wish = _wish(typed, named)
        if reads.is_dark(named.subjects):
            if not may(request, "dark"):
                raise Missing("dark")
            if not opens_dark(request):
                return prove(request)
        if request.POST.get("step") != "send":
            seen = verbs.rehearse(wish, named.subjects, by=me(request), now=now)
            return _form(request, typed, **_rehearsed(seen, wish, named, by=me(request), now=now))
        made = verbs.decide(wish, named.subjects, by=me(request), now=now)
    except Invalid as error:
        return _form(request, typed, problem=sentence(error))
    if made.refused:
        return _form(request, typed, made=made, refused=_lines(made.refused, named))
    return redirect("panel:batch", bulk=made.bulk)


@screen("GET", "HEAD", "POST", may="decide_many")
def batch(request: HttpRequest, bulk: UUID) -> HttpResponse:
    """Show what was decided together; posted with a reason, take all of it back."""
    problem = ""
    if request.method == "POST":
        because = request.POST.get("because", "")
        undone = bulk_verbs.undo(bulk, by=me(request), reason=because, now=datetime.now(UTC))
        if not undone.refused:
            return redirect("panel:batch", bulk=bulk)
        problem = next(iter(undone.refused.values()))
    found = reads.batches(bulk=bulk)
    if not found:
        raise NotFound
    facts = {"batch": found[0], "rows": reads.decisions_of(bulk), "problem": problem}
    return render(request, "batch", facts, status=422 if problem else 200)


def _wanted(request: HttpRequest) -> dict[str, str]:
    """Fill the form with what another screen leads here for: near copies of a case, or names."""
    case_id = ids.parse(request.GET.get("like", ""))
    if case_id is None:
        return {"about": request.GET.get("about", "")}
    alike = reads.like(case_id, limit=MOST)
    lines = [naming.line_of(one) for one in alike if one.kind in copies.COPIED]
    return {"about": "\n".join(lines), "policy": desk.case(case_id).policy}


def _wish(typed: dict[str, str], named: Named) -> Wish:
    if not named.subjects:
        raise Invalid("Validation failed: name at least one post, @name or #hashtag that is there")
    reasons = Reasons(typed["facts"], typed["explanation"], source="own_initiative")
    return Wish(
        named.subjects[0], typed["action"], typed["policy"], reasons, ends_at=shown.end_of(typed["days"])
    )


def _rehearsed(seen: Rehearsal, wish: Wish, named: Named, *, by: Account, now: datetime) -> dict[str, Any]:
    """What a rehearsal showed: refusals by line, the statement as one of the sample would read it, and the sample."""
    first = seen.sample[0].subject if seen.sample else None
    told = verbs.as_told(wish, first, among=named.subjects) if first else None
    private = [
        one for one in seen.sample if one.content.get("audience", "public") not in ("public", "unlisted")
    ]
    reading.read(
        [one.owner_id for one in private if one.owner_id is not None],
        what=reading.POSTS,
        why="the sample of a decision about many",
        by=by,
        now=now,
    )
    return {
        "seen": seen,
        "refused": _lines(seen.refused, named),
        "statement": preview(told, now=now) if told else None,
        "sample": [(one.subject, _says(one)) for one in seen.sample],
    }


def _says(one: Loaded) -> str:
    said = (one.content.get(name) for name in ("warning", "text", "name", "username", "display_name", "note"))
    return "\n".join(str(each) for each in said if each)


def _lines(refused: dict[Subject, str], named: Named) -> list[tuple[str, str]]:
    unknown = [(line, NotFound.safe) for line in named.unknown]
    return [(f"{subject.kind} {subject.id}", sentence) for subject, sentence in refused.items()] + unknown


def _form(request: HttpRequest, typed: dict[str, str], *, problem: str = "", **more: Any) -> HttpResponse:
    facts = {
        "typed": typed,
        "actions": [key for key in ACTIONS if key not in ("hold", "restore")],
        "policies": shown.policies(policies.listed(), language()),
        "batches": reads.batches(),
        "problem": problem,
    }
    return render(request, "together", {**facts, **more}, status=422 if problem else 200)
