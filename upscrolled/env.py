"""Every environment variable the product reads: its name, its default and one sentence.

`docs/config.md` is made from this table and a test holds the two together. Nothing else in the
project reads `os.environ` for settings.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class BadSetting(ValueError):
    """An environment variable holds a value that its type does not allow."""


@dataclass(frozen=True, slots=True)
class Var:
    """One variable: `kind` is str, int, bool, list or path; `secret` ones are never printed."""

    name: str
    kind: str
    default: str
    sentence: str
    secret: bool = False


VARS: tuple[Var, ...] = (
    Var("HOST", "str", "127.0.0.1", "Address on which web and streaming listen."),
    Var("PORT", "int", "8000", "Port of the web process (REST API, pages, admin)."),
    Var("STREAMING_PORT", "int", "8001", "Port of the streaming process."),
    Var(
        "DATA_DIR",
        "path",
        "./var",
        "Where the embedded servers, the generated secret and local media keep their files.",
    ),
    Var("PUBLIC_URL", "str", "", "Address people use, without a slash at the end; empty: http://HOST:PORT."),
    Var("STREAMING_URL", "str", "", "Streaming address told to clients; empty: ws://HOST:STREAMING_PORT."),
    Var("SITE_NAME", "str", "UpScrolled", "Name of the site in pages, mails and the instance entity."),
    Var("CONTACT_EMAIL", "str", "hello@upscrolled.example", "Address shown as the site's contact."),
    Var("SECRET_KEY", "str", "", "Django's secret; empty: made once and kept in DATA_DIR.", secret=True),
    Var("DEBUG", "bool", "false", "Django's debug pages. Never in production."),
    Var("ALLOWED_HOSTS", "list", "*", "Host names that requests may name."),
    Var(
        "TRUSTED_PROXIES",
        "list",
        "",
        "Addresses or networks whose X-Forwarded-For and -Proto headers are believed.",
    ),
    Var("DATABASE_URL", "str", "", "postgresql://… in place of the embedded PostgreSQL.", secret=True),
    Var("VALKEY_URL", "str", "", "redis://… of the instance that must not evict (queues).", secret=True),
    Var("CACHE_URL", "str", "", "redis://… of the instance that may evict (timelines, limits).", secret=True),
    Var("WEB_PROCESSES", "int", "2", "Web worker processes."),
    Var("WEB_THREADS", "int", "2", "Threads of each web worker process."),
    Var("WORKER_CONCURRENCY", "int", "3", "Processes of the Celery worker."),
    Var("EMAIL_URL", "str", "console:", "console: or smtp://user:password@host:port?tls=1.", secret=True),
    Var("EMAIL_FROM", "str", "UpScrolled <noreply@upscrolled.example>", "Sender of the mails."),
    Var("REGISTRATIONS", "str", "open", "open or closed."),
    Var("POST_MAX_CHARACTERS", "int", "500", "Longest post, counted as people count characters."),
    Var("RATE_LIMITS", "bool", "true", "Whether the published rate limits are applied."),
    Var("DISCOVER_EPOCH_MS", "int", "2000", "Milliseconds between two discover pools."),
    Var("SOURCE_URL", "str", "", "Where this site's source code is offered (AGPL); empty: PUBLIC_URL/about."),
    Var("LOG_LEVEL", "str", "INFO", "Level of the logs: DEBUG, INFO, WARNING or ERROR."),
    Var("CACHE_MEMORY_MB", "int", "256", "Memory of the embedded cache Valkey, in megabytes."),
)

_TABLE = {var.name: var for var in VARS}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def read(name: str, environ: Mapping[str, str] = os.environ) -> Any:
    """Return the typed value of a variable of the table. Raises BadSetting with name and value."""
    var = _TABLE[name]
    text = environ.get(name, var.default)
    if var.kind == "int":
        try:
            return int(text)
        except ValueError:
            raise BadSetting(f"{name} must be a whole number, not {text!r}.") from None
    if var.kind == "bool":
        lowered = text.strip().lower()
        if lowered not in _TRUE | _FALSE:
            raise BadSetting(f"{name} must be true or false, not {text!r}.")
        return lowered in _TRUE
    if var.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if var.kind == "path":
        return Path(text).expanduser().resolve()
    return text


def page() -> str:
    """Return docs/config.md: the table for people."""
    rows = [
        f"| `{var.name}` | {var.kind} | {f'`{var.default}`' if var.default else ''} | {var.sentence} |"
        for var in VARS
    ]
    return "\n".join([_HEAD, *rows, ""])


_HEAD = """# Settings

Everything is set by environment variables; nothing else is read. This page is made from `upscrolled/env.py`
(`python -m upscrolled.env > docs/config.md`), and a test fails when the two differ.

| variable | kind | default | what it does |
|---|---|---|---|"""

if __name__ == "__main__":
    print(page(), end="")
