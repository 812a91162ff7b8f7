"""What people may take with them: each room names its files here, and the ground hands them out.

Files are made in pages of AT_ONCE rows, each a statement of its own along an index. A cursor of the database would
hold a transaction for as long as a slow reader takes, and a pooler between us and PostgreSQL could not keep it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db import connection

from upscrolled import switches
from upscrolled.core.errors import Unavailable

if TYPE_CHECKING:
    from upscrolled.models import Account

AT_ONCE: Final = 1_000
DOMAIN: Final = urlsplit(settings.PUBLIC_URL).netloc


class TransfersOff(Unavailable):
    """The operator has switched import and export off for a while."""

    safe = "Import and export are switched off for a while. What was asked for waits, and nothing is lost."
    retry_after = 600


@dataclass(frozen=True, slots=True)
class File:
    """A file about one person: its name in the archive, and what is in it, a piece at a time.

    `list` is its name among the lists that can be had alone, in the form in which Mastodon takes them.
    """

    name: str
    pieces: Callable[[Account], Iterator[bytes]]
    list: str = ""


_files: dict[str, File] = {}


def join(*files: File) -> None:
    """Have these files in every archive, and those that are lists among the lists."""
    _files.update((file.name, file) for file in files)


def files() -> list[File]:
    """Return all there are, in the order of their names."""
    return [file for _, file in sorted(_files.items())]


def lists() -> list[File]:
    """Return those that can be had alone."""
    return [file for file in files() if file.list]


def require_on() -> None:
    """Raise TransfersOff while the operator has switched import and export off."""
    if switches.value("transfers") == "off":
        raise TransfersOff


# --- what rooms make their files with ---------------------------------------------------------------


def pages(statement: str, **row: Any) -> Iterator[list[tuple[Any, ...]]]:
    """Run a statement for one page of rows after the other.

    It goes up from `above`, takes `at_once`, and its first column is the number it is ordered by.
    """
    above, found = 0, [()] * AT_ONCE
    while len(found) == AT_ONCE:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**row, "above": above, "at_once": AT_ONCE})
            found = cursor.fetchall()
        if found:
            yield found
            above = found[-1][0]


def address(username: str) -> str:
    """Return the address of an account, as other sites write it."""
    return f"{username}@{DOMAIN}"


def table(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV (RFC 4180), lines ended as Mastodon ends them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def lines(rows: Iterable[Any]) -> bytes:
    """Return each of the rows as a line of JSON."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
