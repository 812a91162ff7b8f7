"""Scripts and their letters: which are written for each other, and what a finger may have meant that typed another."""

from typing import Final

# Each as runs of code points (first, last); lower case where a script has two.
_SCRIPTS: Final = (
    (("a", "z"), ("_", "_")),
    (("0", "9"), ("_", "_")),
    (("ß", "ö"), ("ø", "ÿ"), ("ā", "ā"), ("ć", "ć"), ("č", "č"), ("œ", "œ"), ("š", "š"), ("ž", "ž")),
    (("ά", "ώ"),),
    (("а", "џ"),),
    (("א", "ת"),),
    (("ء", "غ"), ("ف", "ْ"), ("پ", "پ"), ("چ", "چ"), ("ژ", "ژ"), ("ک", "ک"), ("گ", "گ"), ("ی", "ی")),
    (("ऀ", "ॐ"),),
    (("ঁ", "্"),),
    (("ぁ", "ゖ"),),
    (("ァ", "ー"),),
)

# Arabic is typed with and without hamza on its alefs, dots under its last yeh and over its last teh, vowel signs and
# the tatweel: AS has what the first of ALIKE stand for, and the others for nothing (translate() of PostgreSQL).
AS: Final = "\u0627\u0627\u0627\u0627\u064a\u0647"
ALIKE: Final = "\u0623\u0625\u0622\u0671\u0649\u0629\u0640\u0670" + "".join(map(chr, range(0x064B, 0x0656)))
_FOLDS: Final = str.maketrans(ALIKE[: len(AS)], AS, ALIKE[len(AS) :])


def folded(name: str) -> str:
    """A name as all its spellings in Arabic are looked for; other scripts stay as they are."""
    return name.translate(_FOLDS)


def letters(name: str) -> str:
    """Every letter of the scripts in which a name is written, each once; none for scripts of thousands of signs."""
    found = {
        chr(point)
        for script in _SCRIPTS
        if any(first <= letter <= last for letter in name for first, last in script)
        for first, last in script
        for point in range(ord(first), ord(last) + 1)
    }
    return "".join(sorted(found))
