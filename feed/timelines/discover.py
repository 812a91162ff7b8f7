"""Discover for one viewer: what is taken out, which nonce draws, and where a scroll goes on.

Everything here deals in ids; posts are loaded, and the rules applied, in `queries/discover.py`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

import redis
from django.core import signing

from feed.ranking import draw
from feed.ranking.draw import first_reasons
from feed.ranking.receipt import NonceFrom
from feed.ranking.shortlist import Ready
from feed.timelines import avoided, pools, scrolls
from feed.timelines.avoided import Avoided
from feed.timelines.kinds import ALL
from feed.timelines.scrolls import Scroll
from upscrolled import limits
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.viewer import Viewer

PUBLIC_NONCE: Final = "public"
PUBLIC_SECONDS: Final = 600  # the anonymous share one draw of `trends` for so long
TOKEN_MAX: Final = 64
_SALT: Final = "discover.cursor"


class ScrollEnded(NotFound):
    """The cursor's draw is not kept any more, or was never this viewer's."""

    safe = "This scroll has ended: a cursor is good for 15 minutes after the page before. Start again without one."


class BadCursor(Invalid):
    """Not a cursor of ours."""

    safe = "The cursor was not given out by this endpoint. Start again without one."


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is: a scroll, and its next page from 0. Without a token the scroll was not kept."""

    scroll: Scroll
    page: int
    token: str = ""

    def cursor(self) -> str:
        """The cursor with which a client asks for this page."""
        if self.token:
            return f"{self.token}.{self.page}"
        scroll = self.scroll
        kept = [
            scroll.viewer_id,
            scroll.digest.hex(),
            scroll.nonce,
            scroll.nonce_from,
            self.page,
            scroll.kind,
        ]
        return "~" + signing.dumps(kept, salt=_SALT, compress=True)


def begin(
    viewer: Viewer,
    *,
    nonce: str | None,
    seen: list[int],
    now: datetime,
    kind: str = ALL,
    draws: int | None = None,
) -> Scroll:
    """Draw from the current pool of this kind. Raises Invalid for a nonce that is too long or no text.

    `draws` says how often this viewer drew from it before; None counts anew.
    """
    if nonce is not None:
        check_nonce(nonce)
    return _draw(viewer, pools.current(kind, now=now), nonce, seen, now=now, kind=kind, draws=draws)


def extend(viewer: Viewer, scroll: Scroll) -> bool:
    """Look at all of the pool where the shortlist ends; False if this process does not hold the pool any more."""
    ready = pools.held(scroll.digest)
    if ready is not None:
        scroll.shortlist = ready.draw(scroll.nonce, scroll.removed, whole=True)
        if viewer.account is not None:
            _unwanted(scroll, avoided.find(viewer), viewer)
    return ready is not None


def continued(viewer: Viewer, scroll: Scroll, page: int, *, now: datetime) -> Scroll:
    """A new draw, without what the pages of this one before `page` have shown."""
    shown = [place.id for places in islice(scroll.shortlist.pages(scroll.removed), page) for place in places]
    nonce = scroll.nonce if scroll.nonce_from == "client" else None
    return begin(viewer, nonce=nonce, seen=[*scroll.seen, *shown], now=now, kind=scroll.kind)


def keep(scroll: Scroll, *, page: int, token: str = "") -> Place:
    """Keep a scroll for 15 minutes more, and say where its reader goes on."""
    token = token or secrets.token_urlsafe(12)
    return Place(scroll, page, token if scrolls.keep(token, scroll) else "")


def at(viewer: Viewer, cursor: str, *, now: datetime) -> Place:
    """Where this cursor goes on. Raises BadCursor, ScrollEnded."""
    if cursor.startswith("~"):
        return _drawn_again(viewer, cursor, now=now)
    token, _, page = cursor.rpartition(".")
    if not 0 < len(token) <= TOKEN_MAX or not (page.isascii() and page.isdigit() and len(page) <= 6):
        raise BadCursor
    scroll = latest(viewer, token)
    if scroll is None:
        raise ScrollEnded
    return Place(scroll, int(page), token)


def name(viewer: Viewer, token_id: int, *, now: datetime) -> str:
    """The name under which lists paged by offset keep the scroll that this access token began last.

    The anonymous share one, for ten minutes.
    """
    if viewer.account is None:
        return f"public-{viewer.country}-{int(now.timestamp()) // PUBLIC_SECONDS}"
    return f"token-{token_id}"


def latest(viewer: Viewer, token: str) -> Scroll | None:
    """The scroll of that name, if it is this viewer's and still kept."""
    try:
        return scrolls.find(token, viewer_id=viewer.id)
    except redis.RedisError:
        return None


def check_nonce(nonce: str) -> None:
    """Refuse a client's nonce that no draw could use. Raises Invalid."""
    try:
        size = len(nonce.encode())
    except UnicodeEncodeError:
        raise Invalid("Validation failed: nonce must be text in UTF-8.") from None
    if size > draw.NONCE_BYTES:
        raise Invalid(
            f"Validation failed: nonce has at most {draw.NONCE_BYTES} bytes of UTF-8; this one has {size}."
        )


def tally(account_id: int, *, now: datetime, kind: str = ALL) -> limits.Tally:
    """What has to be counted for a draw from the current pool of this kind."""
    return avoided.tally(account_id, pools.current(kind, now=now).pool.digest)


def _draw(
    viewer: Viewer,
    ready: Ready,
    nonce: str | None,
    seen: list[int],
    *,
    now: datetime,
    kind: str,
    draws: int | None = None,
) -> Scroll:
    ids = {"seen": seen}
    whom = avoided.NOBODY
    own_nonce: str
    nonce_from: NonceFrom
    if viewer.account is None:
        own_nonce, nonce_from = PUBLIC_NONCE, "public"
    else:
        if draws is None:
            counted = limits.spend([], tally=avoided.tally(viewer.id, ready.pool.digest)).tally
            draws = counted - 1 if counted else 0
        whom = avoided.find(viewer)
        own_nonce, nonce_from = f"{viewer.id}:{draws}", "platform"
        ids["own"] = ready.posts_by([viewer.id])
        ids["unavailable"] = ready.posts_by(whom.blocked)
        ids["muted"] = ready.posts_by(whom.muted_at(now))
        ids["hidden"] = whom.hidden
        ids["followed"] = ready.posts_by(whom.followed)
    scroll = Scroll.begin(
        ready,
        viewer_id=viewer.id,
        nonce=own_nonce if nonce is None else nonce,
        nonce_from=nonce_from if nonce is None else "client",
        removed=ready.among(first_reasons(ids)),
        seen=seen,
        kind=kind,
    )
    _unwanted(scroll, whom, viewer)
    return scroll


def _unwanted(scroll: Scroll, whom: Avoided, viewer: Viewer) -> None:
    """Take out, of the posts that the draw looks at, those that this viewer's choices keep away.

    Nobody else pays for it: a pool does not know languages and covers. A post further down changes no page above it.
    """
    if whom.languages or not whom.sensitive:
        looked_at = {
            int(i) for head in (scroll.shortlist.popular, scroll.shortlist.fresh) for i in head.entries["id"]
        }
        later = {i for i, reason in scroll.removed.items() if reason in ("followed", "seen")}
        found = avoided.unwanted(looked_at | later, whom, viewer)
        scroll.removed.update(found)


def _drawn_again(viewer: Viewer, cursor: str, *, now: datetime) -> Place:
    """Draw a scroll that could not be kept once more, from a pool that this process holds."""
    try:
        viewer_id, digest, nonce, nonce_from, page, kind = signing.loads(
            cursor[1:], salt=_SALT, max_age=scrolls.LIFETIME
        )
    except signing.SignatureExpired:
        raise ScrollEnded from None
    except (signing.BadSignature, ValueError):  # the second is one of an older form
        raise BadCursor from None
    ready = pools.held(bytes.fromhex(digest))
    if ready is None or viewer_id != viewer.id:
        raise ScrollEnded
    scroll = _draw(viewer, ready, nonce, [], now=now, kind=kind)
    scroll.nonce_from = nonce_from
    return Place(scroll, page)
