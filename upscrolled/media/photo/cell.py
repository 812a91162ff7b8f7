"""The child, and the process that it is forked from. Started by workshop.py alone.

Starting Python and loading Pillow costs as much as reading a photo. So one process does that once, shuts the doors
behind itself, and waits; for each picture it forks a child, which has limits of its own, reads one file, answers and
ends. The waiting process never looks at a file, so that the next child is as clean as the first.

It is told what to do through a socket, one line of JSON with the descriptors beside it, and answers with a line.
When the socket closes, its parent is gone, however that came: it ends, and the child with it.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import socket
import time
from typing import Any

from upscrolled.media import walls
from upscrolled.media.photo import drawing
from upscrolled.media.photo.kinds import FORMATS
from upscrolled.media.photo.limits import Limits
from upscrolled.media.refusals import Reason, Refused

LINE_MAX = 65_536
CONTROL = 3
SOURCE, LARGE, SMALL, SEEN, ANSWER = range(10, 15)  # descriptors in the child
_DESCRIPTORS_MAX = 32


def main(control: int) -> None:
    """Load, shut the doors, say which of them stand, and wait for work until the socket closes."""
    if control != CONTROL:
        os.dup2(control, CONTROL, inheritable=False)
        os.close(control)
    drawing.prepare()
    gc.collect()
    gc.freeze()  # what is loaded stays shared between this process and its children
    stand = _walls() if walls.exist() else []
    with socket.socket(fileno=CONTROL) as parent:
        parent.sendall(json.dumps({"walls": stand}).encode() + b"\n")
        while (order := _order(parent)) is not None:
            told, descriptors = order
            ended = _watched(parent, told, descriptors)
            parent.sendall(json.dumps(ended).encode() + b"\n")


def _walls() -> list[str]:
    """Those that hold for this process and all its children."""
    stand = ["network"] if walls.no_network() else []
    if walls.no_rights():
        stand.append("rights")
        if walls.only_these_files([]):
            stand.append("files")
    return stand


def _order(parent: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    line, descriptors = b"", list[int]()
    while not line.endswith(b"\n"):
        part, more, _, _ = socket.recv_fds(parent, LINE_MAX, 8)
        if not part:
            return None
        line, descriptors = line + part, descriptors + list(more)
    return json.loads(line), descriptors


def _watched(parent: socket.socket, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    """Let a child do it; return how it ended and what it said. Ends with the parent, and with too much time."""
    here, there = os.pipe()
    me = os.getpid()
    if (child := os.fork()) == 0:
        _child(me, order, descriptors, there)
    for each in (*descriptors, there):
        os.close(each)
    said, late = bytearray(), False
    until = time.monotonic() + order["limits"]["seconds"]
    while True:
        waited = [here, parent.fileno()]
        ready, _, _ = select.select(waited, [], [], max(0.0, until - time.monotonic()))
        if parent.fileno() in ready:  # nothing is sent meanwhile: it closed
            os.kill(child, signal.SIGKILL)
            os._exit(1)
        if not ready:
            late = True
            os.kill(child, signal.SIGKILL)
            break
        if not (part := os.read(here, LINE_MAX)):
            break
        said += part[: LINE_MAX - len(said)]
    _, status, used = os.wait4(child, 0)
    os.close(here)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "late": late,
        "answer": said.decode(errors="replace"),
        "seconds": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss,
    }


def _child(parent: int, order: dict[str, Any], descriptors: list[int], answer: int) -> None:
    """Do one thing and end; never return to what called it."""
    try:
        stand = _arrange(parent, order, descriptors, answer)
        said = _done(order) | {"walls": stand}
    except BaseException as error:  # what decoders trip over are refusals: the machine is what is wrong
        said = {"broken": f"{type(error).__name__}: {error}"}
    try:
        os.write(ANSWER, json.dumps(said).encode())
    finally:
        os._exit(0)


def _arrange(parent: int, order: dict[str, Any], descriptors: list[int], answer: int) -> list[str]:
    high = [os.dup2(each, 100 + place) for place, each in enumerate((*descriptors, answer))]
    places = (*range(SOURCE, SOURCE + len(descriptors)), ANSWER)
    for each, place in zip(high, places, strict=True):
        os.dup2(each, place)
    os.closerange(0, SOURCE)
    os.closerange(SOURCE + len(descriptors), ANSWER)
    os.closerange(ANSWER + 1, 1024)
    limits = order["limits"]
    walls.limit(
        (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_AS, limits["memory"]),
            (resource.RLIMIT_CPU, limits["cpu_seconds"]),
            (resource.RLIMIT_FSIZE, 4 * limits["bytes_max"]),
            (resource.RLIMIT_NOFILE, _DESCRIPTORS_MAX),
        )
    )
    os.nice(limits["nice"])
    if not walls.exist():
        return []
    stand = ["death"] if walls.end_with(parent) else []
    if walls.no_calls(loaded=True):
        stand.append("sockets")
    return stand


def _done(order: dict[str, Any]) -> dict[str, Any]:
    limits, format = Limits(**order["limits"]), FORMATS[order["format"]]
    try:
        if order["task"] == "look":
            return {"made": drawing.look(SOURCE, format, limits)}
        into = LARGE, SMALL, SEEN
        return {"made": drawing.make(SOURCE, format, limits, into=into, side=order["side"])}
    except Refused as refused:
        return {"refused": [refused.reason, refused.sentence]}
    except MemoryError:
        return {
            "refused": [
                Reason.COST,
                f"This takes more than {limits.memory >> 20} MB of memory to read; that is the limit",
            ]
        }
