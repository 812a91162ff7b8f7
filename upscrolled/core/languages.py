"""Language codes as clients write them: ISO 639, with a region or script where one is needed."""

import re
from functools import lru_cache
from typing import Final

LONGEST: Final = 8
_FORM: Final = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,4})?\Z")
_LETTERS_OF_A_SCRIPT: Final = 4


def parse(text: str) -> str | None:
    """The code in lower case (`en`, `pt-br`, `zh-hant`), as it is kept and compared; None for what is no such code."""
    return text.lower() if _FORM.match(text) else None


@lru_cache(maxsize=512)
def written(code: str) -> str:
    """The code as people write it, and as applications have it in their lists: `en`, `pt-BR`, `zh-Hant`."""
    language, _, rest = code.partition("-")
    if not rest:
        return code
    return f"{language}-{rest.title() if len(rest) == _LETTERS_OF_A_SCRIPT else rest.upper()}"
