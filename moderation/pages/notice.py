"""The notice of illegal content that everybody may send (Article 16), and what became of it. Works without script."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from moderation import links, wording
from moderation.operations import appeals, public_notice
from moderation.operations.public_notice import NewNotice, NoticeRefused
from moderation.queries import public_notice as queries
from upscrolled import origin
from upscrolled.core.errors import DomainError, NotFound, TooMany

_FIELDS = ("addresses", "explanation", "reason", "law", "name", "email", "good_faith")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def form(request: HttpRequest) -> HttpResponse:
    """Show the form; `?address=` fills in where. What was sent leads to the receipt."""
    filled = {name: request.POST.get(name, "") for name in _FIELDS}
    if request.method != "POST":
        filled["addresses"] = request.GET.get("address", "")[:2_000]
        return _form(request, filled, {})
    notice = NewNotice(
        addresses=filled["addresses"].splitlines(),
        explanation=filled["explanation"],
        reason=filled["reason"],
        law=filled["law"],
        name=filled["name"],
        email=filled["email"],
        good_faith=filled["good_faith"] == "yes",
        language=_language(),
    )
    try:
        secret = public_notice.file_notice(notice, origin=origin.of(request), now=datetime.now(UTC))
    except NoticeRefused as refusal:
        return _form(request, filled, refusal.problems, status=refusal.status)
    except TooMany as refusal:
        response = _form(request, filled, {"too_many": ""}, status=refusal.status)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    return redirect("notice_receipt", secret=secret)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """Say what was received and what became of it, to whoever has the link; take their wish for a second look."""
    problem = False
    try:
        if request.method == "POST":
            number, said = links.number_of("notice", secret), request.POST.get("text", "")
            appeals.appeal_notice(number, text=said, now=datetime.now(UTC))
            return redirect("notice_receipt", secret=secret)
    except NotFound:
        raise Http404 from None
    except DomainError:
        problem = True
    return _receipt(request, secret, problem)


def _receipt(request: HttpRequest, secret: str, problem: bool) -> HttpResponse:
    try:
        report, appeal = queries.by_link(secret)
    except NotFound:
        raise Http404 from None
    words = wording.of(_language())
    facts = {
        "words": words.NOTICE,
        "title": words.NOTICE["yours" if report.reporter_id is None else "your_report"],
        "report": report,
        "reason": words.POLICIES[report.reason][0],
        "said": words.OUTCOMES.get(report.outcome) or words.NOTICE["received"],
        "appeal": appeal,
        "may_appeal": appeal is None and report.outcome == "refused",
        "problem": problem,
        "link": f"{settings.PUBLIC_URL}/notice/{links.secret_of('notice', report.pk)}",
    }
    return render(request, "moderation/notice_receipt.html", facts, status=422 if problem else 200)


def _form(
    request: HttpRequest, filled: dict[str, str], problems: dict[str, str], status: int = 200
) -> HttpResponse:
    words = wording.of(_language())
    facts: dict[str, Any] = {
        "words": words.NOTICE,
        "reasons": [(key, title) for key, (title, _, _) in words.POLICIES.items()],
        "filled": filled,
        "wrong": {name: words.NOTICE[f"wrong_{name}"] for name in problems if name != "too_many"},
        "too_many": "too_many" in problems,
    }
    return render(request, "moderation/notice.html", facts, status=status)


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]
