"""The public record of discover: which pools were frozen, each to be fetched, and what their audits found."""

from __future__ import annotations

import base64

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from feed.queries import pools as queries
from feed.ranking.statement import Statement
from upscrolled.api import pagination
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.core.errors import Invalid
from upscrolled.shedding import Importance

_BYTES = "application/octet-stream"
# A digest says what is in the file, so an answer holds for as long as anybody wants it.
_FOR_EVER = "public, max-age=31536000, immutable"


class Arc(msgspec.Struct, kw_only=True):
    """Points of the ring (decimal, 64 bits) between which, both included, going up and round, no fresh post is
    missing."""

    start: str
    end: str


class PoolHead(msgspec.Struct, kw_only=True):
    """A frozen pool. `signature` (base64, Ed25519) is over the bytes of `statement`, by `key` (see …/keys).

    `cut` is the lowest base of the popular part (C99 hexadecimal); null while that is not full: every eligible
    post is in. `whole` says whether `frame` needs no pool before it. `number` counts up; list on with `max_id`.
    """

    number: str
    pool: str
    epoch_ms: int
    version: int
    digest: str
    previous: str
    posts: int
    popular: int
    fresh: int
    cut: str | None
    arc: Arc
    statement: str
    key: str
    signature: str
    whole: bool
    frame_bytes: int
    file: str
    frame: str


class PoolAudit(msgspec.Struct, kw_only=True):
    """A pool compared with the posts in its own snapshot.

    `missing` had to be in it, `surplus` had not; both have to be empty. `restricted` counts, by kind of decision,
    posts that were left out for it.
    """

    pool: str
    epoch_ms: int
    digest: str
    audited_at: str
    looked_at: int
    missing: list[str]
    surplus: list[str]
    restricted: dict[str, int]


class Pools(ClientView):
    """GET /api/v1/upscrolled/discover/pools"""

    @endpoint(
        who="anyone",
        answers=list[PoolHead],
        query=("media", "max_id", "limit"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request) -> HttpResponse:
        """List the pools that are kept, the newest first: what is signed of each, and where it is fetched."""
        page = self.page(default=40, maximum=400)
        rows = queries.listed(kind_of(request), below=page.max_id, limit=page.limit)
        heads = [_head(facts, row) for facts, row in rows]
        last = {"max_id": heads[-1].number} if len(heads) == page.limit else None
        return self.render(heads, link=pagination.link(request, following=last, previous=None))


class PoolFile(ClientView):
    """GET /api/v1/upscrolled/discover/pools/:digest"""

    @endpoint(who="anyone", answers=bytes, importance=Importance.EXTRA, also=("304",))
    def get(self, request: Request, digest: str) -> HttpResponse:
        """Fetch a pool: 44 bytes and 37 for each post, of which SHA-256 gives the digest (docs/ranking.md)."""
        tag = f'"{digest}"'
        if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
            return _lasting(HttpResponse(status=304), tag)
        return _lasting(HttpResponse(queries.file(digest), content_type=_BYTES), tag)


class PoolFrame(ClientView):
    """GET /api/v1/upscrolled/discover/pools/:digest/frame"""

    @endpoint(who="anyone", answers=bytes, importance=Importance.EXTRA)
    def get(self, request: Request, digest: str) -> HttpResponse:
        """Fetch what a pool changed of the one before, or all of it if it is `whole` (zlib; docs/ranking.md)."""
        return _lasting(HttpResponse(queries.frame(digest), content_type=_BYTES), f'"{digest}-frame"')


class Audits(ClientView):
    """GET /api/v1/upscrolled/discover/audits"""

    @endpoint(who="anyone", answers=list[PoolAudit], query=("media", "limit"), importance=Importance.EXTRA)
    def get(self, request: Request) -> HttpResponse:
        """List what the last audits found, the newest first."""
        limit = pagination.limit_of(request.query_params.get("limit"), default=40, maximum=400)
        return self.render(
            [
                PoolAudit(
                    pool=row.pool,
                    epoch_ms=row.epoch_ms,
                    digest=bytes(row.digest).hex(),
                    audited_at=stamp(row.audited_at) or "",
                    looked_at=row.looked_at,
                    missing=[str(post_id) for post_id in row.missing],
                    surplus=[str(post_id) for post_id in row.surplus],
                    restricted=row.restricted,
                )
                for row in queries.audited(kind_of(request), limit=limit)
            ]
        )


def kind_of(request: Request) -> str:
    """The pool that `media` names. Raises Invalid."""
    named = request.query_params.get("media") or queries.ALL
    if named not in queries.KINDS:
        raise Invalid(f"Validation failed: media must be {' or '.join(queries.KINDS)}, not {named[:40]!r}.")
    return named


def _head(facts: Statement, row: queries.Row) -> PoolHead:
    address = f"/api/v1/upscrolled/discover/pools/{facts.digest.hex()}"
    return PoolHead(
        number=str(row.pk),
        pool=facts.pool,
        epoch_ms=facts.epoch_ms,
        version=facts.version,
        digest=facts.digest.hex(),
        previous=facts.previous.hex(),
        posts=facts.posts,
        popular=facts.popular,
        fresh=facts.fresh,
        cut=None if facts.cut is None else facts.cut.hex(),
        arc=Arc(start=str(facts.arc_start), end=str(facts.arc_end)),
        statement=facts.text(),
        key=row.key_id,
        signature=base64.b64encode(bytes(row.signature)).decode(),
        whole=row.is_keyframe,
        frame_bytes=row.size,
        file=address,
        frame=f"{address}/frame",
    )


def _lasting(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = _FOR_EVER
    return response
