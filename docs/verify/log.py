#!/usr/bin/env python3
"""Is a statement of reasons in the public log, and is the log what was signed? Nothing but Python itself is used.

    log.py statement STATEMENT.json KEY    what .../upscrolled/statements/ID answers: its text, its place, its proof
    log.py consistency OLD NEW PROOF.json KEY    the log of checkpoint OLD is the beginning of the log of NEW
    log.py whole URL KEY    fetch every entry below URL (https://.../log) and make the root again

KEY is a file with what .../log/key answers. Says `ok` (exit 0), or what is wrong (exit 1).
"""

import base64
import json
import sys
from functools import reduce
from hashlib import sha256, sha512
from pathlib import Path
from urllib.request import urlopen

# Ed25519 (RFC 8032): the field, the order, the curve.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def need(fact, why):
    if not fact:
        sys.exit(why)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def times(number, point):
    total = (0, 1)
    for bit in f"{number:b}":
        total = add(add(total, total), point if bit == "1" else (0, 1))
    return total


def point(data):
    y = (number := int.from_bytes(data, "little")) % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    need(y < P and x * x % P == square, "the signature is wrong: it holds no point of the curve")
    return x if x % 2 == number >> 255 else P - x, y


def is_signed(key, message, signature):
    s, base = int.from_bytes(signature[32:], "little"), point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    h = int.from_bytes(sha512(signature[:32] + key + message.encode()).digest(), "little") % L
    return s < L and times(s, base) == add(point(signature[:32]), times(h, point(key)))


def checkpoint(note, key):
    """Return size and root of a checkpoint that the key signed."""
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")[:3]
    for name, _, public in (line.split("+", 2) for line in key.split()):
        public = base64.b64decode(public)
        mark = sha256(name.encode() + b"\n" + public).digest()[:4]
        for line in signatures.splitlines():
            made = base64.b64decode(line.rpartition(" ")[2])
            if name == origin and line.startswith(f"— {origin} ") and made[:4] == mark:
                need(is_signed(public[1:], f"{text}\n", made[4:]), "the checkpoint's signature is wrong")
                return int(size), base64.b64decode(root)
    sys.exit(f"nobody signed the checkpoint of {origin} with this key")


def node(left, right):
    return sha256(b"\x01" + left + right).digest()


def walk(place, last, old, new, proof):
    """Follow a proof upward (RFC 9162); `old` stays beside the way up of a shorter tree, `new` is the whole."""
    for sibling in proof:
        need(last, "the proof is too long")
        is_right = place & 1 or place == last
        old = node(sibling, old) if is_right else old
        new = node(sibling, new) if is_right else node(new, sibling)
        up = (place & -place).bit_length() if is_right else 1  # past levels on which it has no sibling
        place, last = place >> up, last >> up
    need(last == 0, "the proof is too short")
    return old, new


def statement(answer, key):
    log = (told := json.loads(answer))["log"]
    digest = sha256(bytes.fromhex(log["salt"]) + told["text"].encode()).hexdigest()
    need(digest == json.loads(log["entry"])["digest"], "the statement's text is not the one of the log")
    need(log["index"] is not None, "the entry waits for its place in the log")
    size, root = checkpoint(log["checkpoint"], key)
    leaf = sha256(b"\x00" + log["entry"].encode()).digest()
    _, made = walk(log["index"], size - 1, leaf, leaf, map(bytes.fromhex, log["proof"]))
    need(log["index"] < size and made == root, "the proof does not lead to the root that was signed")


def consistency(old, new, answer, key):
    (m, before), (n, after) = checkpoint(old, key), checkpoint(new, key)
    need(0 < m < n or (m, before) == (n, after), "the older log is no beginning of the newer")
    # The last full tree in the older log is all of it, or the first step.
    level = (m & -m).bit_length() - 1
    steps = [bytes.fromhex(step) for step in json.loads(answer)["proof"]]
    top, *steps = steps if steps and m != 1 << level else [before, *steps]
    made = walk(m - 1 >> level, n - 1 >> level, top, top, steps) if m < n else (before, after)
    need(made == (before, after), "the log was rewritten")


def whole(url, key):
    size, root = checkpoint(urlopen(f"{url}/checkpoint", timeout=30).read().decode(), key)
    stack, count = [], 0
    for first in range(0, size, 256):
        *thousands, last = (part.zfill(3) for part in f"{first // 256:,}".split(","))
        path = "/".join(["tile/entries", *(f"x{part}" for part in thousands), last])
        path += f".p/{size - first}" if size - first < 256 else ""
        data = urlopen(f"{url}/{path}", timeout=30).read()
        while data:
            end = 2 + int.from_bytes(data[:2], "big")
            level, top = 0, sha256(b"\x00" + data[2:end]).digest()
            data, count = data[end:], count + 1
            while stack and stack[-1][0] == level:
                level, top = level + 1, node(stack.pop()[1], top)
            stack.append((level, top))
    tops = [top for _, top in reversed(stack)] or [sha256(b"").digest()]
    made = reduce(lambda right, left: node(left, right), tops)
    need((count, made) == (size, root), "the entries are not those that were signed")


if __name__ == "__main__":
    kinds = {("statement", 2): statement, ("consistency", 4): consistency, ("whole", 2): whole}
    asked = "".join(sys.argv[1:2]), len(sys.argv[2:])
    need(asked in kinds, __doc__)
    kinds[asked](*(one if "://" in one else Path(one).read_text("utf-8") for one in sys.argv[2:]))
    print("ok")
