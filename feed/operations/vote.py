"""Vote in a poll."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from feed.facts import PostFacts
from feed.models import Poll, PollVote
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account
from upscrolled.visibility import require_interact


@transaction.atomic
def vote(post: PostFacts, *, by: Account, choices: Sequence[int], now: datetime) -> None:
    """Give one's vote, by the numbers of the options from 0; once, and for good.

    Whoever votes at the same moment waits for the poll's row, so that every vote is counted once. Raises
    Invalid for a poll that has ended, one's own, a second vote, and choices that the poll does not offer.
    """
    require_interact(by, post.author_id)
    poll = (
        Poll.objects.select_for_update(of=("self",)).filter(pk=post.id, post__deleted_at__isnull=True).first()
    )
    if poll is None:
        raise NotFound
    if post.author_id == by.id:
        raise Invalid("Validation failed: Nobody votes in a poll of their own")
    if poll.expires_at is not None and poll.expires_at <= now:
        raise Invalid(f"Validation failed: The poll ended at {poll.expires_at:%Y-%m-%d %H:%M} UTC")
    chosen = _checked(poll, choices)
    _, new = PollVote.objects.get_or_create(
        poll=poll, account=by, defaults={"choices": chosen, "created_at": now}
    )
    if not new:
        raise Invalid("Validation failed: You have voted in this poll before")
    poll.votes = [count + (number in chosen) for number, count in enumerate(poll.votes)]
    poll.voters += 1
    poll.save(update_fields=["votes", "voters"])


def _checked(poll: Poll, choices: Sequence[int]) -> list[int]:
    chosen = sorted(set(choices))
    if not chosen:
        raise Invalid("Validation failed: A vote chooses at least one option; there was none")
    if len(chosen) > 1 and not poll.multiple:
        raise Invalid(f"Validation failed: This poll takes one choice; there were {len(chosen)}")
    last = len(poll.options) - 1
    if strange := [number for number in chosen if not 0 <= number <= last]:
        raise Invalid(
            f"Validation failed: The options of this poll are 0 to {last}; there is no {str(strange[0])[:20]}"
        )
    return chosen
