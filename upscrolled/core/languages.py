"""Language codes as clients write them: ISO 639, with a region or script where one is needed."""

import re
from typing import Final

LONGEST: Final = 8
_FORM: Final = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,4})?\Z")


def parse(text: str) -> str | None:
    """The code in lower case (`en`, `pt-br`, `zh-hant`); None for what is no such code."""
    return text.lower() if _FORM.match(text) else None
