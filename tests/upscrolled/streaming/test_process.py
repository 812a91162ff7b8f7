"""The streaming process as it is started: slow readers are sent away, and everybody is told when it stops."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.db import connection

from tests.people import make_account, token_of
from tests.waiting import PATIENCE, until
from tests.websocket import Closed, WebSocket
from upscrolled import streams
from upscrolled.dev.servers import free_port
from upscrolled.streaming.listener import QUEUE_BYTES
from upscrolled.streaming.server import Server

ROOT = Path(__file__).parents[3]


@pytest.fixture
def process(transactional_db: None) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The process on the servers of this test, and its port."""
    port = free_port()
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environ = os.environ | {
        "DATABASE_URL": database.geturl(),
        "VALKEY_URL": settings.VALKEY_URL,
        "CACHE_URL": settings.CACHE_URL,
        "SECRET_KEY": settings.SECRET_KEY,
    }
    command = [sys.executable, "-m", "upscrolled.streaming", "--port", str(port)]
    running = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        until(lambda: running.poll() is not None or _answers(port))
        assert running.poll() is None, "it ended at once"
        yield running, port
    finally:
        running.kill()
        running.wait(PATIENCE)


async def _asked_at_once(path: str) -> int:
    """The status with which a process answers nobody, before its hub has read anything."""
    said: list[Any] = []

    async def say(message: Any) -> None:
        said.append(message)

    async def nothing_more() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    server = Server()
    try:
        await server(scope, nothing_more, say)
    finally:
        await server.end(within=PATIENCE)
    return int(said[0]["status"])


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE).status_code == 200
    except requests.ConnectionError:
        return False


def _read_on(socket: WebSocket) -> None:
    while True:
        socket.message()


def test_who_comes_before_the_process_has_read_what_is_kept_waits_for_that_and_is_not_sent_away() -> None:
    assert asyncio.run(_asked_at_once("/api/v1/streaming/user")) == 401


def test_a_slow_reader_is_sent_away_the_others_hear_all_and_all_are_told_when_it_stops(process) -> None:
    running, port = process
    account = make_account("ann")
    token = token_of(account)
    slow = WebSocket(port, "?stream=messages", token=token, buffer=4_096)
    quick = WebSocket(port, "?stream=messages", token=token)
    with closing(slow), closing(quick):
        slow.settle()
        quick.settle()
        # More than the queue, the server's buffers and both sockets take together.
        count, text = 200, "x" * (QUEUE_BYTES // 100)
        for number in range(count):
            about = {"number": number, "text": text}
            streams.send([streams.Event(name="noise", on="messages", to=(account.id,), about=about)])
            assert json.loads(quick.message()["payload"])["number"] == number
        with pytest.raises(Closed) as closed:
            _read_on(slow)
        assert (closed.value.code, "Too slow" in str(closed.value)) == (1008, True)

        headers = {"Authorization": f"Bearer {token}"}
        stream = f"http://127.0.0.1:{port}/api/v1/streaming/messages"
        with requests.get(stream, headers=headers, stream=True, timeout=PATIENCE) as events:
            lines = events.iter_lines(chunk_size=1)
            assert next(lines) == b":)"
            running.send_signal(signal.SIGTERM)
            with pytest.raises(Closed) as stopped:
                quick.message()
            assert (stopped.value.code, "stops" in str(stopped.value)) == (1012, True)
            assert b"stops" in b"".join(lines)
        running.wait(PATIENCE)
