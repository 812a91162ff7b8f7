"""Write the default location menu from the Unicode CLDR, as Babel carries it.

`python -m tests.upscrolled.places.cldr > upscrolled/data/places/cldr.toml`
"""

from __future__ import annotations

from babel import Locale

LANGUAGES = ("en", "ar", "fr")
# Codes of CLDR that name no place: groupings, pseudo-locales, "unknown".
NO_PLACES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
HEAD = """\
# Countries and territories with the names of the Unicode CLDR (as in Babel), in English, Arabic and French.
# Written by tests/upscrolled/places/cldr.py. The data are under the Unicode License V3, see NOTICE.
title = "Countries and territories as the Unicode CLDR names them"
place = [
"""


def text() -> str:
    """The file."""
    names = {language: Locale(language).territories for language in LANGUAGES}
    lines = []
    for code in sorted(code for code in names["en"] if len(code) == 2 and code not in NO_PLACES):
        said = ", ".join(
            f'{language} = "{names[language][code]}"' for language in LANGUAGES if code in names[language]
        )
        lines.append(f'  {{ code = "{code}", names = {{ {said} }} }},\n')
    return HEAD + "".join(lines) + "]\n"


if __name__ == "__main__":
    print(text(), end="")
