"""One spelling for what is written in many: letters that look alike, digits for letters, gaps, signs, marks. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from upscrolled.core import scripts

# Letters of other alphabets that look like Latin ones, once folded to lower case.
_LOOKALIKE: Final = str.maketrans(
    "аеорсухкмтвніјѕԁԛԝһɡɑαοερτυνκιχγßıłøđћ",
    "aeopcyxkmtbhijsdqwhgaaoepruvkixysilodh",
)
# Some look alike as capitals only.
_CAPITALS: Final = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХ", "abezhikmnoptyxabekmhopctyx")
_LEET: Final = str.maketrans("0134578@$!|€£", "oieastbasiiel")
_INVISIBLE: Final = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_LONG: Final = re.compile(r"(.)\1{2,}")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GAP: Final = re.compile(r"[\W_]+")
_SPELLED: Final = re.compile(r"(?<!\w)(?:\w ){2,}\w(?!\w)")


def words(text: str) -> str:
    """The words of a text in one spelling, with single spaces between and around them.

    Letters that stand alone in a row are one word: people write `h a t e` and `h.a.t.e`.
    """
    parted = _HUMP.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))
    plain = _GAP.sub(" ", _folded(parted)).strip()
    joined = _SPELLED.sub(lambda row: row[0].replace(" ", ""), plain)
    return f" {_LONG.sub(chr(92) + '1', joined)} "


def squeezed(text: str) -> str:
    """All letters of a text in one spelling, with nothing between them."""
    plain = _folded(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))
    return _LONG.sub(r"\1", _GAP.sub("", plain))


def _folded(text: str) -> str:
    """Without case, marks, lookalikes, digits for letters, and what Arabic leaves out or writes in several ways."""
    lowered = scripts.folded(text.translate(_CAPITALS).casefold()).translate(_LOOKALIKE).translate(_LEET)
    apart = unicodedata.normalize("NFD", lowered)
    bare = "".join(letter for letter in apart if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", bare)
