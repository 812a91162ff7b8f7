"""Which part of a file a request asks for (RFC 9110 §14). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `begins` up to, but without, `ends`; an empty one stands for a range that is not there."""

    begins: int
    ends: int

    def __len__(self) -> int:
        return max(0, self.ends - self.begins)


def asked(wanted: str, only_if: str, tag: str, size: int) -> Span | None:
    """Return the part that is asked for; None for all of it, an empty Span for a part that is not there.

    `only_if` is If-Range: another tag, or a date, which we give none of, asks for the whole file. Several ranges
    at once are answered by all of it, as RFC 9110 allows.
    """
    found = _RANGE.match(wanted.replace(" ", ""))
    if found is None or (only_if and only_if.strip() != tag):
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        begins = max(0, size - int(last))
        return Span(begins, size) if int(last) and size else Span(0, 0)
    begins, ends = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < begins:
        return None  # no range at all
    return Span(begins, ends) if begins < size else Span(0, 0)
