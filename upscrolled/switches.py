"""The operator's switches: rows, read by every process within two seconds, so that no deploy is needed.

A process that asks for a value starts one thread which reads all rows every two seconds over a connection of
its own: no request pays a statement for it, and a page costs the same number of statements whatever is turned.
While the database does not answer, what was read last holds.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection

log = logging.getLogger(__name__)

SECONDS: Final = 2.0  # between two looks
_PATIENCE: Final = 2.0  # seconds the first caller of a process waits for the first look
_ALL = "SELECT name, value FROM upscrolled_switch"


@dataclass(frozen=True, slots=True)
class Declared:
    """A switch: the values it may have, the first of them its default unless a setting says otherwise.

    `public` ones are told to everybody (`/api/v1/upscrolled/features`). One with a `keeper` is turned by the command
    of that name alone, which does what belongs to it.
    """

    name: str
    choices: tuple[str, ...]
    sentence: str
    public: bool = False
    setting: str = ""
    keeper: str = ""

    @property
    def default(self) -> str:
        """Where it stands until somebody turns it."""
        value = getattr(settings, self.setting) if self.setting else ""
        return value if value in self.choices else self.choices[0]


DECLARED: Final = (
    Declared(
        "registrations",
        ("open", "approval", "invite", "closed"),
        "Who may sign up: everybody, whoever is let in, whoever was invited, nobody.",
        public=True,
        setting="REGISTRATIONS",
    ),
    Declared(
        "sign_up_defence",
        ("on", "off"),
        "Off takes sign-ups from everywhere: no limits, no rules for e-mail domains, nothing to solve (the demo).",
    ),
    Declared("transfers", ("on", "off"), "Import and export of people's data.", public=True),
    Declared(
        "discover",
        ("live", "last_pool"),
        "Whether discover freezes new pools, or goes on drawing from the last one.",
        public=True,
    ),
    Declared(
        "fan_out",
        ("everybody", "active"),
        "Whose home lists get new posts: all that stand, or those of people who were here within 7 days.",
    ),
    Declared(
        "previews",
        ("on", "off"),
        "Whether pages that posts link to are asked for a preview; cards that are there stay.",
        setting="LINK_PREVIEWS",
    ),
    Declared(
        "writes",
        ("on", "off"),
        "Off is read-only: writes and forms are answered by 503; signing in, revoking and reading go on.",
        public=True,
    ),
    Declared(
        "crisis",
        ("off", "on"),
        "Whether moderation is in crisis mode: a banner on every page, other rules that everybody can read.",
        public=True,
        keeper="crisis",
    ),
)
BY_NAME: Final = {declared.name: declared for declared in DECLARED}


def value(name: str) -> str:
    """Return where a switch stands, as this process knows it: at most two seconds late."""
    declared = BY_NAME[name]
    turned = _board.turned().get(name)
    return turned if turned in declared.choices else declared.default


def public() -> dict[str, str]:
    """Return where the switches stand that everybody may know of."""
    return {declared.name: value(declared.name) for declared in DECLARED if declared.public}


def read() -> dict[str, str]:
    """Read what was turned, over the caller's connection, and let this process go by it from now on."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL)
        turned = dict(cursor.fetchall())
    _board.learn(turned)
    return turned


def stand_still(turned: Mapping[str, str]) -> None:
    """Go by these values and look for no others until told so (tests, whose statements are counted)."""
    _board.stand_still(turned)


class _Board:
    """What this process knows. The thread that looks does not survive a fork, so it is started by whoever asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turned: Mapping[str, str] = {}
        self._process = 0  # whose thread looks; -1 when none shall
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def turned(self) -> Mapping[str, str]:
        if self._process not in (os.getpid(), -1):
            self._start()
        return self._turned

    def learn(self, turned: Mapping[str, str]) -> None:
        self._turned = turned

    def stand_still(self, turned: Mapping[str, str]) -> None:
        self._over.set()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join()
        self._turned, self._process = turned, -1

    def _start(self) -> None:
        with self._lock:
            if self._process != os.getpid():
                self._over, looked = threading.Event(), threading.Event()
                events = (self._over, looked)
                self._thread = threading.Thread(
                    target=self._look_on, args=events, name="switches", daemon=True
                )
                self._thread.start()
                looked.wait(_PATIENCE)
                self._process = os.getpid()

    def _look_on(self, over: threading.Event, looked: threading.Event) -> None:
        failed = False
        while not over.is_set():
            try:
                connection.close_if_unusable_or_obsolete()
                read()
                failed = False
            except DatabaseError as error:
                if not failed:
                    log.warning("Switches cannot be read; what was read last holds: %s", error)
                failed = True
                connection.close()
            looked.set()
            over.wait(SECONDS)
        connection.close()


_board: Final = _Board()
