"""MediaAttachment in the client API's words (Mastodon API 4.5), and what this site says of one beyond it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from upscrolled.api.entities import stamp
from upscrolled.media import addresses
from upscrolled.media.shown import MediaFacts
from upscrolled.media.states import State


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


def attachment(media: MediaFacts, *, now: datetime) -> MediaAttachment:
    """Return an attachment's entity; addresses of private ones are signed for a while."""

    def reached(name: str) -> str:
        return addresses.public(name) if media.public else addresses.private(media.id, name, now=now)

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
        ),
    )


def _meta(media: MediaFacts) -> dict[str, Any]:
    if media.focus_x is None:
        return media.meta
    return {**media.meta, "focus": {"x": media.focus_x, "y": media.focus_y}}
