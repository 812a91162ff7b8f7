"""Does a post meet a filter: words folded to one form and looked for, with no I/O and no clock.

Most readers have no filter and most posts meet none, so a post is folded only for somebody who has words to look
for, and a word costs one search for a substring; only where it is found are its edges looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Final
from unicodedata import normalize

import regex

CONTEXTS: Final = ("home", "notifications", "public", "thread", "account")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word or phrase, as it was written and as it is looked for."""

    id: int
    written: str
    whole_word: bool
    folded: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", fold(self.written))

    def stands_in(self, folded: str) -> bool:
        """Whether a folded text says it: anywhere, or as a word of its own."""
        if not self.folded or self.folded not in folded:
            return False
        return not self.whole_word or _stands_alone(self.folded, folded)


@dataclass(frozen=True, slots=True)
class FilteredPost:
    """A single post in a filter."""

    id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody does not want to meet, and where. `irreversible`: not even behind a warning."""

    id: int
    title: str
    contexts: Sequence[str]
    action: str
    irreversible: bool
    expires_at: datetime | None
    keywords: Sequence[Keyword] = ()
    posts: Sequence[FilteredPost] = ()

    def applies(self, context: str | None, now: datetime) -> bool:
        """Whether it is in force here; without a context, wherever it may be."""
        in_force = self.expires_at is None or self.expires_at > now
        return in_force and (context is None or context in self.contexts)


@dataclass(frozen=True, slots=True)
class Match:
    """A filter that a post meets: by which of its words, as they were written, and by which of its posts."""

    filter: Filter
    keywords: list[str]
    post_ids: list[int]


@dataclass(frozen=True, slots=True)
class Filters:
    """All filters of one reader."""

    all: tuple[Filter, ...] = ()

    def matches(
        self, said: Iterable[str], html: str, post_ids: Iterable[int], *, context: str | None, now: datetime
    ) -> list[Match]:
        """Return the filters that a post meets: what it says in plain text and in HTML, and its ids.

        A share has two ids, its own and that of what it shares.
        """
        found: list[Match] = []
        folded: str | None = None
        for each in self.all:
            if not each.applies(context, now):
                continue
            if folded is None and each.keywords:
                folded = fold("\n".join((*said, plain(html))))
            keywords = [word.written for word in each.keywords if word.stands_in(folded or "")]
            posts = [post.post_id for post in each.posts if post.post_id in post_ids]
            if keywords or posts:
                found.append(Match(each, keywords, posts))
        return found

    def irreversible(self, context: str) -> Filters:
        """Return those that hide at the server, here."""
        return Filters(tuple(each for each in self.all if each.irreversible and context in each.contexts))


NONE: Final = Filters()


def fold(text: str) -> str:
    """Give the one form that all spellings of a text share for a reader.

    Compatibility forms (full-width letters, Arabic presentation forms), case, joiners, marks of direction, the
    tatweel and the vowel signs of Arabic and Hebrew make no difference; accents of other scripts do.
    """
    folded = normalize("NFKC", normalize("NFKC", text).casefold())
    return " ".join((folded if folded.isascii() else _UNSEEN.sub("", folded)).split())


def plain(html: str) -> str:
    """Return what one reads of a post's HTML, which this site made: every < in it begins a tag."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", html)))


_BREAK: Final = regex.compile(r"<br ?/?>|</p>")
_TAG: Final = regex.compile(r"<[^>]*+>")
_UNSEEN: Final = regex.compile(
    r"[\u0640\p{Default_Ignorable_Code_Point}[\p{M}&&[\p{Arabic}\p{Hebrew}\p{Inherited}]]]", regex.V1
)
# Letters of scripts that put spaces between words. Chinese, Japanese, Thai, Lao, Khmer and Burmese do not: there
# a word stands alone wherever it stands, as nothing but a dictionary could tell.
_IN_WORD: Final = regex.compile(
    r"[[\p{L}\p{M}\p{Nd}_]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Line_Break=SA}]]", regex.V1
)


def _stands_alone(word: str, text: str) -> bool:
    """Whether a word is found in a text with no letter before or after it that would make it another word."""
    begins, ends = bool(_IN_WORD.match(word[0])), bool(_IN_WORD.match(word[-1]))
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        before = begins and at > 0 and _IN_WORD.match(text[at - 1])
        after = ends and end < len(text) and _IN_WORD.match(text[end])
        if not before and not after:
            return True
        at = text.find(word, at + 1)
    return False
