"""Tiles of the public log in PostgreSQL: read for proofs, grown as leaves are published, made again from the leaves.

A tile of level L holds the hashes of level 8·L of the tree, 256 of them. What lies between two such levels is worked
out within one tile.
"""

from __future__ import annotations

from typing import Final

from moderation.log import tree
from moderation.models import LogTile

WIDTH: Final = 256
_HASH: Final = 32


class Tiles:
    """The tree as far as it was stored; tiles are read when they are first asked for."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._changed: set[tuple[int, int]] = set()

    def tile(self, level: int, number: int) -> bytes:
        """Return the hashes of a tile, as many as there are."""
        found = self._tiles.get((level, number))
        if found is None:
            row = LogTile.objects.filter(level=level, number=number).first()
            found = self._tiles[level, number] = bytes(row.hashes) if row is not None else b""
        return found

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a full subtree."""
        stored, above = divmod(level, 8)
        first = index << above
        hashes = self.tile(stored, first // WIDTH)
        start = first % WIDTH * _HASH
        row = [hashes[start + n * _HASH : start + (n + 1) * _HASH] for n in range(1 << above)]
        if any(len(part) != _HASH for part in row):
            raise LookupError(f"the log has no node {level}/{index}")
        while len(row) > 1:
            row = [tree.node_hash(row[n], row[n + 1]) for n in range(0, len(row), 2)]
        return row[0]

    def append(self, size: int, leaves: list[bytes]) -> int:
        """Add leaves to a tree of `size` and store what grew; return the new size."""
        for leaf in leaves:
            level, index, hashed = 0, size, leaf
            while len(grown := self._grow(level, index, hashed)) == WIDTH * _HASH:
                level, index, hashed = level + 1, index // WIDTH, _top(grown)
            size += 1
        for place in sorted(self._changed):
            facts = {"hashes": self._tiles[place]}
            LogTile.objects.update_or_create(level=place[0], number=place[1], defaults=facts)
        self._changed.clear()
        return size

    def _grow(self, level: int, index: int, hashed: bytes) -> bytes:
        """Put a hash at its place; what stood there and after it came from no checkpoint."""
        place = level, index // WIDTH
        before = index % WIDTH * _HASH
        kept = self.tile(*place)[:before]
        if len(kept) != before:
            raise LookupError(f"the log lacks hashes before {level}/{index}")
        self._tiles[place] = kept + hashed
        self._changed.add(place)
        return self._tiles[place]


def _top(hashes: bytes) -> bytes:
    """Hash over a full tile: the hash that the level above has of it."""
    row = [hashes[n : n + _HASH] for n in range(0, len(hashes), _HASH)]
    while len(row) > 1:
        row = [tree.node_hash(row[n], row[n + 1]) for n in range(0, len(row), 2)]
    return row[0]
