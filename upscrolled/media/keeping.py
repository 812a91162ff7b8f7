"""From files that were made to files that are stored: by content, so playlists must name their neighbours anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from upscrolled.media import ledger
from upscrolled.media.ledger import Kept
from upscrolled.media.makers import Piece
from upscrolled.media.video.playlists import MASTER
from upscrolled.models import FileUse

Role = FileUse.Role
_URI = re.compile(r'URI="([^"]*)"')


def keep_all(
    pieces: Sequence[Piece],
    *,
    area: str,
    now: datetime,
    known: Mapping[str, str] | None = None,
    between: Callable[[], None] = lambda: None,
) -> list[Kept]:
    """Store what was made. Raises OSError when the storage does not answer.

    `known` are files that were stored before and that playlists may name. `between` is called before each file.
    """
    kept: list[Kept] = []
    names = dict(known or {})
    for piece in sorted(pieces, key=_order):
        between()
        if piece.path.suffix == ".m3u8":
            piece.path.write_text(renamed(piece.path.read_text(), names))
        one = ledger.keep(
            piece.path,
            area=area,
            role=piece.role,
            label=piece.label,
            suffix=piece.path.suffix[1:],
            now=now,
        )
        names[piece.path.name] = one.name
        kept.append(one)
    return kept


def renamed(playlist: str, names: Mapping[str, str]) -> str:
    """Return a playlist that speaks of files by the names under which they are stored; it lies in a folder itself."""

    def stored(name: str) -> str:
        return f"../{names[name]}" if name in names else name

    lines = [
        _URI.sub(lambda found: f'URI="{stored(found[1])}"', line) if line.startswith("#") else stored(line)
        for line in playlist.splitlines()
    ]
    return "\n".join(lines) + "\n"


def shown(kept: Sequence[Kept]) -> dict[str, str]:
    """Return the names of the files that clients are told of, by role: of a video's many the master playlist."""
    return {each.role: each.name for each in kept if each.role != Role.HLS or each.label == MASTER}


def _order(piece: Piece) -> tuple[int, str]:
    """What a playlist names comes before it, and the master playlist last."""
    if piece.path.suffix != ".m3u8":
        return 0, piece.path.name
    return (2 if piece.path.name == MASTER else 1), piece.path.name
