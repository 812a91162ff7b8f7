"""The reach report of a post, for its author alone: nobody is restricted in silence."""

from __future__ import annotations

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from feed.queries import reach as queries
from feed.queries.reach import InForce, Standing
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.visibility import Surface

NAMES = {surface: {Surface.TAG: "hashtag"}.get(surface, surface.value) for surface in queries.SURFACES}


class SurfaceReach(msgspec.Struct, kw_only=True):
    """Whether a post may be shown somewhere, and if not, the restriction or the setting that says so."""

    eligible: bool
    reason: str | None


class ReachRestriction(msgspec.Struct, kw_only=True):
    """A restriction in force on the post, its author or one of its media, and the decision that made it.

    Without `countries` it holds everywhere.
    """

    subject: str
    subject_id: str
    kind: str
    countries: list[str]
    starts_at: str | None
    ends_at: str | None
    decision_id: str


class PoolPlace(msgspec.Struct, kw_only=True):
    """Where the post stands in the current pool. `rank` counts from 1; null when it is in the fresh part alone."""

    pool: str
    epoch_ms: int
    likes: int
    comments: int
    shares: int
    tickets: int
    base: str
    rank: int | None
    is_fresh: bool


class ImpressionCount(msgspec.Struct, kw_only=True):
    """How often the post was part of a page: an estimate, for one page in `sampled_one_in` is counted."""

    estimate: int
    sampled_one_in: int


class Reach(msgspec.Struct, kw_only=True):
    """How far a post reaches. The keys of `surfaces` and `impressions` are home, profile, hashtag, search, discover.

    Home and profile are judged for a follower, the others for a stranger. `pool` is null when the post is not in the
    current pool.
    """

    id: str
    surfaces: dict[str, SurfaceReach]
    restrictions: list[ReachRestriction]
    pool: PoolPlace | None
    impressions: dict[str, ImpressionCount]


class ReachView(ClientView):
    """GET /api/v1/upscrolled/statuses/:id/reach"""

    @endpoint(scope="read:statuses", answers=Reach, restricted=True)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """Say where a post of the viewer's own may be shown, why not, its place in discover, and how often it was
        shown."""
        found = queries.of_post(self.viewer, self.id_of(post_id), now=self.now)
        counted = {name: found.impressions.get(surface.value, 0) for surface, name in NAMES.items()}
        return self.render(
            Reach(
                id=str(found.post_id),
                surfaces={
                    NAMES[surface]: SurfaceReach(eligible=reason is None, reason=reason)
                    for surface, reason in found.hidden.items()
                },
                restrictions=[_restriction(row) for row in found.restrictions],
                pool=_place(found.standing),
                impressions={
                    name: ImpressionCount(estimate=number, sampled_one_in=queries.ONE_IN)
                    for name, number in counted.items()
                },
            )
        )


def _restriction(row: InForce) -> ReachRestriction:
    return ReachRestriction(
        subject=row.subject,
        subject_id=str(row.subject_id),
        kind=row.kind,
        countries=list(row.countries),
        starts_at=stamp(row.starts_at),
        ends_at=stamp(row.ends_at),
        decision_id=str(row.decision_id),
    )


def _place(standing: Standing | None) -> PoolPlace | None:
    if standing is None:
        return None
    return PoolPlace(
        pool=standing.pool.digest.hex(),
        epoch_ms=standing.pool.epoch_ms,
        likes=standing.likes,
        comments=standing.comments,
        shares=standing.shares,
        tickets=standing.tickets,
        base=standing.base.hex(),
        rank=standing.rank,
        is_fresh=standing.is_fresh,
    )
