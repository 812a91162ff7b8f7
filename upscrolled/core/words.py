"""Words as they are looked for: one form for the many ways in which people write the same word.

Whoever looks types less carefully than whoever wrote, on another keyboard, in another form of the word. So a text
and what is asked for go through the same steps, and what comes out is only ever compared, never shown: case,
accents, the vowel signs, hamzas and dots of Arabic (`core/scripts.py`), its digits, its article with the particles
in front of it, the plural of English and its neighbours. Scripts without spaces are taken in pairs of signs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from unicodedata import normalize

import regex

from upscrolled.core import scripts, text

LONGEST: Final = 60  # characters of a word that count; what follows makes no other word
_WORD: Final = regex.compile(
    r"""(?P<picture> \p{Regional_Indicator}{2} | \p{Extended_Pictographic} )
    | (?P<unspaced> [\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]++ )
    | (?P<spaced> [[\p{L}\p{M}\p{Nd}]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]++ )""",
    regex.VERBOSE | regex.VERSION1,
)
# Accents of the scripts that decompose into letter and mark, points of Hebrew, signs of recitation.
_MARKS: Final = regex.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u06d6-\u06ed]+"
)
_ARABIC: Final = regex.compile(r"\A\p{Arabic}+\Z")
# What `scripts.folded` leaves to names: the seats of the hamza, and letters of the neighbours that look alike.
_SEATS: Final = str.maketrans("ؤئیکہے", "ويي\u0643هي", "ء")
_ARTICLES: Final = ("وال", "فال", "بال", "كال", "ولل", "ال", "لل")  # the longer ones first
_LEFT: Final = 3  # letters that must stay of a word from whose beginning something is taken


def words(content: str) -> list[str]:
    """Return the words of a cleaned text in their order, each in the form in which it is looked for.

    Of a link only the host counts: its path is nobody's words. A hashtag counts as the word that it is.
    """
    return [form for found in _WORD.finditer(_without_paths(content)) for form in _forms(found)]


def _without_paths(content: str) -> str:
    parts, at = [], 0
    for link in text.parse(content).links:
        host = link.url.partition("://")[2].partition("/")[0]
        parts += [content[at : link.start], host.rpartition("@")[2]]
        at = link.end
    return "".join([*parts, content[at:]])


def _forms(found: regex.Match[str]) -> Iterator[str]:
    if found["picture"]:
        yield found["picture"]
    elif found["unspaced"]:
        signs = normalize("NFKC", found["unspaced"])
        yield from (signs[n : n + 2] for n in range(max(len(signs) - 1, 1)))
    elif form := _form(found["spaced"]):
        yield form


def _form(word: str) -> str:
    """Return the one form of a word; nothing for what is all marks."""
    plain = normalize("NFC", _MARKS.sub("", normalize("NFKD", word.casefold())))
    plain = "".join(_digit(letter) for letter in scripts.folded(plain).translate(_SEATS))
    if _ARABIC.match(plain):
        plain = _without_article(plain)
    elif plain.isascii():
        plain = _singular(plain)
    return plain[:LONGEST]


def _digit(letter: str) -> str:
    return str(int(letter)) if letter.isdecimal() else letter


def _without_article(word: str) -> str:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) >= len(article) + _LEFT:
            return word[len(article) :]
    return word[1:] if word.startswith("و") and len(word) > _LEFT else word


def _singular(word: str) -> str:
    """Take off the plural as Harman's "S" stemmer does, which errs less than those that take off more."""
    if len(word) <= 3 or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return word if word.endswith(("eies", "aies")) else f"{word[:-3]}y"
    return word if word.endswith(("us", "ss", "aes", "ees", "oes")) else word[:-1]
