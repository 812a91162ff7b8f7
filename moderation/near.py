"""When two posts, or two files, are near copies: texts by the letters that they share, pictures by PDQ. Pure.

What is near is found by *bands*: a few numbers of each text or picture, such that near copies share one of them with
high probability. Who shares a band is a candidate; `same_text` and `same_picture` then look at the things themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from hashlib import blake2b, sha256
from typing import Final
from zlib import crc32

LEAST: Final = 20  # letters: what is shorter cannot be told apart
ALIKE: Final = 0.7  # of what two texts have together, they share so much
DISTANCE: Final = 31  # bits in which PDQ differs at most, by its authors' advice
QUALITY: Final = 50  # of a picture that is not too plain for its PDQ to mean anything
_LETTERS: Final = 4
_BINS, _ROWS = 24, 3
_WORDS: Final = 16  # of 16 bits each, in a PDQ


def folded(text: str) -> str:
    """What of a text is compared: letters alone, without addresses, names and hashtags; empty if that is too little."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"https?://\S+|[@#]\w+|[\W\d_]+", " ", plain).split()
    return " ".join(words) if sum(map(len, words)) >= LEAST else ""


def cluster_of(text: str) -> str:
    """A name that texts share which differ in nothing that is compared; empty for what is too short."""
    words = folded(text)
    return sha256(words.encode()).hexdigest()[:32] if words else ""


def bands_of_text(text: str) -> list[int]:
    """Eight numbers of a text, of which near copies share one; none of one that is too short.

    One permutation is cut into bins, each with its least hash; an empty bin borrows from the next. Three bins make a
    band: of texts that share 0.7 one band at least is the same with a probability of 0.96, at 0.9 with 0.9999.
    """
    pieces = _pieces(folded(text))
    if not pieces:
        return []
    least: list[int | None] = [None] * _BINS
    for piece in pieces:
        hashed = crc32(piece.encode())
        place, value = hashed % _BINS, hashed // _BINS
        before = least[place]
        if before is None or value < before:
            least[place] = value
    full = [_borrowed(least, place) for place in range(_BINS)]
    return [_band("text", start, full[start : start + _ROWS]) for start in range(0, _BINS, _ROWS)]


def same_text(one: str, other: str) -> bool:
    """Say whether two texts are near copies of each other. A quotation with an answer to it is none."""
    ours, theirs = _pieces(folded(one)), _pieces(folded(other))
    return bool(ours) and len(ours & theirs) >= ALIKE * len(ours | theirs)


def bands_of_picture(pdq: str) -> list[int]:
    """Sixteen numbers of a PDQ (64 hex digits), one for each 16 bits."""
    return [_band("picture", place, [word]) for place, word in enumerate(_words_of(pdq))]


def band_of_file(sha256_: str) -> int:
    """The number by which the very same file is found, by its SHA-256 in hex."""
    return _band("file", 0, [int(sha256_, 16)])


def probes_of_picture(pdq: str) -> list[int]:
    """The bands by which it is looked for: those of the picture, and those that differ in one bit.

    Of 31 different bits, some word of the sixteen has one at the most: whatever is within the distance is found.
    """
    return [
        _band("picture", place, [changed])
        for place, word in enumerate(_words_of(pdq))
        for changed in (word, *(word ^ 1 << bit for bit in range(16)))
    ]


def same_picture(one: str, other: str) -> bool:
    """Say whether two PDQs are of the same picture."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= DISTANCE


def _pieces(text: str) -> set[str]:
    return {text[start : start + _LETTERS] for start in range(len(text) - _LETTERS + 1)}


def _borrowed(least: Sequence[int | None], place: int) -> int:
    for step in range(_BINS):
        value = least[(place + step) % _BINS]
        if value is not None:
            return value + (step << 32)
    raise AssertionError("there is a piece, so there is a full bin")


def _words_of(pdq: str) -> Iterator[int]:
    return (int(pdq[start : start + 4], 16) for start in range(0, 4 * _WORDS, 4))


def _band(kind: str, place: int, values: Sequence[int]) -> int:
    """A number of 63 bits: chance alone makes two the same once in a lifetime."""
    said = f"{kind}:{place}:{values}".encode()
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "big") >> 1
