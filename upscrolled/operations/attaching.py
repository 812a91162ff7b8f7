"""Which uploads somebody may give to what they publish or send: those that they named, theirs, ready, and free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings

from upscrolled.core import ids
from upscrolled.core.errors import Invalid
from upscrolled.media import shown
from upscrolled.media.shown import MediaFacts
from upscrolled.media.states import State
from upscrolled.models import Account


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
