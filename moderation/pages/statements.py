"""Pages of the affected person: what was decided about them, why, its proof, and the appeal.

Suspended people sign in and read them like everybody else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from moderation import wording
from moderation.operations import appeals
from moderation.queries import publiclog, standing
from upscrolled.core.errors import DomainError, NotFound
from upscrolled.models import Account


@require_safe
@login_required
def statements(request: HttpRequest) -> HttpResponse:
    """List what was decided about the visitor."""
    now = datetime.now(UTC)
    told = standing.decisions(_me(request).id)
    facts = {"told": [_line(one, now) for one in told], "words": _words()}
    return render(request, "moderation/statements.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def statement(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Show a statement of reasons to the one it is about, and take their appeal."""
    now, me = datetime.now(UTC), _me(request)
    problem = ""
    if request.method == "POST":
        try:
            appeals.appeal_decision(statement_id, by=me, text=request.POST.get("text", ""), now=now)
            return redirect("statement", statement_id=statement_id)
        except NotFound:
            raise Http404 from None
        except DomainError as error:
            problem = error.safe
    try:
        told = standing.decision(me.id, statement_id)
    except NotFound:
        raise Http404 from None
    standing.note_read(told.statement.pk, by=me.id, now=now)
    proof = publiclog.proof_of(told.decision.pk)
    facts: dict[str, Any] = {
        **_line(told, now),
        "words": _words(),
        "paragraphs": _paragraphs(told),
        "problem": problem,
        "proof": proof,
        "steps": [step.hex() for step in proof.path],
        "may_appeal": told.appeal is None
        and told.reversed_at is None
        and told.statement.measure != "restore",
        "log": f"{settings.PUBLIC_URL}/log/checkpoint",
    }
    return render(request, "moderation/statement.html", facts, status=422 if problem else 200)


def _line(told: standing.Told, now: datetime) -> dict[str, Any]:
    words = _words()
    return {
        "told": told,
        "measure": words.MEASURES[told.statement.measure],
        "in_force": told.binds(now),
        "weighs": told.strike_weight if told.counts(now) else 0,
        "statement_direction": "rtl" if told.statement.language == "ar" else "ltr",
    }


def _paragraphs(told: standing.Told) -> list[tuple[str, str]]:
    """The statement as it was written, each part with its heading."""
    if told.readable is None:
        return []
    parts = told.readable.text.split("\n\n")
    return [(head, rest) for head, _, rest in (part.partition(": ") for part in parts[1:])]


def _words() -> Any:
    return wording.of((get_language() or settings.LANGUAGE_CODE)[:2])


def _me(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user
