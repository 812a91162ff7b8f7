#!/usr/bin/env python3
"""Is a pool of discover the one that was signed, and is a post missing from it? Nothing but Python itself is used.

    pools.py signed POOL LIST.json KEYS.json    the pool is what the site signed, and its cut and arc are as promised
    pools.py omitted POST_ID POOL               a post that had to be in the pool is in it
    pools.py next POOL FRAME NEXT_POOL          make the next pool of a pool and a published frame

POOL is what .../discover/pools/DIGEST answers, LIST what .../discover/pools answers, KEYS what .../upscrolled/keys
answers. Says `ok` (exit 0), or what is wrong (exit 1).
"""

import base64
import json
import struct
import sys
import zlib
from hashlib import sha256, sha512
from math import log

M = 2**64 - 1
HALF_LIFE, ORIGIN, POPULAR, FRESH, WINDOW, QUIET = (
    21600000,
    1735689600000,
    20000,
    2000,
    86400000,
    10,
)  # version 1
GRACE = 10_000  # milliseconds: an id is drawn when somebody writes, and is there when that is committed
# Ed25519 (RFC 8032): the field, the curve, and the base point.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, -1, P) % P


def need(fact, why):
    if not fact:
        sys.exit(why)


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & M
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & M
    return z ^ z >> 31


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point(y, odd):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    need(y < P and x * x % P == square, "the signature is wrong: it holds no point of the curve")
    x = x if x & 1 == odd else P - x
    return x, y, 1, x * y % P


def read_point(data):
    number = int.from_bytes(data, "little")
    return point(number & 2**255 - 1, number >> 255)


def is_signed(key, message, signature):
    r, s = read_point(signature[:32]), int.from_bytes(signature[32:], "little")
    h = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    (x1, y1, z1, _), (x2, y2, z2, _) = times(s, point(BASE_Y, 0)), add(r, times(h, read_point(key)))
    return s < L and (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


class Pool:
    def __init__(self, data):
        need(len(data) >= 44 and (len(data) - 44) % 37 == 0, "the pool file is cut off, or is no pool")
        self.digest, self.previous = sha256(data).hexdigest(), data[:32].hex()
        self.epoch, self.version = struct.unpack_from("<QI", data, 32)
        need(self.version == 1, f"the pool is of version {self.version}, unknown to this script")
        self.rows = {row[0]: row for row in struct.iter_unpack("<QQIIIdB", data[44:])}
        start = sha256(data[:32] + self.epoch.to_bytes(8, "big")).digest()
        self.start = int.from_bytes(start[:8], "big")
        popular, fresh = ([row for row in self.rows.values() if row[6] & part] for part in (1, 2))
        self.cut = min(row[5] for row in popular) if len(popular) == POPULAR else None
        self.reach = max(self.way_up(row[0]) for row in fresh) if len(fresh) == FRESH else M
        self.counts = f"posts {len(self.rows)} popular {len(popular)} fresh {len(fresh)}"

    def way_up(self, post):
        return (mix(post) - self.start) & M

    def statement(self, name):
        cut, end = "none" if self.cut is None else self.cut.hex(), (self.start + self.reach) & M
        return (
            f"upscrolled-pool-1\npool {name}\nepoch_ms {self.epoch}\nversion {self.version}\ndigest {self.digest}\n"
            f"previous {self.previous}\n{self.counts}\ncut {cut}\narc {self.start} {end}\n"
        )


def signed(pool, listed, keys):
    head = next((head for head in listed if head["digest"] == pool.digest), None)
    need(head, f"the list does not name pool {pool.digest}")
    key = next((key for key in keys if key["id"] == head["key"] and key["purpose"] == "pools"), None)
    need(key, f"there is no key {head['key']} for pools")
    due = pool.statement(head["pool"])
    for said, is_so in zip(head["statement"].split("\n"), due.split("\n"), strict=False):
        need(said == is_so, f"the statement says {said!r}, the pool {is_so!r}")
    made = base64.b64decode(key["public_key"]), due.encode(), base64.b64decode(head["signature"])
    need(is_signed(*made), f"the signature is not by key {head['key']}")


def omitted(post, pool):
    made, row = post >> 16, pool.rows.get(post)
    if made <= pool.epoch - GRACE and not row:  # what was younger may have been on its way
        base = (made - ORIGIN) / (HALF_LIFE / log(2))
        beaten = pool.cut is None or base > pool.cut
        need(not beaten, f"post {post} is missing: its base is at least {base!r}, the cut is {pool.cut!r}")
        on_arc = made >= pool.epoch - WINDOW and pool.way_up(post) <= pool.reach
        need(not on_arc, f"post {post} is missing, if it had at most {QUIET} tickets: it lies on the arc")


def follow(pool, frame):
    data = zlib.decompress(frame)
    kind, head, (count,) = data[:1], data[1:45], struct.unpack_from("<I", data, 45)
    gone = set(struct.unpack_from(f"<{count}I", data, 49))
    turned = data[49 + 4 * count :]
    n = len(turned) // 37
    old = [pool[at : at + 37] for at in range(44, len(pool), 37)] if kind == b"D" else []
    rows = {row[:8]: row for place, row in enumerate(old) if place not in gone}
    rows |= {row[:8]: row for row in (turned[at::n] for at in range(n))}
    return head + b"".join(sorted(rows.values(), key=lambda row: int.from_bytes(row[:8], "little")))


def read(path):
    with open(path, "rb") as file:
        return file.read()


if __name__ == "__main__":
    match sys.argv[1:]:
        case "signed", pool, listed, keys:
            signed(Pool(read(pool)), json.loads(read(listed)), json.loads(read(keys)))
        case "omitted", post, pool:
            omitted(int(post), Pool(read(pool)))
        case "next", pool, frame, path:
            with open(path, "wb") as out:
                out.write(follow(read(pool), read(frame)))
        case _:
            sys.exit(__doc__)
    print("ok")
