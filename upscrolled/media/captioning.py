"""Captions among the stored files of a video: the playlists that list them, written anew when either changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from upscrolled.media import keeping, store
from upscrolled.media.ledger import Kept
from upscrolled.media.makers import Piece
from upscrolled.media.video import captions
from upscrolled.media.video.captions import Track
from upscrolled.media.video.shapes import Made
from upscrolled.models import FileUse

Role = FileUse.Role


def keep(
    texts: Mapping[str, str],
    *,
    languages: Mapping[str, str],
    known: Mapping[str, str],
    area: str,
    now: datetime,
) -> list[Kept]:
    """Store texts by the names that playlists have for them; `languages` are those of captions, by their name.

    `known` are files that were stored before and that playlists may name.
    """
    with store.workroom() as room:
        pieces = []
        for name, written in texts.items():
            (room / name).write_text(written)
            role, label = (Role.CAPTIONS, languages[name]) if name in languages else (Role.HLS, name)
            pieces.append(Piece(room / name, role, label))
        return keeping.keep_all(pieces, area=area, known=known, now=now)


def listed(
    kept: Sequence[Kept],
    made: Mapping[str, Any],
    shown: Sequence[Mapping[str, str]],
    *,
    area: str,
    now: datetime,
) -> list[Kept]:
    """Return the files of a video that was made anew, with a master playlist that lists the captions it has.

    `shown` is the attachment's own list of them (`MediaAttachment.captions`); the captions are stored already.
    """
    tracks = [Track(each["language"], each["name"], ()) for each in shown]
    if not tracks:
        return list(kept)
    texts = captions.playlists_of(msgspec.convert(made, Made), tracks)
    files = {track.file: each["file"] for track, each in zip(tracks, shown, strict=True)}
    known = files | {each.label: each.name for each in kept if each.role == Role.HLS}
    return [
        *(each for each in kept if each.label not in texts),
        *keep(texts, languages={}, known=known, area=area, now=now),
    ]
