"""Why am I seeing this: the parts of a post's score, in numbers and in words (English, Arabic, French)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from django.http import HttpResponse
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from rest_framework.request import Request

from feed.queries import why as queries
from upscrolled.api import tongues
from upscrolled.api.base import ClientView, endpoint
from upscrolled.shedding import Importance

HOUR_MS = 3_600_000


class TicketPart(msgspec.Struct, kw_only=True):
    """Tickets of one kind: `people` of them, `each` worth so many."""

    name: str
    people: int
    each: int
    tickets: int


class LanePart(msgspec.Struct, kw_only=True):
    """What chance gave the post in a lane of the draw, and the score that ordered it there."""

    lane: str
    u: str
    gumbel: float | None
    score: float


class WhyShown(msgspec.Struct, kw_only=True):
    """Why a post stands where it does, from the published pool `pool`.

    `tickets` are what `parts` add up to; `decay` is what time left of each, `worth` what is left of all. `lanes`
    is empty without a receipt. `sentences` say the same in `language`. When `in_pool` is false the post was not
    drawn from this pool.
    """

    id: str
    language: str
    pool: str
    epoch_ms: int
    version: int
    in_pool: bool
    age_ms: int
    parts: list[TicketPart]
    tickets: int
    decay: float
    worth: float
    base: str | None
    rank: int | None
    nonce: str | None
    lanes: list[LanePart]
    sentences: list[str]


class WhyView(ClientView):
    """GET /api/v1/upscrolled/posts/:id/why"""

    @endpoint(
        scope="read:statuses",
        who="anyone",
        answers=WhyShown,
        query=("receipt", "language"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """Explain why a post is shown in discover, by a page's receipt or by the current pool."""
        query = request.query_params
        found = queries.explain(
            self.viewer, self.id_of(post_id), receipt=query.get("receipt") or None, now=self.now
        )
        language = tongues.wanted(request, named=query.get("language", ""))
        with translation.override(language):
            sentences = list(_sentences(found))
        return tongues.told(self.render(_shown(found, language, sentences)), language)


def _shown(why: queries.Why, language: str, sentences: list[str]) -> WhyShown:
    standing = why.standing
    return WhyShown(
        id=str(why.post_id),
        language=language,
        pool=why.digest.hex(),
        epoch_ms=why.epoch_ms,
        version=why.weights.version,
        in_pool=standing is not None,
        age_ms=why.age_ms,
        parts=_parts(why),
        tickets=standing.tickets if standing else 0,
        decay=why.decay,
        worth=why.worth,
        base=standing.base.hex() if standing else None,
        rank=standing.rank if standing else None,
        nonce=why.nonce,
        lanes=[
            LanePart(lane=luck.lane, u=luck.u.hex(), gumbel=luck.gumbel, score=luck.score)
            for luck in why.lucks
        ],
        sentences=sentences,
    )


def _parts(why: queries.Why) -> list[TicketPart]:
    if why.standing is None:
        return []
    counted = {
        "post": (1, 1),
        "likes": (why.standing.likes, why.weights.w_like),
        "comments": (why.standing.comments, why.weights.w_comment),
        "shares": (why.standing.shares, why.weights.w_share),
    }
    return [
        TicketPart(name=name, people=people, each=each, tickets=people * each)
        for name, (people, each) in counted.items()
    ]


def _sentences(why: queries.Why) -> Iterator[str]:
    standing, w = why.standing, why.weights
    if standing is None:
        yield _("This post was not in this pool.")
        return
    yield _(
        "It holds %(tickets)s tickets: 1 for being there, %(likes)s for the people who like it, %(comments)s for the "
        "people who answered it, %(shares)s for the people who shared it."
    ) % {
        "tickets": number_format(standing.tickets),
        "likes": number_format(standing.likes * w.w_like),
        "comments": number_format(standing.comments * w.w_comment),
        "shares": number_format(standing.shares * w.w_share),
    }
    yield _(
        "When the pool was frozen it was %(hours)s hours old, so of each ticket %(percent)s percent was left: "
        "%(worth)s tickets in all."
    ) % {
        "hours": number_format(why.age_ms / HOUR_MS, 1),
        "percent": number_format(100 * why.decay, 1),
        "worth": number_format(why.worth, 2),
    }
    yield from _of_the_draw(why)
    yield _("Nothing else counts: no weight of an account, no topic, no payment, no guess at what you like.")


def _of_the_draw(why: queries.Why) -> Iterator[str]:
    for luck in why.lucks:
        if luck.gumbel is None:
            yield _(
                "It is also new and few have answered it yet: every fifth place is drawn among such posts by chance "
                "alone, and its lot was %(u)s (the highest wins)."
            ) % {"u": number_format(luck.u, 4)}
        else:
            yield _(
                "In the raffle its luck was %(gumbel)s, which made a score of %(score)s; the highest scores come first."
            ) % {"gumbel": number_format(luck.gumbel, 3), "score": number_format(luck.score, 3)}
    if why.nonce_from == "client":
        yield _("The luck came from a word of your own app's, which the site could not choose.")
    elif why.nonce_from is not None:
        yield _("The luck came from who asked and how often, and from the pool, which was public before.")
