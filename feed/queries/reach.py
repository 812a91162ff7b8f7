"""What an author may know of how far a post reaches: where it may be shown, why not, its place, how often it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db import connection

from feed import facts
from feed.queries import posts
from feed.ranking import formula
from feed.ranking.pool import Pool
from feed.timelines import impressions, pools
from feed.timelines.eligibility import WHY_OUT
from upscrolled.models import Account
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, why_hidden

# Where it is asked whether a post may be shown: to a follower, or to a stranger who is signed in.
TO_FOLLOWERS: Final = (Surface.HOME, Surface.PROFILE)
TO_STRANGERS: Final = (Surface.TAG, Surface.SEARCH)
SURFACES: Final = (*TO_FOLLOWERS, *TO_STRANGERS, Surface.DISCOVER)
ONE_IN: Final = impressions.ONE_IN
_NOBODY: Final = -1  # an account that there is not, hence without relations
_WHY_OUT = f"""
SELECT {WHY_OUT} FROM feed_post p LEFT JOIN upscrolled_account a ON a.id = p.author_id WHERE p.id = %(post)s
"""
_IN_FORCE = """
SELECT r.subject_kind, r.subject_id, r.kind, r.countries, r.starts_at, r.ends_at, r.decision_id
FROM upscrolled_restriction r
WHERE ((r.subject_kind = 'post' AND r.subject_id = %(post)s)
    OR (r.subject_kind = 'account' AND r.subject_id = %(author)s)
    OR (r.subject_kind = 'media' AND r.subject_id = ANY(ARRAY(
          SELECT m.attachment_id FROM feed_postmedia m WHERE m.post_id = %(post)s AND m.position IS NOT NULL))))
  AND r.starts_at <= %(at)s AND (r.ends_at IS NULL OR r.ends_at > %(at)s) ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class InForce:
    """A restriction on the post, its author or one of its media, and the decision that made it."""

    subject: str
    subject_id: int
    kind: str
    countries: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None
    decision_id: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a post stands in a pool. `rank` counts from 1 by descending base; None when it is not popular."""

    pool: Pool
    likes: int
    comments: int
    shares: int
    tickets: int
    base: float
    rank: int | None
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """`hidden` gives a reason for each surface, None where the post may be shown."""

    post_id: int
    hidden: dict[Surface, str | None]
    restrictions: list[InForce]
    standing: Standing | None
    impressions: dict[str, int] = field(default_factory=dict)


def of_post(viewer: Viewer, post_id: int, *, now: datetime) -> Reach:
    """Return how far a post of the viewer's own reaches. Raises NotFound, also for somebody else's."""
    post = posts.own_post(viewer, post_id)
    post = post.original or post
    hidden = {
        **_hidden(post.id, TO_FOLLOWERS, follows=True),
        **_hidden(post.id, TO_STRANGERS, follows=False),
        Surface.DISCOVER: _one(_WHY_OUT, {"post": post.id, "at": now}),
    }
    row: dict[str, Any] = {"post": post.id, "author": viewer.id, "at": now}
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, row)
        in_force = [InForce(r[0], r[1], r[2], tuple(r[3]), *r[4:]) for r in cursor.fetchall()]
    ready = pools.current(now=now)
    return Reach(post.id, hidden, in_force, standing(ready.pool, post.id), impressions.of(post.id))


def standing(pool: Pool, post_id: int) -> Standing | None:
    """Return where a post stands in a pool, or None if it is not in it."""
    at = int(pool.id.searchsorted(post_id))
    if at == len(pool) or int(pool.id[at]) != post_id:
        return None
    counts = int(pool.likes[at]), int(pool.comments[at]), int(pool.shares[at])
    base, is_popular = float(pool.base[at]), bool(pool.part[at] & 1)
    above = (pool.base[pool.popular] > base).sum() if is_popular else 0
    return Standing(
        pool,
        *counts,
        tickets=formula.tickets(*counts, formula.VERSIONS[pool.version]),
        base=base,
        rank=int(above) + 1 if is_popular else None,
        is_fresh=bool(pool.part[at] & 2),
    )


def _hidden(post_id: int, surfaces: tuple[Surface, ...], *, follows: bool) -> dict[Surface, str | None]:
    """Ask the policy for somebody who stands for all who could be shown the post."""
    reader = Viewer(Account(id=_NOBODY))
    found = facts.load(reader, [post_id])
    if follows:
        for account_id, person in reader.people.items():
            reader.people[account_id] = msgspec.structs.replace(person, followed=True, shows_reposts=True)
    return {surface: why_hidden(found[0], reader, surface) for surface in surfaces}


def _one(sql: str, params: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
        return row[0] if row else None
