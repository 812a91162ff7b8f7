"""What templates of the panel ask for: a word by its family and name, the title of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.template import Library
from django.utils.html import format_html

from moderation.operations.bulk import Rehearsal
from moderation.panel.render import language
from moderation.queries.desk import Voice
from moderation.queries.together import Batch
from moderation.rehearsals import Met
from moderation.wording import of

register = Library()


@register.simple_tag(takes_context=True)
def word(context: dict[str, Any], family: str, name: str) -> str:
    """Return the word of a family (lane, state, action …), or the name where there is none."""
    return str(context["w"].get(f"{family}_{name}", name))


@register.simple_tag(takes_context=True)
def who(context: dict[str, Any], row: object, name: str, nobody: str = "the_clock") -> str:
    """Name the account in a field of a row: if it was erased since, say so; if none is named, what `nobody` says."""
    account = getattr(row, name)
    if account is not None:
        return format_html("<bdi>@{}</bdi>", account.username)
    erased = getattr(row, f"{name}_id") is not None
    return str(context["w"]["erased_account" if erased else nobody])


@register.simple_tag
def policy_title(key: str) -> str:
    """Return the title of a policy in the reader's language; a policy of the site's own has its key."""
    texts = of(language()).POLICIES.get(key)
    return str(texts[0]) if texts else key


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], name: str, number: object) -> str:
    """Return a word that has a place for a number, with the number."""
    return str(context["w"][name]).format(number=number)


@register.simple_tag(takes_context=True)
def ring(context: dict[str, Any], accounts: Sequence[object], share: str) -> str:
    """Say how large a ring is and how much it has in common."""
    return str(context["w"]["ring"]).format(number=len(accounts), share=share)


@register.simple_tag(takes_context=True)
def rehearsal(context: dict[str, Any], seen: Rehearsal) -> str:
    """Say how many decisions there would be, and how many people would be told."""
    return str(context["w"]["rehearsal"]).format(decisions=seen.decisions, people=seen.people)


@register.simple_tag(takes_context=True)
def standing(context: dict[str, Any], batch: Batch) -> str:
    """Say how many of the decisions that were made together still stand."""
    return str(context["w"]["standing"]).format(number=batch.standing, all=batch.count)


@register.simple_tag(takes_context=True)
def of_week(context: dict[str, Any], met: Met) -> str:
    """Say how often a rule would have been met last week, and among how much."""
    return str(context["w"]["week_met"]).format(number=met.count, all=met.looked_at)


@register.simple_tag(takes_context=True)
def voice_record(context: dict[str, Any], voice: Voice) -> str:
    """Say how somebody's earlier reports were decided."""
    return str(context["w"]["voice_record"]).format(upheld=voice.upheld, refused=voice.refused)
