"""What somebody typed into the search, read: words, phrases, hashtags, and the operators that Mastodon has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum
from typing import Final

import regex

from upscrolled.core import ids, text
from upscrolled.core.errors import Invalid
from upscrolled.core.words import words

TERMS_MAX: Final = 50  # words and operators of one query
TAG_MAX: Final = 100  # characters of a hashtag that count here
NAME_MAX: Final = 40  # characters of a property or a language that are looked at


class Within(Enum):
    """Which posts are asked for: everybody's public ones, those one has to do with, or both."""

    ALL = "all"
    PUBLIC = "public"
    LIBRARY = "library"


class Kind(Enum):
    """What a term asks of a post."""

    WORDS = "words"  # these words, one after the other
    TAG = "tag"  # this hashtag, by its normal name
    FROM = "from"  # this account, by what was typed; "me" is who asks
    AUTHOR = "author"  # this account, by its id
    HAS = "has"  # one of the properties of `feed.finding.document`
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Term:
    """Something that a post has to have, or must not have where it is `denied`."""

    kind: Kind
    values: tuple[str, ...]
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. Posts have ids from `first` (0: any) to below `end` (0: any), which is how dates are told."""

    terms: tuple[Term, ...] = ()
    within: Within = Within.ALL
    first: int = 0
    end: int = 0
    operators: bool = False

    @property
    def nothing(self) -> bool:
        """Whether it asks for nothing in particular, as what is no word does."""
        return all(term.denied for term in self.terms) and not (self.first or self.end)

    def also(self, term: Term) -> Asked:
        """Return the query that asks for this too."""
        return replace(self, terms=(*self.terms, term))


# A sign, then a phrase in quotation marks (of any kind that phones set), an operator with its value, or a word.
_PART: Final = regex.compile(
    r"""(?P<sign>[+-])?+
    (?: ["“”„«»] (?P<phrase>[^"“”„«»]*+) ["“”„«»]?+
      | (?P<operator>from|has|is|language|before|after|during|in) : "?+ (?P<value>[^\s"]*+) "?+
      | (?P<word>[^\s"“”„«»]++) )""",
    regex.VERBOSE | regex.IGNORECASE,
)
_DATE: Final = regex.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read(query: str, *, zone: Callable[[], tzinfo] = lambda: UTC) -> Asked:
    """Read a query. `zone` tells where the days of whoever asks begin; it is asked only where there are days.

    Raises Invalid for too many terms, for what is no date and for a place there is not.
    """
    asked = Asked()
    for found in _PART.finditer(text.clean(query)):
        denied = found["sign"] == "-"
        if found["operator"]:
            asked = _operated(asked, found["operator"].lower(), found["value"], denied, zone)
        else:
            for term in _said(found["phrase"], found["word"], denied):
                asked = asked.also(term)
        if len(asked.terms) > TERMS_MAX:
            raise Invalid(f"q asks for more than {TERMS_MAX} things at once.")
    return asked


def _said(phrase: str | None, word: str | None, denied: bool) -> Iterator[Term]:
    if phrase is not None:
        if found := words(phrase):
            yield Term(Kind.WORDS, tuple(found), denied)
    elif word is not None and word.startswith("#") and (name := text.tag_name(word[1:])):
        yield Term(Kind.TAG, (name[:TAG_MAX],), denied)
    elif found := words(word or ""):
        # What is written in one piece is looked for in one piece: an address, a name with a sign inside.
        yield Term(Kind.WORDS, tuple(found), denied)


def _operated(asked: Asked, operator: str, value: str, denied: bool, zone: Callable[[], tzinfo]) -> Asked:
    asked = replace(asked, operators=True)
    match operator:
        case "from":
            return asked.also(Term(Kind.FROM, (value,), denied))
        case "has" | "is":
            return asked.also(Term(Kind.HAS, (value.lower()[:NAME_MAX],), denied))
        case "language":
            return asked.also(Term(Kind.LANGUAGE, (value.lower()[:NAME_MAX],), denied))
        case "in":
            return replace(asked, within=_within(value, denied))
    if denied and operator == "during":
        raise Invalid("-during: cannot be asked for; before: and after: tell one side of a day.")
    return _dated(asked, operator, _date(operator, value), zone(), denied)


def _within(value: str, denied: bool) -> Within:
    if denied or value.lower() not in [place.value for place in Within]:
        places = ", ".join(place.value for place in Within)
        raise Invalid(f"in: is one of {places}; not {'-' if denied else ''}{value[:40]!r}")
    return Within(value.lower())


def _date(operator: str, value: str) -> date:
    try:
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Invalid(f"{operator}: needs a date like 2026-01-31, not {value[:40]!r}")


def _dated(asked: Asked, operator: str, day: date, zone: tzinfo, denied: bool) -> Asked:
    """Narrow the ids to before or after a day, or to the day; every bound that is given holds."""
    begins, ends = _id(day, zone), _id(day + timedelta(days=1), zone) if day < date.max else ids.LARGEST
    side = {"before": "from", "after": "until"}[operator] if denied else operator
    first = {"after": ends, "during": begins, "from": begins}.get(side, 0)
    end = {"before": begins, "during": ends, "until": ends}.get(side, 0)
    return replace(
        asked,
        first=max(asked.first, first),
        end=min(filter(None, (asked.end, end)), default=0) if end or asked.end else 0,
    )


def _id(day: date, zone: tzinfo) -> int:
    try:
        moment = datetime.combine(day, time(), zone).astimezone(UTC)
        return ids.first_at(moment) if moment > ids.EPOCH else 1
    except (ValueError, OverflowError):  # beyond what a clock or an id can say
        return 1 if day < ids.EPOCH.date() else ids.LARGEST
