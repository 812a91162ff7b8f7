"""The receipt of a page: all that anyone needs, with the public pool, to draw it again (spec/discover.md)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from typing import Any, Final, Literal, get_args

import numpy as np

from feed.ranking import formula
from feed.ranking.draw import Item, Lane, Order, draw
from feed.ranking.formula import MASK64, VERSIONS, Weights
from feed.ranking.pool import Pool

NonceFrom = Literal["client", "platform", "public"]

# Libraries' logarithms differ in the last bits: closer than this is equal (spec/discover.md, "Score").
TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Receipt:
    """One page of one draw. `removed` holds the ids taken out by reason, `counts` how many they were.

    `removed` is for the viewer alone and None in the copy that anybody else gets (`for_others`).
    """

    weights: Weights
    epoch_ms: int
    digest: bytes
    nonce: str
    nonce_from: NonceFrom
    page: int
    counts: Mapping[str, int]
    removed: Mapping[str, tuple[int, ...]] | None
    items: tuple[Item, ...]

    def for_others(self) -> "Receipt":
        """The copy without the ids that were taken out: whom somebody blocks is nobody's business."""
        return replace(self, removed=None)

    def to_dict(self) -> dict[str, Any]:
        """The receipt for JSON: 64-bit values as decimal strings, base and u in C99 hexadecimal."""
        removed: dict[str, Any] = {}
        if self.removed is not None:
            removed["removed"] = {reason: [str(i) for i in ids] for reason, ids in self.removed.items()}
        return {
            "version": self.weights.version,
            "constants": self.weights.constants(),
            "epoch_ms": self.epoch_ms,
            "pool": self.digest.hex(),
            "nonce": self.nonce,
            "nonce_from": self.nonce_from,
            "page": self.page,
            "removed_counts": dict(self.counts),
            **removed,
            "items": [_item_to_dict(item) for item in self.items],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Receipt":
        """The receipt that `to_dict` wrote. Raises ValueError for anything else."""
        try:
            return cls(
                weights=Weights(version=int(data["version"]), **_numbers(data["constants"])),
                epoch_ms=int(data["epoch_ms"]),
                digest=bytes.fromhex(data["pool"]),
                nonce=str(data["nonce"]),
                nonce_from=_one_of(data["nonce_from"], get_args(NonceFrom)),
                page=_u64(data["page"]),
                counts={str(reason): int(n) for reason, n in data["removed_counts"].items()},
                removed=_removed_from_dict(data.get("removed")),
                items=tuple(_item_from_dict(item) for item in data["items"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ValueError(f"this is not a receipt: {error!r}") from error


def why_not_shown(answer: Mapping[str, Any]) -> str | None:
    """Say where an answer of discover shows another post, or another lane, than its receipt; None if nowhere.

    Raises ValueError for what is no such answer.
    """
    try:
        receipt = Receipt.from_dict(answer["receipt"])
        shown = [f"{_u64(item['status']['id'])} ({item['lane']})" for item in answer["items"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is not a page: {error!r}") from error
    told = [f"{item.id} ({item.lane})" for item in receipt.items]
    first = receipt.page * receipt.weights.page + 1
    for slot, (post, due) in enumerate(zip_longest(shown, told, fillvalue="none"), first):
        if post != due:
            return f"slot {slot}: the page shows post {post}, its receipt has {due}"
    return None


def receipt(order: Order, page: int, *, nonce_from: NonceFrom) -> Receipt:
    """The receipt of page `page` of a draw, for the viewer whose draw it is."""
    removed: dict[str, list[int]] = {}
    for post_id, reason in order.removed.items():
        removed.setdefault(reason, []).append(post_id)
    return Receipt(
        weights=order.weights,
        epoch_ms=order.pool.epoch_ms,
        digest=order.pool.digest,
        nonce=order.nonce,
        nonce_from=nonce_from,
        page=page,
        counts=dict(Counter(order.removed.values())),
        removed={reason: tuple(ids) for reason, ids in removed.items()},
        items=order.page(page),
    )


def replay(receipt: Receipt, pool: Pool) -> str | None:
    """Draw the page again and say the first difference in words, or None: the page is what it had to be."""
    return (
        _other_draw(receipt, pool)
        or _other_removals(receipt)
        or _wrong_base(pool, receipt.weights)
        or _other_page(receipt, pool)
    )


def _other_draw(receipt: Receipt, pool: Pool) -> str | None:
    w = receipt.weights
    if receipt.digest != pool.digest:
        return f"the receipt is about pool {receipt.digest.hex()}, this is pool {pool.digest.hex()}"
    if receipt.epoch_ms != pool.epoch_ms:
        return f"the receipt says epoch {receipt.epoch_ms}, the pool {pool.epoch_ms}"
    if w.version != pool.version:
        return f"the receipt says version {w.version}, the pool {pool.version}"
    if VERSIONS.get(w.version, w) != w:
        return f"the constants are not those of version {w.version}"
    return None


def _other_removals(receipt: Receipt) -> str | None:
    if receipt.removed is None:
        if any(receipt.counts.values()):
            return (
                "only the viewer's own copy can be replayed: this one does not say which posts were taken out"
            )
        return None
    if {reason: len(ids) for reason, ids in receipt.removed.items()} != dict(receipt.counts):
        return "the counts of the posts taken out are not those of the ids"
    return None


def _wrong_base(pool: Pool, w: Weights) -> str | None:
    n = (
        1.0
        + w.w_like * pool.likes.astype(np.float64)
        + w.w_comment * pool.comments.astype(np.float64)
        + w.w_share * pool.shares.astype(np.float64)
    )
    due = formula.base_all(n, (pool.id >> np.uint64(16)).astype(np.float64), w)
    wrong = np.flatnonzero(np.abs(pool.base - due) > TOLERANCE)
    if not len(wrong):
        return None
    first = wrong[0]
    return f"post {pool.id[first]} in the pool: base {pool.base[first]!s}, but its counts give {due[first]!s}"


def _other_page(receipt: Receipt, pool: Pool) -> str | None:
    reasons = {i: reason for reason, ids in (receipt.removed or {}).items() for i in ids}
    order = draw(pool, receipt.nonce, reasons, receipt.weights)
    due = order.page(receipt.page)
    first_slot = receipt.page * receipt.weights.page + 1
    for slot, (said, drawn) in enumerate(zip(receipt.items, due, strict=False), first_slot):
        difference = _other_item(said, drawn, order)
        if difference:
            return f"slot {slot}: {difference}"
    if len(receipt.items) != len(due):
        return f"page {receipt.page}: the receipt has {len(receipt.items)} posts, the draw gives {len(due)}"
    if len({item.id for item in receipt.items}) != len(receipt.items):
        return f"page {receipt.page}: a post stands on it twice"
    return None


def _other_item(said: Item, drawn: Item, order: Order) -> str | None:
    if said.id != drawn.id:
        # Neighbours this close may stand either way round; what the page says of the post must still be true.
        neighbour = order.item(said.id, said.lane)
        near = neighbour and said.lane == drawn.lane and abs(neighbour.score - drawn.score) < TOLERANCE
        if not neighbour or not near:
            return f"the receipt has post {said.id}, the draw gives {drawn.id}"
        drawn = neighbour
    for name, value in asdict(drawn).items():
        other = getattr(said, name)
        same = abs(other - value) < TOLERANCE if name == "score" else other == value
        if not same:
            return f"post {said.id}: the receipt says {name} {other}, the draw gives {value}"
    return None


def _item_to_dict(item: Item) -> dict[str, Any]:
    return asdict(item) | {
        "id": str(item.id),
        "author_id": str(item.author_id),
        "base": item.base.hex(),
        "u": item.u.hex(),
    }


def _item_from_dict(data: Mapping[str, Any]) -> Item:
    numbers = {name: _u64(data[name]) for name in _WHOLE}
    lane: Lane = _one_of(data["lane"], get_args(Lane))
    return Item(
        **numbers,
        base=float.fromhex(data["base"]),
        lane=lane,
        u=float.fromhex(data["u"]),
        score=float(data["score"]),
    )


_WHOLE: Final = ("id", "author_id", "created_ms", "likes", "comments", "shares", "tickets")


def _removed_from_dict(data: Mapping[str, Any] | None) -> dict[str, tuple[int, ...]] | None:
    if data is None:
        return None
    return {str(reason): tuple(_u64(i) for i in ids) for reason, ids in data.items()}


def _numbers(data: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, value in data.items():
        if type(value) not in (int, float):
            raise ValueError(f"{name} must be a number")
    return data


def _u64(value: Any) -> int:
    number = int(value)
    if not 0 <= number <= MASK64:
        raise ValueError(f"{number} is no unsigned 64-bit number")
    return number


def _one_of(value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    return value
