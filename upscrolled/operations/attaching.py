"""Which uploads somebody may give to what they publish or send: those that they named, theirs, ready, and free.

And no decision withholds them, nor the same file that they sent before: what was removed does not come back by being
sent again. That is said on the spot, and it is the decision that is appealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from upscrolled.core import ids
from upscrolled.core.errors import Invalid
from upscrolled.media import shown
from upscrolled.media.shown import MediaFacts
from upscrolled.media.states import State
from upscrolled.models import Account
from upscrolled.visibility import everybody_given_sql, given_sql


class NotReady(Invalid):
    """An attachment is still being processed."""

    safe = (
        "Validation failed: Media are not ready yet: they are still being processed. Try again in a moment."
    )


def numbers(named: Sequence[str]) -> list[int]:
    """Return the ids among what a client named, each once, in their order."""
    parsed = (ids.parse(each) for each in named)
    return list(dict.fromkeys(number for number in parsed if number is not None))


def found(named: Sequence[str], *, by: Account, what: str) -> dict[int, MediaFacts]:
    """Return the attachments by id. Raises Invalid for too many, and for such as are not there or not theirs.

    `what` shall have them: "A post", "A message".
    """
    most = settings.MEDIA_MAX_ATTACHMENTS
    if len(named) > most:
        raise Invalid(f"Validation failed: {what} has at most {most} attachments; there are {len(named)}")
    known = shown.of_ids(numbers(named))
    theirs = {number: facts for number, facts in known.items() if facts.owner_id == by.pk}
    lacking = [each[:20] for each in named if ids.parse(each) not in theirs]
    if lacking:
        raise Invalid(f"Validation failed: Media {', '.join(lacking)} were not found")
    return theirs


# Somebody signed in, nowhere in particular: what is withheld in some countries alone is published in the others.
_SOMEBODY: dict[str, Any] = {"viewer": -1, "country": ""}
_BARRED = """
SELECT a.id FROM upscrolled_mediaattachment a WHERE a.id = ANY(%(ids)s) AND EXISTS (
  SELECT 1 FROM upscrolled_mediaattachment o WHERE o.owner_id = a.owner_id
    AND (o.id = a.id OR (o.sha256 = a.sha256 AND o.sha256 <> '')) AND NOT {given})
ORDER BY a.id
"""
_FROM_SOMEBODY, _FROM_ANYBODY = (
    _BARRED.format(given=given) for given in (given_sql(media="o"), everybody_given_sql(media="o"))
)


class Barred(Invalid):
    """A decision withholds an attachment, or the very same file of the same owner."""


def require_given(found: Mapping[int, MediaFacts], *, whole: bool = False) -> None:
    """Raise Barred for what decisions withhold, and for exact copies of it that the same person sent.

    `whole`: also for what is withheld in some countries, or from some readers.
    """
    with connection.cursor() as cursor:
        statement = _FROM_ANYBODY if whole else _FROM_SOMEBODY
        cursor.execute(statement, {"ids": ids.array(sorted(found)), **_SOMEBODY})
        barred = [str(row[0]) for row in cursor.fetchall()]
    if barred:
        raise Barred(
            f"Validation failed: Media {', '.join(barred)} are withheld by a decision, or are the same file as media "
            f"that are. {settings.PUBLIC_URL}/disputes/strikes says why, and how to appeal"
        )


def require_free(found: Mapping[int, MediaFacts], *, ready: bool = True) -> None:
    """Raise Invalid for attachments that are used already or cannot be shown; NotReady, if they have to be `ready`."""
    taken = [str(number) for number, facts in found.items() if facts.attached]
    if taken:
        raise Invalid(f"Validation failed: Media {', '.join(taken)} belong to another post or message")
    for number, facts in found.items():
        if facts.state == State.FAILED:
            raise Invalid(f"Validation failed: Media {number} cannot be shown: {facts.sentence}")
    if ready and any(facts.state != State.READY for facts in found.values()):
        raise NotReady
