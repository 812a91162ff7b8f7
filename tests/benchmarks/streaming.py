"""Measure streaming: `python -m tests.benchmarks.streaming`.

2,000 people listen on one streaming process, 1,000 of them follow one author. How much memory the process takes, how
long after a post's answer its last follower has it, whether anybody lacks one, and what it costs. Exits with 1 if a
figure misses its bound. Listeners run on the same machine and take their part of it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import cpu
from tests.benchmarks.stack import Stack
from upscrolled.dev.guard import members

LISTENERS, FOLLOWERS, POSTS, LIKES = 2_000, 1_000, 10, 10_000
MEGABYTES, SECONDS, MILLISECONDS = 300.0, 2.0, 1.0

# Everything at once, in the platform's own shell: accounts, follows, and a token each.
_MAKE = """
import json, sys
from datetime import UTC, datetime
from tests.people import crowd, make_account, token_of
from upscrolled.models import Follow
now = datetime.now(UTC)
author = make_account("author", now=now)
people = crowd({listeners}, like=author)
Follow.objects.bulk_create(
    Follow(account=who, target=author, created_at=now) for who in people[:{followers}])
print("TOKENS", json.dumps([token_of(author), *(token_of(who) for who in people)]))
"""
# Everybody likes one post, and what is owed for it is told; pushes are owed too, and not sent.
_VIRAL = """
import json, time
from datetime import UTC, datetime
from oauth2_provider.models import AccessToken
from tests.people import crowd, publish, make_account
from tests.upscrolled.push.phone import Phone
from upscrolled import tasks
from upscrolled.core import valkey
from upscrolled.push import ledger, request
from upscrolled.models import Account, PushDelivery
from upscrolled.operations import push
from upscrolled.operations.notify import notify
now = datetime.now(UTC)
author = Account.objects.get(username="author")
keys = Phone().form()["subscription"]
phone = push.Phone(keys["endpoint"], keys["keys"]["p256dh"], keys["keys"]["auth"], True)
token = AccessToken.objects.filter(user_id=author.id).latest("id")
push.subscribe(phone, push.Wishes(["like"]), account=author, token_id=token.id, now=now)
post = publish(author, "Viral", now=now)
tasks.tell_owed()
people = list(Account.objects.filter(username__startswith="crowd").values_list("id", flat=True))
for n in range({likes}):
    notify(author.id, "like", actor_id=people[n % len(people)], subject_id=post + n // len(people), now=now)
def load():
    said = valkey.data().info()
    spent = said["used_cpu_user"] + said["used_cpu_sys"]
    return said["total_commands_processed"], said["total_net_input_bytes"], spent, said["used_memory"]
before, begun = load(), time.perf_counter()
told = tasks.tell_owed()
took = time.perf_counter() - begun
commands, came, spent, memory = (after - was for after, was in zip(load(), before))
owed = ledger.take(500, now=datetime.now(UTC))
cpu = time.process_time()
for one in owed:
    request.of(one, b"x" * 400, urgency="normal", now=now)
sealing = (time.process_time() - cpu) / len(owed)
print("TOLD", json.dumps([told, took, PushDelivery.objects.count(), commands, came, spent, memory, sealing]))
"""


class Listener:
    """A WebSocket that counts the posts that it is told of."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}

    async def open(self, port: int, token: str) -> None:
        """Connect, and listen to one's home."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        self._writer.write(
            f"GET /api/v1/streaming?stream=user&access_token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise SystemExit(f"The streaming process refuses: {head.decode()}")

    async def run(self) -> None:
        """Note when each post came."""
        while True:
            _, length = await self._reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack(">H", await self._reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", await self._reader.readexactly(8))
            text = await self._reader.readexactly(length)
            came = time.perf_counter()
            message: dict[str, Any] = json.loads(text)
            if message["event"] == "update":
                self.told[json.loads(message["payload"])["id"]] = came


def main() -> None:
    """Run it all, print the figures."""
    with Stack() as stack:
        code = _MAKE.format(listeners=LISTENERS, followers=FOLLOWERS)
        said = stack.manage("shell", "-c", code)
        tokens = json.loads(said.rpartition("TOKENS ")[2])
        port = int(stack.environ["STREAMING_PORT"])
        empty = _megabytes(stack)
        lags, lost, full, spent = asyncio.run(_listen(stack, port, tokens))
        with stack.worker_paused():
            viral = json.loads(stack.manage("shell", "-c", _VIRAL.format(likes=LIKES)).rpartition("TOLD ")[2])
    told, took, pushes, commands, came, spent_there, memory, sealing = viral
    each = took / told * 1_000
    print(
        f"{told} notifications of one viral post, {pushes} pushes owed: {each:.2f} ms each in the worker; "
        f"sealing and signing a push: {sealing * 1_000:.2f} ms of CPU"
    )
    print(
        f"Valkey for each like that is told: {commands / told:.2f} commands, {came / told:.0f} bytes in, "
        f"{memory / told:.0f} bytes kept, {spent_there / told * 1e6:.1f} us of CPU"
    )
    print(f"streaming process: {empty:.0f} MB with nobody, {full:.0f} MB with {LISTENERS:,} WebSockets")
    print(
        f"a post to {FOLLOWERS:,} listening followers: the last has it {median(lags):.2f} s after the answer "
        f"(median of {POSTS}), {max(lags):.2f} s at worst; {lost} of {FOLLOWERS * POSTS:,} lost"
    )
    print(f"CPU of the streaming process for a post: {spent * 1_000:.0f} ms")
    sys.exit(full > MEGABYTES or max(lags) > SECONDS or lost > 0 or each > MILLISECONDS)


async def _listen(stack: Stack, port: int, tokens: list[str]) -> tuple[list[float], int, float, float]:
    listeners = [Listener() for _ in range(LISTENERS)]
    for start in range(0, LISTENERS, 100):
        part = zip(listeners[start : start + 100], tokens[1 + start :], strict=False)
        await asyncio.gather(*(listener.open(port, token) for listener, token in part))
    running = [asyncio.create_task(listener.run()) for listener in listeners]
    await asyncio.sleep(2)
    lags, lost = [], 0
    before = stack.cpu()
    for number in range(POSTS):
        post_id = await asyncio.to_thread(_post, stack.port, tokens[0], number)
        answered = time.perf_counter()
        followers = listeners[:FOLLOWERS]
        while time.perf_counter() < answered + 10 and any(post_id not in one.told for one in followers):
            await asyncio.sleep(0.02)
        came = [one.told[post_id] for one in followers if post_id in one.told]
        lost += FOLLOWERS - len(came)
        lags.append(max(came) - answered if came else 10.0)
        await asyncio.sleep(0.5)
    spent = cpu.spent(before, stack.cpu())["streaming"] / POSTS
    full = _megabytes(stack)
    for task in running:
        task.cancel()
    return lags, lost, full, spent


def _post(port: int, token: str, number: int) -> str:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/statuses",
        data=json.dumps({"status": f"Post {number} for whoever listens"}).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(json.load(answer)["id"])


def _megabytes(stack: Stack) -> float:
    """What the streaming process and its parent have in memory, pages that they share counted once."""
    kilobytes = 0
    for pid in members(stack.pids["streaming"]):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1_024


if __name__ == "__main__":
    main()
