"""Media are counted before they are seen: on the screen of a case, and of an appeal about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import JsonResponse

from moderation.operations import exposure
from moderation.operations.exposure import EnoughSeen
from moderation.panel import shown, words
from moderation.panel.render import language
from upscrolled.core.errors import TooMany

if TYPE_CHECKING:
    from moderation.models import Case
    from moderation.queries.exposure import Seen
    from upscrolled.models import Account


def uncovered(
    found: Case, wanted: Sequence[str], *, by: Account, now: datetime
) -> tuple[Sequence[str], Seen]:
    """Count media before they are seen. Raises TooMany, in the reader's language, past the day's limit."""
    try:
        return exposure.uncover(found, wanted, by=by, now=now)
    except EnoughSeen as error:
        raise TooMany(_enough(error.seen)) from None


def told_of(clear: Sequence[str], seen: Seen, wanted: Sequence[str]) -> JsonResponse:
    """Tell a script what of the `wanted` it may show."""
    told = {"clear": clear, "seen": shown.seen(seen, language())}
    if len(clear) < len(set(wanted)):
        told["error"] = _enough(seen)
    return JsonResponse(told)


def _enough(seen: Seen) -> str:
    return words.of(language())["seen_enough"].format(number=seen.count, limit=seen.limit)
