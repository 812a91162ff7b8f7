"""The public record of discover: pools as they were published. Nobody's view of it differs, so there is no viewer."""

from __future__ import annotations

from collections.abc import Sequence

from feed.models import FrozenPool, PoolAudit
from feed.ranking.pool import Pool
from feed.ranking.statement import Statement
from feed.timelines import audits, ledger
from feed.timelines.kinds import ALL, KINDS
from upscrolled import keys
from upscrolled.core.errors import NotFound

__all__ = ["ALL", "KINDS", "NotKept", "Row", "audited", "file", "frame", "listed", "pool", "why_unsigned"]

Row = FrozenPool


class NotKept(NotFound):
    """No pool with that digest is kept."""

    safe = "No pool with this digest is kept: pools are published for a day. The list of pools names those that are."


def listed(kind: str, *, below: int | None, limit: int) -> list[tuple[Statement, Row]]:
    """Return the newest pools of a kind, with what was signed of each."""
    return [(ledger.statement(row), row) for row in ledger.listed(kind, below=below, limit=limit)]


def pool(digest: str) -> Pool:
    """Return a pool that is kept. Raises NotKept."""
    found = ledger.pool_of(_bytes(digest))
    if found is None:
        raise NotKept
    return found


def file(digest: str) -> bytes:
    """Return a pool as a file, over which its digest is taken. Raises NotKept."""
    return pool(digest).to_bytes()


def frame(digest: str) -> bytes:
    """Return what was published of a pool: all of it, or what changed. Raises NotKept."""
    row = ledger.row_of(_bytes(digest))
    if row is None:
        raise NotKept
    return bytes(row.frame)


def why_unsigned(digest: bytes) -> str | None:
    """Say why a pool that is kept is not what the site signed, or None: it is. Raises NotKept."""
    row = ledger.row_of(digest)
    if row is None:
        raise NotKept
    said = ledger.statement(row)
    if said != Statement.of(row.pool, pool(digest.hex())):
        return "what is published of the pool is not what its rows say"
    if not keys.verify(row.key_id, said.text().encode(), bytes(row.signature)):
        return f"the pool's signature is not by key {row.key_id}"
    return None


def audited(kind: str, *, limit: int) -> Sequence[PoolAudit]:
    """Return what the last audits of a kind of pool found."""
    return audits.listed(kind, limit=limit)


def _bytes(digest: str) -> bytes:
    try:
        found = bytes.fromhex(digest)
    except ValueError:
        raise NotKept from None
    if len(found) != 32:
        raise NotKept
    return found
