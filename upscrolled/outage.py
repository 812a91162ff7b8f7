"""When the database is away or a disk is full: whoever asks is told to come again, and the log says it in a line.

A restart of PostgreSQL takes seconds, a change of its machine a minute. An error of ours needs its traceback; this
needs none, and thousands of them would bury what an operator is looking for.
"""

from __future__ import annotations

import errno
import logging
import time
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from upscrolled.api import errors

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 5
_TOLD_EVERY: Final = 5.0  # seconds, in each process
# SQLSTATE classes: connection lost, out of space or connections, shut down or starting, disk in trouble.
_AWAY: Final = ("08", "53", "57P", "58")
_told_at, _untold = 0.0, 0


def is_away(error: BaseException | None) -> bool:
    """Say whether an error means that the database or the disk serves nobody just now, rather than that we erred."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, InterfaceError):
        return "connection" in str(error)  # the others are mistakes of ours, as a cursor used after its end
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_AWAY)


def reason(error: BaseException) -> str:
    """Return what was said, in one line."""
    return " ".join(str(error).split())


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Answer 503, in the shape of whoever asks, without the database."""
    _tell(error)
    if getattr(request, "is_page", True):
        language = translation.get_language_from_request(request)
        with translation.override(language):
            facts = {"language": language, "bidi": translation.get_language_bidi(), "away": True}
            response = HttpResponse(render_to_string("503.html", facts), status=503)
        response["Content-Language"] = language
    else:
        sentence = f"A part of this site does not answer just now. Try again in {RETRY_SECONDS} seconds."
        response = errors.answer(503, sentence)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # `_tell` did, or does in a moment
    return response


class OneLine(logging.Filter):
    """Leaves the traceback out of a record that tells no more than that a part is away."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        if record.exc_info and is_away(record.exc_info[1]):
            record.exc_info = record.exc_text = None
        return True


def _tell(error: BaseException) -> None:
    global _told_at, _untold
    _untold += 1
    if time.monotonic() >= _told_at + _TOLD_EVERY:
        count, _untold, _told_at = _untold, 0, time.monotonic()
        log.error("%d refused by 503, for a part of the site is away: %s", count, reason(error))
