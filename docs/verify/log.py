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
import urllib.request
from hashlib import sha256, sha512

# Ed25519 (RFC 8032): the field, the order, the curve, and the base point.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT, BASE_Y = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P), 4 * pow(5, -1, P) % P


def need(fact, why):
    if not fact:
        sys.exit(why)


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f, c, d = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P, 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        total = add(total, point) if number & 1 else total
        point, number = add(point, point), number >> 1
    return total


def point(data):
    number = int.from_bytes(data, "little")
    y, odd = number & 2**255 - 1, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    need(y < P and x * x % P == square, "the signature is wrong: it holds no point of the curve")
    x = x if x & 1 == odd else P - x
    return x, y, 1, x * y % P


def is_signed(key, message, signature):
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    h = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    base = point(BASE_Y.to_bytes(32, "little"))
    (x1, y1, z1, _), (x2, y2, z2, _) = times(s, base), add(r, times(h, point(key)))
    return s < L and (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


def checkpoint(note, key):
    """Return size and root of a checkpoint that the key signed."""
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")[:3]
    made = [
        base64.b64decode(line.rpartition(" ")[2])
        for line in signatures.splitlines()
        if f"— {origin} " in line
    ]
    for name, _, public in (line.split("+", 2) for line in key.split()):
        public = base64.b64decode(public)
        mine = sha256(name.encode() + b"\n" + public).digest()[:4]
        for signature in (one[4:] for one in made if name == origin and one[:4] == mine):
            need(
                is_signed(public[1:], f"{text}\n".encode(), signature), "the checkpoint's signature is wrong"
            )
            return int(size), base64.b64decode(root)
    sys.exit(f"nobody signed the checkpoint of {origin} with this key")


def node(left, right):
    return sha256(b"\x01" + left + right).digest()


def walk(place, last, old, new, proof):
    """Follow a proof upward (RFC 9162); `old` stays beside the way up of a shorter tree, `new` is the whole."""
    for sibling in proof:
        need(last, "the proof is too long")
        if place & 1 or place == last:
            old, new = node(sibling, old), node(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node(new, sibling)
        place, last = place >> 1, last >> 1
    need(last == 0, "the proof is too short")
    return old, new


def statement(told, key):
    log = told["log"]
    entry = json.loads(log["entry"])
    digest = sha256(bytes.fromhex(log["salt"]) + told["text"].encode()).hexdigest()
    need(digest == entry["digest"], "the statement's text is not the one of the log")
    need(log["index"] is not None, "the entry waits for its place in the log")
    size, root = checkpoint(log["checkpoint"], key)
    leaf = sha256(b"\x00" + log["entry"].encode()).digest()
    _, made = walk(log["index"], size - 1, leaf, leaf, map(bytes.fromhex, log["proof"]))
    need(log["index"] < size and made == root, "the proof does not lead to the root that was signed")


def consistency(old, new, proof, key):
    (m, before), (n, after) = checkpoint(old, key), checkpoint(new, key)
    proof = [bytes.fromhex(step) for step in proof["proof"]]
    need(0 < m <= n, "the older log is the longer one")
    if m == n:
        return need(before == after, "two logs of one size differ")
    steps = [before, *proof] if m & (m - 1) == 0 else proof
    need(steps, "the proof is empty")
    place, last = m - 1, n - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    need(walk(place, last, steps[0], steps[0], steps[1:]) == (before, after), "the log was rewritten")


def fetch(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def whole(url, key):
    size, root = checkpoint(fetch(f"{url}/checkpoint").decode(), key)
    stack, count = [], 0
    for first in range(0, size, 256):
        number, width = f"{first // 256:03}", min(256, size - first)
        while len(number) % 3:
            number = "0" + number
        parts = [number[n : n + 3] for n in range(0, len(number), 3)]
        path = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:]) + (
            "" if width == 256 else f".p/{width}"
        )
        data, at = fetch(f"{url}/tile/entries/{path}"), 0
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            stack.append((0, sha256(b"\x00" + data[at + 2 : end]).digest()))
            at, count = end, count + 1
            while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
                (level, right), (_, left) = stack.pop(), stack.pop()
                stack.append((level + 1, node(left, right)))
    made = stack.pop()[1] if stack else sha256(b"").digest()
    while stack:
        made = node(stack.pop()[1], made)
    need((count, made) == (size, root), "the entries are not those that were signed")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    match sys.argv[1:]:
        case "statement", told, key:
            statement(json.loads(read(told)), read(key))
        case "consistency", old, new, proof, key:
            consistency(read(old), read(new), json.loads(read(proof)), read(key))
        case "whole", url, key:
            whole(url, read(key))
        case _:
            sys.exit(__doc__)
    print("ok")
