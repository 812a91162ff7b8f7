"""From rows to what a template draws: a case in a line, its evidence, the factors of its place in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from moderation.actions import ACTIONS
from moderation.panel import words
from moderation.policies import Listed

if TYPE_CHECKING:
    from moderation.models import Case, Evidence

KEYS: Final = "123456789"
# How the case came up, as the statement of reasons says it.
_SOURCES: Final = {"report": "report", "trusted": "trusted_flagger", "order": "order", "appeal": "appeal"}
_PICTURES: Final = ("avatar", "header")


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the queue. `why` are the factors of its place, as sentences."""

    case: Case
    age: str
    left: str
    is_late: bool
    why: Sequence[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be decided about a case, and the key that chooses it."""

    value: str
    action: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence, taken apart: what it says, its earlier versions, and pictures that stay covered."""

    at: datetime
    texts: Sequence[str]
    edits: Sequence[str]
    pictures: Sequence[str]
    is_deleted: bool


def line(case: Case, *, now: datetime, language: str) -> Line:
    """Describe a case for the queue."""
    left = (case.deadline - now).total_seconds() if case.deadline else 0.0
    return Line(
        case,
        span((now - case.opened_at).total_seconds(), language),
        span(abs(left), language),
        left < 0,
        why(case.factors, language),
    )


def why(factors: dict[str, Any], language: str) -> list[str]:
    """Say in words why a case stands where it stands; the numbers are those that were stored with it."""
    said, sentences = words.of(language), []
    for name in ("probability", "severity", "views_per_minute", "cluster_size", "minutes", "hours_left"):
        if name in factors:
            value = factors[name]
            number = f"{value:.0%}" if name == "probability" else f"{value:,.10g}"
            sentences.append(said[f"why_{name}"].format(number=number))
    for name in ("harm", "haste"):
        if name in factors:
            sentences.append(said[f"why_{name}"].format(number=f"{factors[name]:,.2f}"))
    return sentences


def span(seconds: float, language: str) -> str:
    """Say how long that is, in the largest unit that makes sense."""
    said = words.of(language)
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length or unit == "minutes":
            return said[f"in_{unit}"].format(number=int(seconds // length))
    raise AssertionError


def choices(case: Case) -> list[Choice]:
    """List what can be decided: about the subject first, then about the account behind it."""
    found = []
    for kind in dict.fromkeys((case.subject_kind, "account" if case.account_id else case.subject_kind)):
        found += [
            (kind, action)
            for action in ACTIONS.values()
            if kind in action.subjects and action.key not in ("hold", "restore")
        ]
    keys = [*KEYS, *[""] * len(found)]
    return [
        Choice(f"{kind}:{action.key}", action.key, kind, keys[number])
        for number, (kind, action) in enumerate(found)
    ]


def policies(listed: Sequence[Listed], language: str) -> list[dict[str, Any]]:
    """Policies with their texts in a language, English where there are none."""
    return [
        {
            "key": policy.key,
            "version": policy.version,
            "severity": policy.severity,
            **(policy.texts.get(language) or policy.texts["en"]),
        }
        for policy in listed
    ]


def evidence(kept: Evidence) -> Shown:
    """Take frozen content apart."""
    content = kept.content
    fields = [f"{field.get('name', '')}: {field.get('value', '')}" for field in content.get("fields") or []]
    names = ("warning", "text", "name", "display_name", "username", "note")
    return Shown(
        kept.taken_at,
        [str(content[name]) for name in names if content.get(name)] + fields,
        [str(edit.get("text", "")) for edit in content.get("edits") or []],
        [f"/media/{content[name]}" for name in _PICTURES if content.get(name)],
        bool(content.get("deleted")),
    )


def source_of(case: Case) -> str:
    """Return how the case came up, in the words of a statement."""
    return _SOURCES.get(case.source, "own_initiative")
