"""From rows to what a template draws: a case in a line, the factors of its place in words, what can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language_info

from moderation.actions import ACTIONS
from moderation.panel import words
from moderation.policies import Listed
from upscrolled.core.errors import Invalid

if TYPE_CHECKING:
    from moderation.models import Case
    from moderation.queries.authority import Clock
    from moderation.queries.exposure import Seen
    from moderation.queries.work import Rates

KEYS: Final = "123456789wx"
DAYS_MAX: Final = 3_650


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the queue. `copies` is how many posts it answers, if more than one; `why` are the factors of its place,
    as sentences."""

    case: Case
    age: str
    left: str
    is_late: bool
    copies: int
    why: Sequence[str]


@dataclass(frozen=True, slots=True)
class Deadline:
    """An order in the list: how long is `left` of its clock, or since when it is over; empty once it is answered."""

    clock: Clock
    left: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be decided about a case, and the key that chooses it."""

    value: str
    action: str
    key: str


def line(case: Case, *, now: datetime, language: str) -> Line:
    """Describe a case for the queue."""
    left = (case.deadline - now).total_seconds() if case.deadline else 0.0
    return Line(
        case,
        span((now - case.opened_at).total_seconds(), language),
        span(abs(left), language),
        left < 0,
        size if (size := int(case.factors.get("cluster_size", 1))) > 1 else 0,
        why(case.factors, language),
    )


def deadline(clock: Clock, *, now: datetime, language: str) -> Deadline:
    """Describe an order and its clock."""
    left = abs((clock.order.deadline - now).total_seconds())
    return Deadline(clock, span(left, language) if clock.waits else "")


def why(factors: dict[str, Any], language: str) -> list[str]:
    """Say in words why a case stands where it stands; the numbers are those that were stored with it.

    Where a lane goes by something else, that comes first, and how much harm is to be prevented is no reason.
    """
    said, lane = words.of(language), factors.get("lane", "ordinary")
    sentences = (
        [] if lane == "ordinary" else [said["why_lane_sample" if lane == "sample" else "why_lane_law"]]
    )
    for name in ("probability", "severity", "views_per_minute", "cluster_size", "minutes", "hours_left"):
        if name in factors:
            value = factors[name]
            number = f"{value:.0%}" if name == "probability" else _plain(value)
            sentences.append(said[f"why_{name}"].format(number=number))
    for name in ("harm", "haste"):
        if name in factors and lane == "ordinary":
            sentences.append(said[f"why_{name}"].format(number=f"{factors[name]:,.2f}"))
    return sentences


def _plain(value: float) -> str:
    """A number with two places at the most, and none that say nothing."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def tongue(locale: str) -> str:
    """Return the name of a language in itself; empty for one that has none here."""
    try:
        return str(get_language_info(locale)["name_local"])
    except KeyError:
        return ""


def span(seconds: float, language: str) -> str:
    """Say how long that is, in the largest unit that makes sense."""
    said = words.of(language)
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length or unit == "minutes":
            return said[f"in_{unit}"].format(number=int(seconds // length))
    raise AssertionError


def shares(rates: Rates) -> dict[str, str]:
    """Parts as percents; a dash where nothing was."""
    named = ("late", "acted", "overturned", "reversed", "automated")
    parts = {name: getattr(rates, name) for name in named}
    return {name: "–" if part is None else f"{part:.0%}" for name, part in parts.items()}


def choices(case: Case, *, decides: bool = True) -> list[tuple[str, list[Choice]]]:
    """List what can be decided: about the subject first, then about the account behind it, the mildest first.

    Who does not decide can have it held back, until somebody does.
    """
    if not decides:
        kind = case.subject_kind
        return [(kind, [Choice(f"{kind}:hold", "hold", "1")])] if kind in ACTIONS["hold"].subjects else []
    keys = iter(KEYS)
    found = []
    for kind in dict.fromkeys((case.subject_kind, "account" if case.account_id else case.subject_kind)):
        fitting = [
            Choice(f"{kind}:{action.key}", action.key, next(keys, ""))
            for action in ACTIONS.values()
            if kind in action.subjects and action.key not in ("hold", "restore")
        ]
        found.append((kind, fitting))
    return found


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


def seen(so_far: Seen, language: str) -> str:
    """Say how many media somebody has uncovered today, and of how many."""
    said = words.of(language)["seen_today" if so_far.limit else "seen_unlimited"]
    return said.format(number=so_far.count, limit=so_far.limit)


def end_of(days: str) -> datetime | None:
    """Return when so many days from now are over; None for none. Raises Invalid for what is no such number."""
    if not days.strip():
        return None
    if not (days.isascii() and days.isdigit() and 1 <= int(days[:6]) <= DAYS_MAX):
        raise Invalid(f"Validation failed: {days[:10]!r} days; a number from 1 to {DAYS_MAX}, or none")
    return datetime.now(UTC) + timedelta(days=int(days))


def moment(typed: str) -> datetime | None:
    """Return a moment as a form has it, which is in UTC; None for none. Raises Invalid for what is none."""
    if not typed.strip():
        return None
    try:
        found = parse_datetime(typed.strip())
    except ValueError:
        found = None
    if found is None:
        raise Invalid(f"Validation failed: {typed[:40]!r} is no moment, such as 2026-11-28T14:30")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
