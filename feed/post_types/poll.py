"""A poll: a question on a post, answered by choosing among options until it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from django.conf import settings
from django.db import connection

from feed import models
from feed.models import Post
from feed.post_types.base import Change, Part, PostType, Presenting, Shown, Written
from upscrolled.core import text as core_text
from upscrolled.core.errors import Invalid
from upscrolled.models import Account
from upscrolled.viewer import Viewer

CODE_POINTS_PER_CHARACTER = 32  # one character, as people count, may hold any number of combining marks


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to ask. `expires_in` is in seconds; None keeps the end that a poll has."""

    options: tuple[str, ...]
    expires_in: int | None
    multiple: bool = False
    hide_totals: bool = False


class PollFacts(msgspec.Struct, frozen=True):
    """A poll as a viewer meets it: `chosen` are the viewer's own choices. In the order of `_LOAD`'s columns."""

    post_id: int
    options: list[str]
    multiple: bool
    hide_totals: bool
    expires_at: datetime | None
    expired: bool
    votes: list[int]
    voters: int
    chosen: list[int] | None

    @property
    def hides_totals(self) -> bool:
        """Whether nobody is told yet how often an option was chosen."""
        return self.hide_totals and not self.expired


class PollOption(msgspec.Struct, kw_only=True):
    """An answer to choose; how often it was chosen is null while the poll hides that."""

    title: str
    votes_count: int | None


class Poll(msgspec.Struct, kw_only=True):
    """A poll (Mastodon API, Poll). The viewer's own marks are there only for a signed-in viewer."""

    id: str
    expires_at: str | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: list[PollOption]
    emojis: list[dict[str, Any]] = []
    voted: bool | msgspec.UnsetType = msgspec.UNSET
    own_votes: list[int] | msgspec.UnsetType = msgspec.UNSET


_LOAD = """
SELECT q.post_id, q.options, q.multiple, q.hide_totals, q.expires_at,
       q.expires_at IS NOT NULL AND q.expires_at <= now(), q.votes, q.voters, v.choices
FROM feed_poll q
LEFT JOIN LATERAL (SELECT x.choices FROM feed_pollvote x
                   WHERE x.poll_id = q.post_id AND x.account_id = %(viewer)s LIMIT 1) v ON true
WHERE q.post_id = ANY(%(ids)s)
"""


class PollType(PostType):
    """The poll of a post; its id is the post's."""

    key: ClassVar[str] = "poll"

    def parse(self, form: Mapping[str, Any]) -> Question | None:
        """Return the question, if the form has one."""
        asked = form.get("poll")
        if not asked:
            return None
        written = (core_text.clean(option).replace("\n", " ") for option in asked["options"])
        return Question(
            # Composers have a spare line, which some applications send too.
            options=tuple(option for option in written if not core_text.is_blank(option)),
            expires_in=asked["expires_in"],
            multiple=bool(asked["multiple"]),
            hide_totals=bool(asked["hide_totals"]),
        )

    def check(self, wanted: Question, *, by: Account, now: datetime) -> Part:
        """Check options and duration. Raises Invalid with the limit and what was given."""
        if wanted.expires_in is None:
            raise NoEnd
        _check(wanted)
        return Part(content=wanted)

    def attach(self, post: Written, part: Part, *, now: datetime) -> None:
        """Open the poll."""
        _store(models.Poll(post_id=post.id), part.content, anew=True, now=now)

    def load(self, viewer: Viewer, post_ids: Sequence[int]) -> dict[int, PollFacts]:
        """Return the polls of these posts with the viewer's choices."""
        with connection.cursor() as cursor:
            cursor.execute(_LOAD, {"ids": list(post_ids), "viewer": viewer.id})
            return {row[0]: PollFacts(*row) for row in cursor.fetchall()}

    def touched(self, viewer_ids: Sequence[int], post_ids: Sequence[int]) -> set[int]:
        """Return who has voted."""
        votes = models.PollVote.objects.filter(poll_id__in=post_ids, account_id__in=viewer_ids)
        return set(votes.values_list("account_id", flat=True))

    def show(self, post: Shown, present: Presenting) -> dict[str, Any]:
        """Fill `poll`."""
        poll = post.attached.get(self.key)
        return {} if poll is None else {"poll": entity(poll, post.author_id, present)}

    def words(self, post: Shown) -> list[str]:
        """Return the options."""
        return list(post.attached[self.key].options)

    def version(self, post: Post) -> dict[str, Any]:
        """Return the options, for the history."""
        return {"poll_options": models.Poll.objects.get(post_id=post.id).options}

    def change(self, post: Post, wanted: Question | None, *, now: datetime) -> Change:
        """Compare with the poll there is; None takes it away. Another end is a change that everybody may read of."""
        held = models.Poll.objects.select_for_update()  # or a vote given meanwhile would be written over
        before = held.filter(post_id=post.id).first() if self.key in post.parts else None
        if wanted is None:
            return Change(has=False, differs=before is not None)
        if before is None and wanted.expires_in is None:
            raise NoEnd
        _check(wanted)
        other = before is None or _asked(before) != (wanted.options, wanted.multiple)
        return Change(differs=other or wanted.expires_in is not None, content=(before, wanted, other))

    def revise(self, post: Post, change: Change, *, by: Account, now: datetime) -> None:
        """Store what is asked now. Other options, or another way of choosing, drop the votes given before."""
        if not change.has:
            models.Poll.objects.filter(post_id=post.id).delete()
            return
        before, wanted, other = change.content
        if before is not None and other:
            models.PollVote.objects.filter(poll_id=post.id).delete()
        _store(before or models.Poll(post_id=post.id), wanted, anew=other, now=now)


class NoEnd(Invalid):
    """A poll must end."""

    safe = "Validation failed: Poll must say in how many seconds it ends (expires_in)"


def _asked(poll: models.Poll) -> tuple[tuple[str, ...], bool]:
    return tuple(poll.options), poll.multiple


def _check(wanted: Question) -> None:
    """Raise Invalid, naming the limit and the actual value."""
    options, count, most = wanted.options, len(wanted.options), settings.POLL_MAX_OPTIONS
    if not 2 <= count <= most:
        raise Invalid(f"Validation failed: Poll has {count} options; it must have 2 to {most}")
    if len({option.casefold() for option in options}) < count:
        raise Invalid("Validation failed: Poll has the same option twice")
    longest, limit = max(map(_length, options)), settings.POLL_OPTION_MAX_CHARACTERS
    if longest > limit:
        raise Invalid(f"Validation failed: Poll has an option of {longest} characters; the limit is {limit}")
    seconds, least, most = wanted.expires_in, settings.POLL_MIN_SECONDS, settings.POLL_MAX_SECONDS
    if seconds is not None and not least <= seconds <= most:
        raise Invalid(
            f"Validation failed: Poll would end after {str(seconds)[:20]} seconds; it must be {least} to {most}"
        )


def _length(option: str) -> int:
    """How long an option is as people count, or its code points where that is out of all proportion."""
    limit = settings.POLL_OPTION_MAX_CHARACTERS * CODE_POINTS_PER_CHARACTER
    return core_text.length(option) if len(option) <= limit else len(option)


def _store(poll: models.Poll, wanted: Question, *, anew: bool, now: datetime) -> None:
    poll.options, poll.multiple = list(wanted.options), wanted.multiple
    poll.hide_totals = wanted.hide_totals
    if anew:
        poll.votes, poll.voters = [0] * len(wanted.options), 0
    if wanted.expires_in is not None:
        poll.expires_at, poll.told = now + timedelta(seconds=wanted.expires_in), False
    poll.save()


def entity(poll: PollFacts, author_id: int, present: Presenting) -> Poll:
    """Return a poll's entity. Who asks counts as having voted, since they may not."""
    shown = Poll(
        id=str(poll.post_id),
        expires_at=present.stamp(poll.expires_at),
        expired=poll.expired,
        multiple=poll.multiple,
        votes_count=sum(poll.votes),
        voters_count=poll.voters,
        options=[
            PollOption(title=title, votes_count=None if poll.hides_totals else count)
            for title, count in zip(poll.options, poll.votes, strict=True)
        ],
    )
    if present.viewer.account is not None:
        shown.own_votes = poll.chosen or []
        shown.voted = poll.chosen is not None or author_id == present.viewer.id
    return shown
