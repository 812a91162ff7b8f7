"""The public log as anybody reads it: checkpoint, tiles, entries, proofs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from moderation import publishing
from moderation.log import notes, tree
from moderation.logstore import Tiles
from moderation.models import LogCheckpoint, LogEntry, LogLeaf
from moderation.notices import statement_address
from upscrolled.core.errors import Invalid, NotFound

TILE: Final = 256

__all__ = [
    "TILE",
    "Proof",
    "checkpoint",
    "consistency",
    "entries",
    "inclusion",
    "key",
    "newest",
    "proof_of",
    "statement_address",
    "tile",
]


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry, and once it is published its place, the path to the root, and the checkpoint that signs the root."""

    entry: str
    index: int | None = None
    size: int | None = None
    path: Sequence[bytes] = ()
    checkpoint: str | None = None


def checkpoint() -> LogCheckpoint:
    """Return the newest checkpoint, or raise NotFound while there is none."""
    newest = LogCheckpoint.objects.order_by("-size").first()
    if newest is None:
        raise NotFound
    return newest


def key() -> str:
    """Return the public keys with their name, as verifiers take them: a line each, the one in use first."""
    return "\n".join(notes.verifier_key(publishing.origin(), public) for public in publishing.public_keys())


def newest(*, below: int | None, limit: int) -> list[tuple[int, dict[str, Any]]]:
    """Return the newest leaves, or those below a place, with what each tells; the newest first."""
    found = LogLeaf.objects.order_by("-index")
    if below is not None:
        found = found.filter(index__lt=below)
    rows = found.values_list("index", "entry__data", "act__data")[:limit]
    return [(index, json.loads(decided or done or "{}")) for index, decided, done in rows]


def proof_of(decision_id: int) -> Proof:
    """Return what proves that a decision stands in the log; its entry alone while it waits for its batch."""
    entry = LogEntry.objects.get(pk=decision_id)
    leaf = LogLeaf.objects.filter(entry_id=decision_id).first()
    newest = LogCheckpoint.objects.order_by("-size").first()
    if leaf is None or newest is None or leaf.index >= newest.size:
        return Proof(entry.data)
    path = tree.inclusion_proof(leaf.index, newest.size, Tiles().node)
    return Proof(entry.data, leaf.index, newest.size, path, newest.note)


def inclusion(index: int, size: int) -> list[bytes]:
    """Return the proof that leaf `index` stands in the first `size`. Raises Invalid, NotFound."""
    _require(size)
    try:
        return tree.inclusion_proof(index, size, Tiles().node)
    except ValueError as error:
        raise Invalid(f"Validation failed: {error}") from None


def consistency(old: int, new: int) -> list[bytes]:
    """Return the proof that the first `old` leaves are the beginning of the first `new`. Raises Invalid, NotFound."""
    _require(new)
    try:
        return tree.consistency_proof(old, new, Tiles().node)
    except ValueError as error:
        raise Invalid(f"Validation failed: {error}") from None


def tile(level: int, number: int, width: int) -> bytes:
    """Return the first `width` hashes of a tile (C2SP tlog-tiles), or raise NotFound."""
    size = checkpoint().size
    if not 1 <= width <= TILE or number * TILE + width > size >> (8 * level):
        raise NotFound
    return Tiles().tile(level, number)[: 32 * width]


def entries(number: int, width: int) -> bytes:
    """Return a bundle of entries, each after its length in two bytes, or raise NotFound."""
    size = checkpoint().size
    first = number * TILE
    if not 1 <= width <= TILE or first + width > size:
        raise NotFound
    data = [leaf.told.encode() for leaf in publishing.leaves(first=first, below=first + width)]
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in data)


def _require(size: int) -> None:
    if size > checkpoint().size:
        raise NotFound
