"""From rows to what a template draws: a case in a line, its evidence, the factors of its place in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language_info

from moderation.actions import ACTIONS
from moderation.panel import words
from moderation.policies import Listed
from moderation.queries.desk import subject_of
from upscrolled.core.errors import Invalid
from upscrolled.media import addresses
from upscrolled.media.addresses import Holder
from upscrolled.pictures import addresses as pictures

if TYPE_CHECKING:
    from moderation.models import Case, Evidence
    from moderation.operations.messages import Letter as Read
    from moderation.queries.authority import Clock
    from moderation.queries.desk import AppealFile, CaseFile
    from moderation.queries.exposure import Seen, Today
    from moderation.queries.work import Rates
    from upscrolled.media.shown import MediaFacts

KEYS: Final = "123456789wx"
Shows = Callable[[str], bool]  # of the name of a medium: may it be looked at, so far as the day's limit goes
DAYS_MAX: Final = 3_650
_PICTURES: Final = ("avatar", "header")


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


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A picture, video or sound of a post: what is shown small, where the whole is, and what its author says it shows.

    Nothing of it is there to be shown while `whole` is empty: it is still being processed, or could not be; or it is
    `closed`, since the day's limit is reached. By `name` it is counted when it is uncovered.
    """

    name: str
    kind: str
    small: str
    whole: str
    description: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a profile: where it is, and the name by which it is counted when it is uncovered.

    Without an address the day's limit is reached.
    """

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A reported message; `text` is None if its key is lost."""

    at: datetime
    text: str | None
    exhibits: Sequence[Exhibit]


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence, taken apart: what it says, its earlier versions, and pictures that stay covered.

    `post` is what the post says that shows a medium, `captions` are languages and addresses of a video's.
    """

    at: datetime
    texts: Sequence[str]
    edits: Sequence[str]
    pictures: Sequence[Picture]
    is_deleted: bool
    post: Sequence[str] = ()
    captions: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A near copy that is decided with a case: what it said each time that it was frozen, and its media."""

    evidence: Sequence[Shown]
    exhibits: Sequence[Exhibit]


def members(file: CaseFile, *, now: datetime, shows: Shows) -> list[Member]:
    """Show the near copies of a page."""
    said: dict[int, list[Shown]] = {}
    for each in file.evidence:
        if named := each.content.get("copy"):
            said.setdefault(int(named["id"]), []).append(evidence(each, now=now, shows=shows))
    return [
        Member(
            said.get(copy.subject_id, []),
            [exhibit(one, now=now, shows=shows) for one in file.media.get(copy.subject_id, [])],
        )
        for copy, _ in file.members
    ]


def pieces(file: AppealFile, today: Today, *, now: datetime) -> list[Member]:
    """Show what an appeal is about, each subject of each of its cases: all that it said, and its media."""
    found: dict[tuple[int, int], list[Evidence]] = {}
    for each in file.evidence:
        found.setdefault((each.case_id, subject_of(each)), []).append(each)
    shown = []
    for (case_id, subject_id), kept in found.items():
        shows = partial(today.shows, case_id, kept[0].case.lane)
        media = file.media.get((case_id, subject_id), [])
        shown.append(
            Member(
                [evidence(each, now=now, shows=shows) for each in kept],
                [exhibit(one, now=now, shows=shows) for one in media],
            )
        )
    return shown


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


def evidence(kept: Evidence, *, now: datetime, shows: Shows) -> Shown:
    """Take frozen content apart; its pictures are reached by signed addresses, also if the account is suspended.

    What an attachment's owner put beside it is shown as it was then, whatever they replaced it with.
    """
    content = kept.content
    fields = [f"{field.get('name', '')}: {field.get('value', '')}" for field in content.get("fields") or []]
    names = ("warning", "text", "name", "display_name", "username", "note")
    post = content.get("post") or {}
    media = content.get("media") or []
    return Shown(
        kept.taken_at,
        [str(content[name]) for name in names if content.get(name)] + fields,
        [str(edit.get("text", "")) for edit in content.get("edits") or []],
        [
            Picture(content[name], pictures.signed(content[name], now=now) if shows(content[name]) else "")
            for name in _PICTURES
            if content.get(name)
        ]
        + [
            Picture(name, _frozen(each["id"], each["thumbnail"], now) if shows(name) else "")
            for name, each in thumbnails(content)
        ],
        bool(content.get("deleted")),
        [str(post[name]) for name in ("warning", "text") if post.get(name)],
        [
            (f"{said['name']} ({said['language']})", _frozen(each["id"], said["file"], now))
            for each in media
            for said in each.get("captions") or []
        ],
    )


def thumbnails(content: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the media of frozen content that had a thumbnail of their own, with the names they are counted by."""
    media = content.get("media") or []
    return [(f"{each['id']}:{each['thumbnail'][-12:]}", each) for each in media if each.get("thumbnail")]


def _frozen(attachment_id: str, name: str, now: datetime) -> str:
    whole = addresses.private(int(attachment_id), name, now=now, holder=Holder.STAFF)
    return whole.removeprefix(settings.PUBLIC_URL)


def private(kept: Sequence[Evidence]) -> str:
    """Say for whom alone some of this was written, if not for everybody: an audience; empty if there is none."""
    audiences = {str(each.content.get("audience") or "public") for each in kept}
    return ", ".join(sorted(audiences - {"public", "unlisted"}))


def exhibit(media: MediaFacts, *, now: datetime, shows: Shows) -> Exhibit:
    """Say where an attachment is reached, if it may be looked at: from the page's own host if we keep it."""
    closed = not shows(str(media.id))

    def address(*roles: str) -> str:
        name = next((media.files[role] for role in roles if role in media.files), "")
        if not name or closed:
            return ""
        whole = (
            addresses.public(name)
            if media.public
            else addresses.private(media.id, name, now=now, holder=Holder.STAFF)
        )
        return whole.removeprefix(settings.PUBLIC_URL)

    return Exhibit(
        str(media.id),
        media.kind,
        address("poster", "thumbnail", "small"),
        address("original", "fallback"),
        media.description,
        closed,
    )


def seen(so_far: Seen, language: str) -> str:
    """Say how many media somebody has uncovered today, and of how many."""
    said = words.of(language)["seen_today" if so_far.limit else "seen_unlimited"]
    return said.format(number=so_far.count, limit=so_far.limit)


def letter(read: Read, *, now: datetime, shows: Shows) -> Letter:
    """Show a reported message."""
    return Letter(read.written_at, read.text, [exhibit(one, now=now, shows=shows) for one in read.media])


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
