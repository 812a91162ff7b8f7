#!/usr/bin/env python3
"""Draw a page of discover again, from its receipt and the public pool, with nothing but Python itself.

    discover.py RECEIPT.json POOL

RECEIPT is the answer with the page, or the `receipt` in it; POOL is what .../discover/pools/DIGEST answers. Says
`ok` (exit 0), or the first thing that differs and why (exit 1). pools.py beside it tells of the pool whether it is the
one that was signed, and whether a post is missing from it.
"""

import json
import struct
import sys
from hashlib import sha256
from itertools import zip_longest
from math import log

M = 2**64 - 1
V1 = json.loads("""{"w_like": 1, "w_comment": 2, "w_share": 3, "half_life_ms": 21600000, "origin_ms": 1735689600000,
  "temperature": 1.0, "pool_size": 20000, "fresh_size": 2000, "fresh_every": 5, "fresh_window_ms": 86400000,
  "fresh_max_tickets": 10, "page": 20, "author_cap": 2}""")
VERSIONS = {1: V1}
REASONS = {"own", "unavailable", "muted", "hidden", "filtered", "language", "sensitive", "followed", "seen"}
FACTS = ["author_id", "created_ms", "likes", "comments", "shares", "tickets", "lane", "base", "u", "score"]


def need(fact, why):
    if not fact:
        sys.exit(why)


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & M
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & M
    return z ^ z >> 31


def chance(seed, post):
    return ((mix(post ^ mix(seed)) >> 12) + 0.5) * 2.0**-52


class Pool:
    """The file: rows of id, author, likes, comments, shares, base, part."""

    def __init__(self, data):
        need(len(data) >= 44 and (len(data) - 44) % 37 == 0, "the pool file is cut off, or is no pool")
        self.digest = sha256(data).digest()
        self.epoch, self.version = struct.unpack_from("<QI", data, 32)
        need(self.version in VERSIONS, f"the pool is of version {self.version}, unknown to this script")
        self.w, self.rows = VERSIONS[self.version], list(struct.iter_unpack("<QQIIIdB", data[44:]))
        ids = [row[0] for row in self.rows]
        need(ids == sorted(set(ids)), "the pool's rows are not in order, or a post is in it twice")
        for post, _, *counts, base, _ in self.rows:
            decay = self.w["half_life_ms"] / log(2)
            due = log(self.tickets(*counts)) + ((post >> 16) - self.w["origin_ms"]) / decay
            close = abs(base - due) <= 1e-9
            need(close, f"post {post} in the pool: base {base!r}, but its counts give {due!r}")

    def tickets(self, likes, comments, shares):
        return 1 + self.w["w_like"] * likes + self.w["w_comment"] * comments + self.w["w_share"] * shares

    def lane(self, name, seed, gone):
        """A lane in the order of the draw: (score, id, u, row, lane)."""
        part, seed = (1, seed) if name == "popular" else (2, mix(seed))
        found = []
        for row in self.rows:
            if row[6] & part and row[0] not in gone:
                u = chance(seed, row[0])
                score = row[5] - self.w["temperature"] * log(-log(u)) if part == 1 else u
                found.append((score, row[0], u, row, name))
        return sorted(found, reverse=True)

    def page(self, wanted, nonce, gone):
        """The items of a page, and all of both lanes by lane and id."""
        start = sha256(b"upscrolled-discover-1" + self.digest + nonce.encode()).digest()[:8]
        seed, placed = int.from_bytes(start, "big"), set()
        lanes = [self.lane("popular", seed, gone), self.lane("fresh", seed, gone)]
        for page in range(wanted + 1):
            held, items = {}, []
            for slot in range(page * self.w["page"] + 1, (page + 1) * self.w["page"] + 1):
                own_first = lanes if slot % self.w["fresh_every"] else lanes[::-1]
                for item in (item for lane in own_first for item in lane):
                    author = item[3][1]
                    if item[1] not in placed and held.get(author, 0) < self.w["author_cap"]:
                        items.append(item)
                        placed.add(item[1])
                        held[author] = held.get(author, 0) + 1
                        break
        return items, {(item[4], item[1]): item for lane in lanes for item in lane}


def check(receipt, pool):
    w, removed = pool.w, receipt.get("removed", {})
    same = {"pool": pool.digest.hex(), "epoch_ms": pool.epoch, "version": pool.version}
    for name, due in same.items():
        need(receipt[name] == due, f"{name}: the receipt says {receipt[name]}, the pool file {due}")
    for name in sorted(w.keys() | receipt["constants"].keys()):
        said, due = receipt["constants"].get(name), w.get(name)
        need(said == due, f"constant {name}: the receipt says {said}, version {pool.version} has {due}")
    counts = {reason: len(ids) for reason, ids in removed.items()}
    need(counts == receipt["removed_counts"], "removed: the receipt counts other posts than it names")
    need(set(removed) <= REASONS, f"removed: there is no reason {sorted(set(removed) - REASONS)}")
    gone = {int(post) for ids in removed.values() for post in ids}
    due, known = pool.page(receipt["page"], receipt["nonce"], gone)
    first, seen = receipt["page"] * w["page"] + 1, set()
    for slot, (said, item) in enumerate(zip(receipt["items"], due, strict=False), first):
        post, drawn = int(said["id"]), item
        if post != item[1]:  # neighbours closer than a billionth may stand either way round
            item = known.get((said["lane"], post))
            near = item and item[4] == drawn[4] and abs(item[0] - drawn[0]) < 1e-9
            why = "taken out" if post in gone else "in this lane" if item else "not in this lane of the pool"
            told = f"slot {slot}: the receipt has post {post} ({why}), the draw gives {drawn[1]}"
            need(near and post not in seen, told)
        seen.add(post)
        score, _, u, (_, author, *counts, base, _), lane = item
        facts = str(author), post >> 16, *counts, pool.tickets(*counts), lane, base, u, score
        for name, fact in zip(FACTS, facts, strict=True):
            told = float.fromhex(said[name]) if name in ("base", "u") else said[name]
            same = abs(told - fact) < 1e-9 if name == "score" else told == fact
            need(same, f"slot {slot}: post {post}: the receipt says {name} {told}, the draw gives {fact}")
    told = f"page {receipt['page']}: the receipt has {len(receipt['items'])} posts, the draw gives {len(due)}"
    need(len(receipt["items"]) == len(due), told)


def compare(page):
    """The answer around a receipt shows the posts of the receipt, in their lanes, and no others."""
    shown = [f"{item['status']['id']} ({item['lane']})" for item in page["items"]]
    told = [f"{item['id']} ({item['lane']})" for item in page["receipt"]["items"]]
    first = page["receipt"]["page"] * page["receipt"]["constants"]["page"] + 1
    for slot, (post, due) in enumerate(zip_longest(shown, told, fillvalue="none"), first):
        need(post == due, f"slot {slot}: the page shows post {post}, its receipt has {due}")


if __name__ == "__main__":
    need(len(sys.argv) == 3, __doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        told = json.load(file)
    with open(sys.argv[2], "rb") as file:
        drawn_from = Pool(file.read())
    try:
        check(told.get("receipt", told), drawn_from)
        if "receipt" in told and "items" in told:
            compare(told)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        sys.exit(f"this is not a receipt: {error!r}")
    print("ok")
