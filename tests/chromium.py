"""A real Chromium without a window, over the pipe of its debugging protocol: no driver, no library, no port.

Messages of the Chrome DevTools Protocol are JSON, each ended by a NUL, on two file descriptors of the browser.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.waiting import PATIENCE

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_KEYS = {"Enter": 13, "Escape": 27, "Tab": 9}


def installed() -> str | None:
    """The browser of this machine, or None. CHROMIUM names another one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


class Chromium:
    """The browser; `tab` opens a page with cookies, a language and a size of its own."""

    def __init__(self, program: str, home: Path) -> None:
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        self._number, self._events, self._rest = 0, [], b""
        flags = (
            "--headless=new",
            "--no-sandbox",  # tests may run as root, where Chromium has no sandbox
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--force-color-profile=srgb",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
            f"--user-data-dir={home}",
        )

        def wire() -> None:
            # Out of the way first, for either pipe may have got the number of the other's place.
            aside = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (to_read, to_write)]
            os.dup2(aside[0], 3)
            os.dup2(aside[1], 4)

        self.process = subprocess.Popen(
            [program, *flags],
            env=os.environ | {"HOME": str(home)},
            preexec_fn=wire,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)

    def call(self, method: str, session: str | None = None, **params: Any) -> Any:
        """Call a method of the protocol and return its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while True:
            told = self._read(until)
            if told.get("id") == self._number:
                assert "error" not in told, (method, told)
                return told["result"]

    def _read(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            piece = os.read(self._from, 1 << 20)
            assert piece, "the browser has gone"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told

    def tab(self, *, width: int = 1280, height: int = 900, language: str = "en", phone: bool = False) -> Tab:
        """Open a page of its own, which shares nothing with the others."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        tab.call("Page.enable")
        tab.call("Network.enable")
        tab.speaks(language)
        tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        return tab

    def close(self) -> None:
        """End the browser."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        os.close(self._to)
        os.close(self._from)


class Tab:
    """A page, a keyboard and a pair of eyes."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self.browser, self.session = browser, session

    def call(self, method: str, **params: Any) -> Any:
        """Call a method of the protocol for this page."""
        return self.browser.call(method, self.session, **params)

    def cookie(self, name: str, value: str, url: str) -> None:
        """Hold a cookie for that site."""
        self.call("Network.setCookie", name=name, value=value, url=url)

    def speaks(self, language: str) -> None:
        """Ask for pages in that language from now on."""
        self.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})

    def open(self, address: str) -> None:
        """Go to an address and wait until it is there."""
        self.call("Page.navigate", url=address)
        self.until(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(address)})")

    def ask(self, script: str) -> Any:
        """What a script answers on the page."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, (script, told["exceptionDetails"])
        return told["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until a script answers truthfully, also across a change of pages."""
        until = time.monotonic() + PATIENCE
        while True:
            told = self.call("Runtime.evaluate", expression=f"Boolean({script})", returnByValue=True)
            if told["result"].get("value") is True:
                return
            assert time.monotonic() < until, (
                script,
                self.ask("location.href + ' ' + document.body.innerText"),
            )
            select.select([], [], [], 0.02)

    def press(self, *keys: str, ctrl: bool = False) -> None:
        """Press keys, one after the other."""
        for key in keys:
            facts: dict[str, Any] = {"key": key, "modifiers": 2 if ctrl else 0}
            if key in _KEYS:
                facts |= {"windowsVirtualKeyCode": _KEYS[key], "code": key}
            elif not ctrl:
                facts["text"] = key
            self.call("Input.dispatchKeyEvent", type="keyDown", **facts)
            self.call("Input.dispatchKeyEvent", type="keyUp", **{**facts, "text": ""})

    def write(self, text: str) -> None:
        """Write a text where the cursor is."""
        self.call("Input.insertText", text=text)

    def picture(self, path: Path) -> bytes:
        """Take a picture of what is seen, as WebP."""
        taken = self.call("Page.captureScreenshot", format="webp", quality=70)
        content = b64decode(taken["data"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return content


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A browser for the length of a test."""
    program = installed()
    assert program is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        browser = Chromium(program, Path(home))
        try:
            yield browser
        finally:
            browser.close()
