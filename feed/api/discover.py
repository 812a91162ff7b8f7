"""The ranked feed, with its receipt; and the same feed as Mastodon's clients ask for it."""

from __future__ import annotations

from functools import cache

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from feed.api.entities import Status
from feed.api.pools import kind_of
from feed.api.presenter import Presenter
from feed.queries import discover as queries
from feed.queries.pools import ALL
from feed.ranking import receipt as ranking
from feed.ranking.draw import Item
from feed.ranking.formula import Weights
from upscrolled.api import pagination
from upscrolled.api.base import ClientView, endpoint
from upscrolled.limits import Tally
from upscrolled.shedding import Importance

SEEN_MAX = 500


class ReceiptItem(msgspec.Struct, kw_only=True):
    """The numbers that put a post into its slot (version 1 of the ranking). 64-bit values are text."""

    id: str
    author_id: str
    created_ms: int
    likes: int
    comments: int
    shares: int
    tickets: int
    base: str
    lane: str
    u: str
    score: float


class Receipt(msgspec.Struct, kw_only=True):
    """All that is needed, with the public pool, to draw this page again."""

    version: int
    constants: dict[str, int | float]
    epoch_ms: int
    pool: str
    nonce: str
    nonce_from: str
    page: int
    removed_counts: dict[str, int]
    removed: dict[str, list[str]]
    items: list[ReceiptItem]


class DiscoverItem(msgspec.Struct, kw_only=True):
    """A post of the ranked feed, its slot (from 1) and the lane that it was drawn from."""

    status: Status
    slot: int
    lane: str


class DiscoverPage(msgspec.Struct, kw_only=True):
    """A page of the ranked feed. `cursor` asks for the next one; `pool_age_ms` says how old the counts are.

    `pool_posts` took part in the draw. The pool `is_small` when these are all posts that may be drawn: old ones
    take part by the same formula, and the feed ends soon.
    """

    items: list[DiscoverItem]
    cursor: str | None
    pool_age_ms: int
    pool_posts: int
    is_small: bool
    receipt: Receipt


class _Drawing(ClientView):
    """An endpoint that begins a draw, and has it counted together with the rate limits."""

    def begins(self, request: Request) -> bool:
        """Whether this request begins a draw."""
        raise TypeError("each endpoint says so itself")

    def tally(self, request: Request) -> Tally | None:
        """Count a signed-in viewer's draw."""
        principal = self.principal
        if principal is None or principal.account is None or not self.begins(request):
            return None
        return queries.tally(principal.account.id, now=self.now, kind=self.kind(request))

    def kind(self, request: Request) -> str:
        """The pool that is drawn from."""
        return ALL

    @property
    def draws(self) -> int | None:
        """How often this viewer drew from this pool before."""
        return self.counted - 1 if self.counted else None


class Discover(_Drawing):
    """The ranked feed."""

    def begins(self, request: Request) -> bool:
        """Only the first page does."""
        return not request.query_params.get("cursor")

    def kind(self, request: Request) -> str:
        """The one that `media` names."""
        return kind_of(request)

    @endpoint(
        scope="read:statuses",
        who="anyone",
        answers=DiscoverPage,
        query=("media", "nonce", "cursor", "seen[]"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request) -> HttpResponse:
        """A page of 20 posts drawn by the public formula. Pages of one scroll never overlap."""
        query = request.query_params
        found = queries.page(
            self.viewer,
            cursor=query.get("cursor"),
            nonce=query.get("nonce") or None,
            seen=self._seen(),
            now=self.now,
            kind=self.kind(request),
            draws=self.draws,
        )
        statuses = Presenter(self.viewer).statuses(found.posts)
        drawn = found.receipt
        first = drawn.page * drawn.weights.page + 1
        items = [
            DiscoverItem(status=status, slot=first + number, lane=item.lane)
            for number, (status, item) in enumerate(zip(statuses, drawn.items, strict=True))
        ]
        age_ms = max(int(self.now.timestamp() * 1000) - drawn.epoch_ms, 0)
        return self.render(
            DiscoverPage(
                items=items,
                cursor=found.cursor,
                pool_age_ms=age_ms,
                pool_posts=found.pool_posts,
                is_small=found.is_small,
                receipt=receipt(drawn),
            )
        )

    def _seen(self) -> list[int]:
        """The ids that the client says it has shown; most requests name none."""
        named = any(name.startswith("seen") for name in self.request.query_params)
        return self.many_ids("seen", at_most=SEEN_MAX) if named else []


class Trends(_Drawing):
    """The ranked feed in the shape of Mastodon's trends."""

    def begins(self, request: Request) -> bool:
        """Only offset 0 does."""
        return pagination.offset_of(request.query_params.get("offset")) == 0

    @endpoint(
        scope="read:statuses",
        who="anyone",
        answers=list[Status],
        query=("limit", "offset"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request) -> HttpResponse:
        """Posts drawn by the public formula. Offset 0 starts a draw, higher offsets go on with it."""
        limit = pagination.limit_of(request.query_params.get("limit"), default=20, maximum=40)
        offset = pagination.offset_of(request.query_params.get("offset"))
        token_id = self.principal.token_id if self.principal else 0
        posts, more = queries.trends(
            self.viewer, token_id=token_id, offset=offset, limit=limit, now=self.now, draws=self.draws
        )
        following = {"offset": offset + limit} if more else None
        previous = {"offset": max(offset - limit, 0)} if offset else None
        link = pagination.link(request, following=following, previous=previous)
        return self.render(Presenter(self.viewer).statuses(posts), link=link)


def receipt(drawn: ranking.Receipt) -> Receipt:
    """Return the entity of a receipt, with the ids taken out: it goes to the viewer alone."""
    return Receipt(
        version=drawn.weights.version,
        constants=_constants(drawn.weights),
        epoch_ms=drawn.epoch_ms,
        pool=drawn.digest.hex(),
        nonce=drawn.nonce,
        nonce_from=drawn.nonce_from,
        page=drawn.page,
        removed_counts=dict(drawn.counts),
        removed={reason: [str(i) for i in ids] for reason, ids in (drawn.removed or {}).items()},
        items=[_item(item) for item in drawn.items],
    )


@cache
def _constants(weights: Weights) -> dict[str, int | float]:
    return weights.constants()


def _item(item: Item) -> ReceiptItem:
    return ReceiptItem(
        id=str(item.id),
        author_id=str(item.author_id),
        created_ms=item.created_ms,
        likes=item.likes,
        comments=item.comments,
        shares=item.shares,
        tickets=item.tickets,
        base=item.base.hex(),
        lane=item.lane,
        u=item.u.hex(),
        score=item.score,
    )
