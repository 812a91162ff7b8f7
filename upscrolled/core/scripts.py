"""Scripts and their letters: what a finger may have meant that typed another letter."""

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
