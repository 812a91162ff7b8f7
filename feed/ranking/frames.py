"""Frames: pools as they are published one after the other, whole (a keyframe) or as what changed (a delta).

Two seconds change a few of twenty thousand posts, and the fresh part. So most frames hold the places of rows that
went and the rows that came or changed; whoever has the pool before makes the next one of it, and its digest says
whether that is right. A frame is zlib data:

    kind           one byte: K, or D
    head           44 bytes: previous digest, epoch, version, as every pool begins
    gone           u32, and so many u32: places of rows that went, in the pool before (0 in a keyframe)
    rows           the new rows, 37 bytes each, turned: first the first byte of every row, then the second, …

Turned rows pack to about half of what rows one after the other do.
"""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from feed.ranking.pool import HEAD, ROW, Pool

KEYFRAME, DELTA = b"K", b"D"
_U32: Final = np.dtype("<u4")
_QUICK, _SMALL = 1, 6


def keyframe(pool: Pool) -> bytes:
    """All of a pool."""
    data = pool.to_bytes()
    return zlib.compress(KEYFRAME + data[: HEAD.itemsize] + bytes(4) + _turned(_rows(data)), _QUICK)


def delta(before: Pool, after: Pool) -> bytes:
    """What has to be done to one pool to have the next. Raises ValueError if `after` follows another one."""
    if after.previous != before.digest:
        raise ValueError("a delta leads from a pool to its successor")
    old, new = _rows(before.to_bytes()), _rows(after.to_bytes())
    at = np.searchsorted(before.id, after.id)
    known = at < len(old)
    known[known] = before.id[at[known]] == after.id[known]
    same = known.copy()
    same[known] = (old[at[known]] == new[known]).all(axis=1)
    stays = np.zeros(len(old), np.bool_)
    stays[at[known]] = True
    gone = np.flatnonzero(~stays).astype(_U32)
    head = after.to_bytes()[: HEAD.itemsize]
    count = np.array([len(gone)], _U32).tobytes()
    return zlib.compress(DELTA + head + count + gone.tobytes() + _turned(new[~same]), _SMALL)


def unfold(frame: bytes, before: bytes = b"") -> bytes:
    """The bytes of the pool that a frame leads to, from those of the pool `before`, if it is a delta.

    Whether they are right is told by the digest, and by nothing else. Raises ValueError for what is no frame.
    """
    try:
        data = zlib.decompress(frame)
        kind, head, rest = data[:1], data[1 : 1 + HEAD.itemsize], data[1 + HEAD.itemsize :]
        count = int(np.frombuffer(rest, _U32, count=1)[0])
        gone = np.frombuffer(rest, _U32, count=count, offset=4)
        came = _unturned(rest[4 + gone.nbytes :])
    except (zlib.error, ValueError) as error:
        raise ValueError(f"this is no frame: {error}") from error
    if kind not in (KEYFRAME, DELTA) or len(head) != HEAD.itemsize:
        raise ValueError("this is no frame: it is neither a keyframe nor a delta")
    if kind == KEYFRAME:
        return head + came.tobytes()
    if len(before) < HEAD.itemsize or (len(gone) and int(gone.max()) >= len(_rows(before))):
        raise ValueError("a delta needs the pool that it follows")
    kept = np.delete(_rows(before), gone, axis=0)
    came_ids = _ids(came)
    kept = kept[~np.isin(_ids(kept), came_ids)]
    rows = np.concatenate([kept, came])
    return head + rows[np.argsort(_ids(rows), kind="stable")].tobytes()


def is_keyframe(frame: bytes) -> bool:
    """Whether a frame needs no pool before it."""
    return zlib.decompressobj().decompress(frame, 1) == KEYFRAME


def _rows(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8, offset=HEAD.itemsize).reshape(-1, ROW.itemsize)


def _turned(rows: NDArray[np.uint8]) -> bytes:
    return np.ascontiguousarray(rows.T).tobytes()


def _unturned(data: bytes) -> NDArray[np.uint8]:
    if len(data) % ROW.itemsize:
        raise ValueError("its rows are cut off")
    return np.ascontiguousarray(np.frombuffer(data, np.uint8).reshape(ROW.itemsize, -1).T)


def _ids(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(rows[:, :8]).view("<u8")[:, 0]
