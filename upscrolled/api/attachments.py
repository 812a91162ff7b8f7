"""MediaAttachment in the client API's words (Mastodon API 4.5), and what this site says of one beyond it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from upscrolled.api.entities import STATIC, stamp
from upscrolled.media import addresses
from upscrolled.media.addresses import Holder
from upscrolled.media.shown import MediaFacts
from upscrolled.media.states import State
from upscrolled.viewer import Viewer
from upscrolled.visibility import why_withheld

# What stands where something is withheld: a picture that says so without words.
WITHHELD = f"{STATIC}/withheld.png"
_WITHHELD_SIZE = (640, 400)


class MediaCaption(msgspec.Struct, kw_only=True):
    """Captions in one language (BCP 47), as WebVTT; they stand in the HLS playlist too."""

    language: str
    name: str
    url: str


class MediaExtension(msgspec.Struct, kw_only=True):
    """How far an upload is, and what only this site has of it.

    `state` is uploaded, probing, processing, ready or failed; `percent` counts while it is processed. `improving`:
    it can be shown, and better qualities are still to come. `hls_url` is a playlist of all qualities (RFC 8216).
    `expires_at` is when it goes if no post has it by then.

    `restrictions` are the kinds of decisions in force on it, told to its owner alone. `withheld` is why its reader is
    not given it: then `url` and `preview_url` are of a picture that stands for it, and nothing else of it is told.
    """

    state: str
    percent: int
    improving: bool
    reason: str | None
    error: str | None
    hls_url: str | None
    poster_url: str | None
    captions: list[MediaCaption]
    colour: str | None
    expires_at: str | None
    restrictions: list[str]
    withheld: str | None


class MediaAttachment(msgspec.Struct, kw_only=True):
    """A photo, video or sound. `url` is null until it can be shown."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    remote_url: str | None = None
    preview_remote_url: str | None = None
    text_url: str | None = None
    meta: dict[str, Any]
    description: str | None
    blurhash: str | None
    upscrolled: MediaExtension


def attachment(media: MediaFacts, *, to: Viewer | None, now: datetime) -> MediaAttachment:
    """Return an attachment's entity as a viewer is given it; addresses of private ones are signed for a while.

    A message shows its media whole (`to` None): no decision is about those.
    """
    if to is not None and (reason := why_withheld(media, to)) is not None:
        return _placeholder(media, reason)
    restricted = media.restrictions if to is not None and media.owner_id == to.id else []
    holder = Holder.OWNER if restricted else Holder.READER

    def reached(name: str) -> str:
        if media.public:
            return addresses.public(name)
        return addresses.private(media.id, name, now=now, holder=holder)

    def address(*roles: str) -> str | None:
        return next((reached(media.files[role]) for role in roles if role in media.files), None)

    ready = media.state == State.READY
    return MediaAttachment(
        id=str(media.id),
        type=media.kind,
        url=address("original", "fallback") if ready else None,
        preview_url=address("thumbnail", "small") if ready else None,
        meta=_meta(media),
        description=media.description or None,
        blurhash=media.blurhash or None,
        upscrolled=MediaExtension(
            state=media.state,
            percent=100 if ready else media.percent,
            improving=ready and media.owed,
            reason=media.reason or None,
            error=media.sentence or None,
            hls_url=address("hls"),
            poster_url=address("poster"),
            captions=[
                MediaCaption(language=each.language, name=each.name, url=reached(each.file))
                for each in media.captions
            ],
            colour=media.colour or None,
            expires_at=None if media.attached else stamp(media.expires_at),
            restrictions=sorted(set(restricted)),
            withheld=None,
        ),
    )


def _placeholder(media: MediaFacts, reason: str) -> MediaAttachment:
    """What stands for an attachment that is withheld. Applications ask of a picture that it has an address."""
    width, height = _WITHHELD_SIZE
    size = {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}
    return MediaAttachment(
        id=str(media.id),
        type="image",
        url=WITHHELD,
        preview_url=WITHHELD,
        meta={"original": size, "small": size},
        description=f"Withheld: {reason}.",
        blurhash=None,
        upscrolled=MediaExtension(
            state=State.READY,
            percent=100,
            improving=False,
            reason=None,
            error=None,
            hls_url=None,
            poster_url=None,
            captions=[],
            colour=None,
            expires_at=None,
            restrictions=[],
            withheld=reason,
        ),
    )


def _meta(media: MediaFacts) -> dict[str, Any]:
    if media.focus_x is None:
        return media.meta
    return {**media.meta, "focus": {"x": media.focus_x, "y": media.focus_y}}
