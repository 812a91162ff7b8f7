"""Publish the log: entries become leaves in shuffled batches, some hours late, each batch under a signed checkpoint."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction

from moderation.log import notes, tree
from moderation.logstore import Tiles
from moderation.models import LogCheckpoint, LogEntry, LogLeaf, LogTile, PublicAct
from upscrolled import keys

_ALONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('moderation:log', 0))"
_MOST: Final = 50_000
# Acts that a moment would give away, as it would a decision; the others are told at once.
_LATE: Final = ("appeal", "door_appeal", "kept")


def origin() -> str:
    """The name of this log, in checkpoints and keys."""
    return f"{urlsplit(settings.PUBLIC_URL).netloc}/moderation-log"


def public_keys() -> list[bytes]:
    """The public halves of the keys that have signed checkpoints, the one in use first."""
    return [bytes(key.public) for key in keys.published() if key.purpose == "log"]


def read(note: str) -> notes.Checkpoint:
    """Read a checkpoint that this site signed. Raises ValueError."""
    return notes.read(note, publics=public_keys(), verify=_is_signed)


def publish(*, now: datetime, delay: timedelta | None = None) -> int:
    """Publish entries that are older than the delay; return how many. Nothing is done twice."""
    before = now - (settings.LOG_DELAY if delay is None else delay)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ALONE)
        # The leaves are the truth; a checkpoint or tile that is missing follows from them.
        size = LogLeaf.objects.count()
        waiting = LogEntry.objects.filter(leaf=None, created_at__lte=before).order_by("created_at")
        acts = PublicAct.objects.filter(leaf=None).exclude(created_at__gt=before, kind__in=_LATE)
        entries = [("entry_id", *row) for row in waiting.values_list("decision_id", "hash")[:_MOST]]
        entries += [("act_id", *row) for row in acts.order_by("id").values_list("id", "hash")[:_MOST]]
        if not entries:
            return 0
        secrets.SystemRandom().shuffle(entries)
        LogLeaf.objects.bulk_create(
            LogLeaf(index=size + place, **{which: number}) for place, (which, number, _) in enumerate(entries)
        )
        tiles = Tiles()
        grown = tiles.append(size, [bytes(hashed) for _, _, hashed in entries])
        _sign(grown, tree.root(grown, tiles.node), now=now)
    return len(entries)


@transaction.atomic
def rebuild() -> int:
    """Make the tiles again from the leaves; return how many leaves there are."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
    LogTile.objects.all().delete()
    return Tiles().append(0, [leaf.hashed for leaf in leaves()])


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of the log: its place, its hash, and its entry; both are empty if what it is of was taken away."""

    index: int
    hashed: bytes
    told: str


def leaves(*, first: int = 0, below: int | None = None) -> Iterator[Leaf]:
    """Return the leaves in their order, of decisions and of other acts."""
    found = LogLeaf.objects.filter(index__gte=first).order_by("index")
    if below is not None:
        found = found.filter(index__lt=below)
    columns = ("index", "entry__hash", "act__hash", "entry__data", "act__data")
    for index, decided, done, decision, act in found.values_list(*columns).iterator():
        yield Leaf(index, bytes(decided or done or b""), decision or act or "")


def _is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    known = {bytes(key.public): key.id for key in keys.published()}
    return public in known and keys.verify(known[public], message, signature)


def _sign(size: int, root: bytes, *, now: datetime) -> None:
    checkpoint = notes.Checkpoint(origin(), size, root)
    key_id, signature = keys.sign("log", checkpoint.text.encode(), now=now)
    public = next(bytes(key.public) for key in keys.published() if key.id == key_id)
    note = notes.write(checkpoint, public=public, signature=signature)
    LogCheckpoint.objects.create(size=size, root=root, note=note, made_at=now)
