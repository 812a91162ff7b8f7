"""More is asked than the machine can do: what matters is answered, the rest is told when to come again."""

from __future__ import annotations

import csv
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_up import ROOT, Up
from tests.people import PASSWORD

pytestmark = [pytest.mark.journey, pytest.mark.long]


class UpBehindProxy(Up):
    """Believes the addresses that this machine names, so that newcomers come from all over the world.

    One process with one thread: whatever the machine is, the crowd (a process of its own) can ask more than that.
    """

    @property
    def environ(self) -> dict[str, str]:
        small = {"WEB_PROCESSES": "1", "WEB_THREADS": "1", "SHED_TARGET_MS": "50"}
        return super().environ | {"TRUSTED_PROXIES": "127.0.0.1"} | small


@pytest.fixture
def up() -> Iterator[UpBehindProxy]:
    data_dir = Path(tempfile.mkdtemp(prefix="upscrolled-surge-"))
    data_dir.chmod(0o711)
    up = UpBehindProxy(data_dir)
    yield up
    if up.process is not None and up.process.poll() is None:
        up.signal(signal.SIGTERM)
    shutil.rmtree(data_dir)


def ask(up: Up, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, dict[str, str], Any]:
    """One request from an address of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", up.port, timeout=60)
    headers = {
        "X-Forwarded-For": f"203.0.113.{time.monotonic_ns() % 250 + 1}",
        "Content-Type": "application/json",
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), json.loads(answer.read() or b"null")
    finally:
        connection.close()


def refused(rows: list[dict[str, str]], importance: str) -> float:
    """The share of a class that was refused, over the whole replay."""
    shed, answered = (sum(int(row[f"{what}_{importance}"]) for row in rows) for what in ("shed", "answered"))
    return shed / max(shed + answered, 1)


def test_past_capacity_trends_are_refused_home_and_sign_up_are_not_and_nothing_is_lost(
    up: UpBehindProxy,
) -> None:
    up.start()
    made = up.manage(
        "account", "create", "ann", "--email", "ann@example.org", "--password", PASSWORD, "--confirmed"
    )
    assert made.returncode == 0, made.stderr
    token = up.manage("account", "token", "ann").stdout.strip()
    out = up.data_dir / "surge"

    with open(up.data_dir / "said.txt", "wb") as said:
        surge = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "manage.py"),
                "surge",
                "--minutes",
                "0.4",
                "--out",
                str(out),
            ],
            env=up.environ,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    refusal = home = app = None
    try:
        while surge.poll() is None and not (refusal and home and app):
            time.sleep(0.2)
            status, headers, body = ask(up, "GET", "/api/v1/trends/statuses")
            if status != 503:
                continue
            refusal = (headers, body)
            # What matters: at once, or at the time that was named.
            home = home or ask(up, "GET", "/api/v1/timelines/home", token=token)[0] == 200
            form = {"client_name": "Sunbird", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
            app = app or ask(up, "POST", "/api/v1/apps", form)[0] == 200
        code = surge.wait(180)
    finally:
        if surge.poll() is None:
            surge.kill()
            surge.wait()

    text = (up.data_dir / "said.txt").read_text()
    assert refusal is not None, text
    assert 10 <= int(refusal[0]["retry-after"]) <= 30
    assert set(refusal[1]) == {"error"}
    assert (home, app) == (True, True), text
    assert code == 0, text
    checked = re.search(
        r"asked for again: (\d+) sign-ups, (\d+) posts, (\d+) likes, (\d+) follows. Lost: 0\.", text
    )
    assert checked is not None, text
    assert all(int(number) > 0 for number in checked.groups()), text
    assert "not as it should be: sign-up" not in text
    assert ask(up, "GET", "/health/ready")[2]["shedding"]["level"] == 0.0
    with open(out / "seconds.csv") as file:
        rows = list(csv.DictReader(file))
    assert refused(rows, "extra") > refused(rows, "core"), text
    assert sorted(os.listdir(out)) == [
        "seconds.csv",
        *(f"surge-{name}.svg" for name in ("latency", "queues", "shed", "throughput")),
    ]
    audit = up.manage("audit_counts")
    assert audit.returncode == 0, audit.stdout + audit.stderr
