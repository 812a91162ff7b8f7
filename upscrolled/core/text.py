"""What people write: cleaned, counted as people count, searched for mentions, tags and links.

Every pattern here moves forward only (possessive runs of one class of characters), so that the time for a
text grows with its length, whatever somebody sends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize
from urllib.parse import quote

import regex


@dataclass(frozen=True, slots=True)
class Mention:
    """`@name` or `@name@host` as written, at `text[start:end]`."""

    start: int
    end: int
    name: str
    host: str | None = None

    @property
    def key(self) -> str:
        """The name to look up, whatever its case: `name`, or `name@host`."""
        return (self.name if self.host is None else f"{self.name}@{self.host}").lower()


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A hashtag at `text[start:end]`: as written, without its #, and the one form of all its spellings."""

    start: int
    end: int
    display: str
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """An http or https address at `text[start:end]`, as written."""

    start: int
    end: int
    url: str


Entity = Mention | Hashtag | Link


@dataclass(frozen=True, slots=True)
class Parsed:
    """The mentions, hashtags and links of a text, as often and in the order in which they stand there."""

    entities: tuple[Entity, ...]

    @property
    def mentions(self) -> tuple[Mention, ...]:
        return tuple(entity for entity in self.entities if isinstance(entity, Mention))

    @property
    def hashtags(self) -> tuple[Hashtag, ...]:
        return tuple(entity for entity in self.entities if isinstance(entity, Hashtag))

    @property
    def links(self) -> tuple[Link, ...]:
        return tuple(entity for entity in self.entities if isinstance(entity, Link))


def parse(text: str) -> Parsed:
    """Find who is mentioned, what is tagged and what is linked in a cleaned text.

    Nothing inside a link is anything else.
    """
    return Parsed(tuple(_entities(text)))


def tag_name(display: str) -> str:
    """The one form of a hashtag that all its spellings share; empty if it is none.

    NFKC and case folding, without the invisible joiners (Persian is written with and without them), without the
    vowel signs of Arabic and Hebrew, which few people type, and without the tatweel, which only stretches a word.
    """
    name, before = display, ""
    while name != before:
        # Once is not always enough: what one of the three steps leaves may be new to another.
        before, name = name, _NOT_IN_TAG.sub("", normalize("NFKC", name.casefold()))
    return name if _LETTER.search(name) else ""


def is_hashtag(display: str) -> bool:
    """Whether a text could bring this hashtag, just so: whoever spells one first spells it for everybody."""
    return [tag.display for tag in parse(f"#{display}").hashtags] == [display]


def tag_path(name: str) -> str:
    """Where a hashtag's page is on this site, for its normal name; percent-encoded, as addresses are."""
    return f"/tags/{quote(name)}"


def length(text: str, *, per_url: int = 23) -> int:
    """How long a text is, counted as people count: an accented letter, a flag or a family is one.

    Each link counts `per_url` however long it is, a mention as `@name` without its host, as applications count
    while somebody types. One such character may carry any number of combining marks, so what is stored needs a
    bound of its own, in bytes.
    """
    text = normalize("NFC", text)
    counted, at = 0, 0
    for entity in _entities(text):
        if isinstance(entity, Hashtag):
            continue
        counted += _clusters(text[at : entity.start])
        counted += per_url if isinstance(entity, Link) else len(entity.name) + 1
        at = entity.end
    return counted + _clusters(text[at:])


def beginning(text: str, n: int) -> str:
    """The first n characters as people count them: a cut inside one would show half of it."""
    return "".join(cluster[0] for _, cluster in zip(range(n), _CLUSTER.finditer(text), strict=False))


def clean(text: str) -> str:
    """The text as it is stored: line ends as \\n, nothing invisible that harms, no space around it.

    Takes out control characters but \\n and \\t, and lone surrogates; keeps directional marks, and closes in
    each line what it opens, so that nothing reaches what stands around the text. Cleaning twice changes
    nothing.
    """
    text = _NO_TEXT.sub("", _LINE_END.sub("\n", text))
    if _DIRECTION.search(text):
        text = "\n".join(_closed(line) for line in text.split("\n"))
    return text.strip()


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: spaces, joiners and marks of direction are nothing."""
    return _SEEN.search(text) is None


# --- Finding ----------------------------------------------------------------------------

# A link runs to the next space, quotation mark, angle bracket or directional mark. Commas, stops and brackets
# of scripts that put no space after them end it too. (The scheme is spelled out because case-blind matching
# takes a long s, U+017F, for an s.)
_LINK: Final = r"""
    (?<![\p{Latin}\u0300-\u036f\p{Nd}_])
    (?P<link> [Hh][Tt][Tt][Pp][Ss]? ://
        [^\s\p{Cc}\p{Cs}<>"`\\\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069
          \u060c\u061b\u061f\u06d4\u3001\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]++ )"""

# Latin letters before an @ make an e-mail address; Arabic or Japanese ones are a word that leans on the name.
_MENTION: Final = r"""
    (?<![\p{Latin}\u0300-\u036f\p{Nd}_@/=&\#])
    @ (?P<name> [A-Za-z0-9_]++ ) (?![\p{Latin}\p{M}\p{N}])
    (?: @ (?P<host> [\p{L}\p{M}\p{Nd}]++ (?: [.-]++ [\p{L}\p{M}\p{Nd}]++ )*+ (?: : [0-9]{1,5}+ )?+ ) )?+"""

# A letter before the # makes it none, in every script: so it is at Mastodon and at Twitter, whose readers' apps would
# not show one; whoever writes "و#وسم" puts a space there, as they do for them.
# The two joiners and the middle dot belong to a word only between its letters (Persian, Sinhala, Catalan).
_TAG: Final = r"""
    (?<![\p{Alphabetic}\u0300-\u036f\p{N}_/=&\#\uff03])
    [\#\uff03] (?P<tag> [\p{L}\p{Nd}_] [\p{L}\p{M}\p{Nd}_]*+
                        (?: [\u200c\u200d\u00b7]++ [\p{L}\p{M}\p{Nd}_]++ )*+ ) (?! :// )"""

_ENTITY: Final = regex.compile(f"{_LINK}|{_MENTION}|{_TAG}", regex.VERBOSE)

_AUTHORITY: Final = regex.compile(
    r"""(?: [\p{L}\p{M}\p{N}] [\p{L}\p{M}\p{N}_-]*+ (?: \. [\p{L}\p{M}\p{N}] [\p{L}\p{M}\p{N}_-]*+ )*+ \.?+
          | \[ [0-9A-Fa-f:.]++ \] )
        (?: : [0-9]{1,5}+ )?+ (?= [/?\#] | $ )""",
    regex.VERBOSE,
)
_CLOSES: Final = {")": "(", "]": "[", "}": "{"}
_TRAILING: Final = frozenset(".,:;!?'*_~|\u00bb\u2019\u201d\u2026\u203a") | _CLOSES.keys()

_NOT_IN_TAG: Final = regex.compile(
    r"""[^\p{L}\p{M}\p{Nd}_] | \p{Default_Ignorable_Code_Point}
      | [\u0640\u064b-\u0652\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]""",
    regex.VERBOSE,
)
_LETTER: Final = regex.compile(r"\p{L}")


def _entities(text: str) -> Iterator[Entity]:
    for found in _ENTITY.finditer(text):
        start, end = found.span()
        entity = (
            _link(start, found["link"])
            or _mention(start, end, found["name"], found["host"])
            or _hashtag(start, end, found["tag"])
        )
        if entity:
            yield entity


def _link(start: int, written: str | None) -> Link | None:
    if written is None:
        return None
    url = _without_trailing(written)
    # No user name before the host: https://bank.example@evil.example is a trap, not a link.
    if not _AUTHORITY.match(url.partition("://")[2]):
        return None
    return Link(start, start + len(url), url)


def _mention(start: int, end: int, name: str | None, host: str | None) -> Mention | None:
    return Mention(start, end, name, host) if name else None


def _hashtag(start: int, end: int, display: str | None) -> Hashtag | None:
    name = tag_name(display) if display else ""
    return Hashtag(start, end, display, name) if display and name else None


def _without_trailing(url: str) -> str:
    """Leave to the sentence its punctuation, and the bracket that closes what was opened before the link."""
    surplus = {close: url.count(close) - url.count(opened) for close, opened in _CLOSES.items()}
    end = len(url)
    while url[end - 1] in _TRAILING:
        last = url[end - 1]
        if last in _CLOSES:
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        end -= 1
    return url[:end]


# --- Counting ---------------------------------------------------------------------------

# What one sees as one character. Flags are paired here because \X counts back to the first of them each time:
# a text of two hundred thousand took it 80 seconds.
_CLUSTER: Final = regex.compile(
    r"[\U0001f1e6-\U0001f1ff]{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+|\X"
)


def _clusters(text: str) -> int:
    return len(text) if text.isascii() and "\r" not in text else sum(1 for _ in _CLUSTER.finditer(text))


# --- Cleaning ---------------------------------------------------------------------------

# Line ends of every kind become \n; other controls, and surrogates that stand alone, have no place in a text.
_LINE_END: Final = regex.compile(r"\r\n|[\r\x85\u2028\u2029]")
_NO_TEXT: Final = regex.compile(r"[\p{Cc}\p{Cs}--[\n\t]]+", regex.V1)
_SEEN: Final = regex.compile(r"[^\s\p{Cc}\p{Default_Ignorable_Code_Point}]")

_POP_EMBEDDING: Final = "\u202c"
_POP_ISOLATE: Final = "\u2069"
_CLOSER: Final = dict.fromkeys("\u202a\u202b\u202d\u202e", _POP_EMBEDDING) | dict.fromkeys(
    "\u2066\u2067\u2068", _POP_ISOLATE
)
_DIRECTION: Final = regex.compile("[\u202a-\u202e\u2066-\u2069]")
# Deeper than this, Unicode's algorithm ignores an opener anyway (UAX #9, max_depth).
_DEEPEST: Final = 125


def _closed(line: str) -> str:
    """Balance the directional embeddings, overrides and isolates of one line, as UAX #9 pairs them.

    A line is what they can reach, so it is in each line that they are closed; a mark that closes nothing is
    left out, for it could close what somebody put around the text.
    """
    open_: list[str] = []
    isolates = 0
    kept: list[str] = []
    for char in line:
        if char in _CLOSER:
            if len(open_) == _DEEPEST:
                continue
            open_.append(_CLOSER[char])
            isolates += _CLOSER[char] == _POP_ISOLATE
        elif char == _POP_EMBEDDING:
            if not open_ or open_[-1] != char:
                continue
            open_.pop()
        elif char == _POP_ISOLATE:
            if not isolates:
                continue
            isolates -= 1
            while open_.pop() != char:
                pass  # an isolate ends what was opened in it
        kept.append(char)
    return "".join(kept + open_[::-1])
