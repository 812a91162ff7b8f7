"""Every environment variable the product reads: its name, its default and one sentence.

`docs/config.md` is made from this table and a test holds the two together. Nothing else in the
project reads `os.environ` for settings.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class BadSetting(ValueError):
    """An environment variable holds a value that its type does not allow."""


@dataclass(frozen=True, slots=True)
class Var:
    """One variable: `kind` is str, int, bool, list, ports, ages, path or url; `secret` ones are never printed.

    `least` and `most` are the bounds of a number; none may be negative. `choices` are all that a text may be.
    """

    name: str
    kind: str
    default: str
    sentence: str
    secret: bool = False
    least: int = 0
    most: int | None = None
    choices: tuple[str, ...] = ()


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
    Var("PUBLIC_URL", "url", "", "Address people use, without a slash at the end; empty: http://HOST:PORT."),
    Var("STREAMING_URL", "str", "", "Streaming address told to clients; empty: ws://HOST:STREAMING_PORT."),
    Var(
        "APNS_KEY",
        "str",
        "",
        "File of the key (.p8) with which Apple's push service lets us in; empty: no APNs.",
    ),
    Var("APNS_KEY_ID", "str", "", "Id of that key."),
    Var("APNS_TEAM_ID", "str", "", "Id of the team that the key belongs to."),
    Var("APNS_TOPIC", "str", "", "The application that is pushed to: its bundle id."),
    Var("APNS_URL", "str", "https://api.push.apple.com", "Apple's push service, or the one for development."),
    Var(
        "FCM_CREDENTIALS", "str", "", "File of the service account for Google's push service; empty: no FCM."
    ),
    Var("FCM_URL", "str", "https://fcm.googleapis.com", "Google's push service."),
    Var(
        "SEARCH_BACKEND",
        "str",
        "feed.finding.postgres.PostgresSearch",
        "Class that finds (feed.finding.SearchBackend).",
    ),
    Var(
        "STREAMING_HEARTBEAT_SECONDS",
        "int",
        "15",
        "Seconds without news after which server-sent events say so.",
    ),
    Var("SITE_NAME", "str", "UpScrolled", "Name of the site in pages, mails and the instance entity."),
    Var("CONTACT_EMAIL", "str", "hello@upscrolled.example", "Address shown as the site's contact."),
    Var("SECRET_KEY", "str", "", "Django's secret; empty: made once and kept in DATA_DIR.", secret=True),
    Var(
        "SECRET_KEY_FALLBACKS",
        "list",
        "",
        "Secrets that were used before: what they signed and sealed stays good until it is made anew.",
        secret=True,
    ),
    Var("DEBUG", "bool", "false", "Django's debug pages. Never in production."),
    Var("ALLOWED_HOSTS", "list", "*", "Host names that requests may name."),
    Var(
        "TRUSTED_PROXIES",
        "list",
        "",
        "Addresses or networks whose X-Forwarded-For and -Proto headers are believed.",
    ),
    Var("DATABASE_URL", "str", "", "postgresql://… in place of the embedded PostgreSQL.", secret=True),
    Var(
        "DATABASE_OWNER_URL",
        "str",
        "",
        "postgresql://… of the tables' owner, with which `make up` migrates a given database; empty: DATABASE_URL.",
        secret=True,
    ),
    Var(
        "DATABASE_REPLICA_URL",
        "list",
        "",
        "postgresql://… of streaming replicas, on which the API reads; several stand with commas between them.",
        secret=True,
    ),
    Var("DATABASE_REPLICA_LAG_SECONDS", "int", "5", "A replica that is further behind is not read."),
    Var(
        "EXPOSURE_A_DAY",
        "int",
        "200",
        "Media that a moderator uncovers in a day at most, the lane of abuse and terror aside; 0: no limit.",
    ),
    Var(
        "DARK_EXPOSURE_A_DAY",
        "int",
        "40",
        "The same in the lane of abuse and terror.",
    ),
    Var(
        "LOG_DELAY_HOURS",
        "int",
        "6",
        "How long a decision waits before the public moderation log has it.",
        most=72,
    ),
    Var("VALKEY_URL", "str", "", "redis://… of the instance that must not evict (queues).", secret=True),
    Var(
        "CACHE_URL",
        "str",
        "",
        "redis://… or redis+cluster://… of what may evict (timelines, limits).",
        secret=True,
    ),
    Var("WEB_PROCESSES", "int", "2", "Web worker processes.", least=1),
    Var("WEB_THREADS", "int", "2", "Requests that each web worker process works on at once.", least=1),
    Var(
        "WEB_FLOWS",
        "int",
        "16",
        "Uploads and downloads of each of them at once, beside these.",
        least=1,
        most=48,
    ),
    Var("WORKER_CONCURRENCY", "int", "3", "Processes of the Celery worker."),
    Var("EMAIL_URL", "str", "console:", "console: or smtp://user:password@host:port?tls=1.", secret=True),
    Var("EMAIL_FROM", "str", "UpScrolled <noreply@upscrolled.example>", "Sender of the mails."),
    Var(
        "REGISTRATIONS",
        "str",
        "open",
        "open, approval, invite or closed, until the switch is turned.",
        choices=("open", "approval", "invite", "closed"),
    ),
    Var("SIGN_UPS_PER_ADDRESS", "int", "5", "Sign-ups in half an hour from one address (IPv6: one /64)."),
    Var("SIGN_UPS_PER_BLOCK", "int", "50", "Sign-ups in half an hour from one /24 (IPv6: one /48)."),
    Var("SIGN_UPS_PER_DEVICE", "int", "5", "Sign-ups in half an hour from one device."),
    Var("SIGN_UPS_PER_MAILBOX", "int", "5", "Sign-ups in a day for one mailbox, however it is spelt."),
    Var(
        "SIGNUP_CHALLENGE",
        "str",
        "",
        "What a sign-up must solve: nothing (empty), proof_of_work, or the dotted path of a class.",
    ),
    Var(
        "SIGNUP_CHALLENGE_BITS",
        "int",
        "17",
        "Difficulty of the proof of work: each bit doubles it; 17 is about a second on a phone.",
        most=28,
    ),
    Var(
        "IP_RETENTION_DAYS",
        "int",
        "90",
        "Days for which the address of a sign-up or sign-in is kept; 90 at most.",
        most=90,
    ),
    Var(
        "UNCONFIRMED_DAYS",
        "int",
        "7",
        "Days after which a sign-up that nobody confirmed is forgotten; 0: never.",
    ),
    Var(
        "ACCOUNT_ERASED_DAYS",
        "int",
        "30",
        "Days after which an account is erased that its owner deleted; until then they may come back.",
        most=365,
    ),
    Var("MIN_AGE", "int", "0", "Least age in years to sign up; 0: nobody is asked.", most=120),
    Var("MIN_AGE_BY_COUNTRY", "ages", "", "Other least ages by country, as in DE=16,ES=14."),
    Var(
        "KEEP_BIRTH_DATE_COUNTRIES",
        "list",
        "",
        "Countries whose law wants the date of birth kept; elsewhere only that it was early enough.",
    ),
    Var(
        "COUNTRY_HEADER",
        "str",
        "",
        "Header in which a trusted proxy names the client's country by two letters, such as CF-IPCountry.",
    ),
    Var("POST_MAX_CHARACTERS", "int", "500", "Longest post, counted as people count characters."),
    Var("POLL_MAX_OPTIONS", "int", "4", "How many options a poll may have."),
    Var("POLL_OPTION_MAX_CHARACTERS", "int", "50", "Longest option of a poll, counted as people count."),
    Var(
        "LINK_PREVIEWS",
        "str",
        "on",
        "on or off, until the switch `previews` is turned: whether linked pages are asked for a preview.",
        choices=("on", "off"),
    ),
    Var("LINK_PREVIEW_PORTS", "ports", "80,443", "Ports on which other people's servers may be asked."),
    Var("LINK_PREVIEW_SECONDS", "int", "10", "Seconds that a page, or its picture, may take.", most=30),
    Var("LINK_PREVIEW_KB", "int", "1024", "Kilobytes of a page that are read, unpacked.", most=8_192),
    Var(
        "LINK_PREVIEW_IMAGE_KB",
        "int",
        "5120",
        "Kilobytes that the picture of a page may have; 0: previews have no pictures.",
        most=8_192,
    ),
    Var("MEDIA_MAX_ATTACHMENTS", "int", "10", "How many photos, videos and sounds a post may have.", most=50),
    Var("IMAGE_MAX_MB", "int", "32", "Megabytes that a photo may have.", most=256),
    Var("VIDEO_MAX_MB", "int", "300", "Megabytes that a video or a sound may have.", most=4_096),
    Var("VIDEO_MAX_SECONDS", "int", "180", "Seconds that a video or a sound may last.", most=3_600),
    Var("UNATTACHED_HOURS", "int", "24", "Hours for which an upload is kept that no post has."),
    Var(
        "SIGNED_MEDIA_SECONDS",
        "int",
        "3600",
        "Seconds for which an address of private media holds at least; half as long again at most.",
    ),
    Var("FFMPEG", "str", "", "Path of an ffmpeg; empty: the one that is installed with the Python packages."),
    Var("FFMPEG_THREADS", "int", "2", "Threads of one ffmpeg.", most=64),
    Var("MEDIA_CONCURRENCY", "int", "1", "Videos that are made at once: processes of the media worker."),
    Var(
        "S3_BUCKET",
        "str",
        "",
        "Bucket of an object store for all media; empty: the directory DATA_DIR/media.",
    ),
    Var("S3_ENDPOINT", "str", "", "Address of the object store; empty: Amazon's."),
    Var("S3_REGION", "str", "", "Region of the bucket; empty: us-east-1."),
    Var("S3_ACCESS_KEY", "str", "", "Access key of the object store; empty: as boto3 finds it.", secret=True),
    Var("S3_SECRET_KEY", "str", "", "Secret key of the object store.", secret=True),
    Var(
        "S3_PUBLIC_URL",
        "str",
        "",
        "Address at which everybody reads what lies below `public/` of the bucket (a CDN, the bucket itself); "
        "empty: the web processes redirect to signed addresses.",
    ),
    Var("RATE_LIMITS", "bool", "true", "Whether the published rate limits are applied."),
    Var(
        "SHED_TARGET_MS",
        "int",
        "100",
        "Milliseconds that requests may wait for long before some are refused by 503; 0: none ever is.",
    ),
    Var(
        "DISK_LOW_MB",
        "int",
        "2048",
        "Megabytes free on the disk of DATA_DIR below which /health/ready warns; 0: it never does.",
    ),
    Var("DISCOVER_EPOCH_MS", "int", "2000", "Milliseconds between two discover pools."),
    Var("DISCOVER_KEYFRAME_SECONDS", "int", "600", "Seconds between two pools that are published whole."),
    Var("DISCOVER_AUDIT_SECONDS", "int", "600", "Seconds between two audits of a pool; 0: none is made."),
    Var("DISCOVER_POOLS_HOURS", "int", "24", "Hours for which published pools are kept."),
    Var("DISCOVER_POOLS_MB", "int", "4096", "Megabytes that the published pools of a kind may take."),
    Var("SOURCE_URL", "str", "", "Where this site's source code is offered (AGPL); empty: PUBLIC_URL/about."),
    Var("LOG_LEVEL", "str", "INFO", "Level of the logs: DEBUG, INFO, WARNING or ERROR."),
    Var("CACHE_MEMORY_MB", "int", "256", "Memory of the embedded cache Valkey, in megabytes."),
    Var(
        "DATABASE_MEMORY_MB",
        "int",
        "0",
        "Buffers of the embedded PostgreSQL, in megabytes; 0: a part of the machine's memory, at most 512.",
    ),
)

_TABLE = {var.name: var for var in VARS}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def read(name: str, environ: Mapping[str, str] = os.environ) -> Any:
    """Return the typed value of a variable of the table. Raises BadSetting with name and value."""
    var = _TABLE[name]
    text = environ.get(name, var.default)
    if var.kind == "int":
        return _whole(name, text, var.most, least=var.least)
    if var.kind == "bool":
        lowered = text.strip().lower()
        if lowered not in _TRUE | _FALSE:
            raise BadSetting(f"{name} must be true or false, not {text!r}.")
        return lowered in _TRUE
    if var.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if var.kind == "ports":
        return _ports(name, text)
    if var.kind == "ages":
        pairs = (part.partition("=") for part in text.split(",") if part.strip())
        return {_country(name, country): _whole(name, age.strip(), 120) for country, _, age in pairs}
    if var.kind == "path":
        return Path(text).expanduser().resolve()
    if var.kind == "url" and text and not re.fullmatch(r"https?://[^/\s?#]+/?", text):
        raise BadSetting(
            f"{name} must be https:// (or http://) and a host, with no path behind it, not {text!r}."
        )
    if var.choices and text not in var.choices:
        raise BadSetting(f"{name} must be one of {', '.join(var.choices)}, not {text!r}.")
    return text


def _whole(name: str, text: str, most: int | None, *, least: int = 0) -> int:
    try:
        number = int(text)
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not {text!r}.") from None
    if number < least or (most is not None and number > most):
        limits = f"between {least} and {most}" if most is not None else f"{least} or more"
        raise BadSetting(f"{name} must be {limits}, not {number}.")
    return number


def _ports(name: str, text: str) -> frozenset[int]:
    ports = frozenset(_whole(name, part.strip(), 65_535) for part in text.split(","))
    if 0 in ports:
        raise BadSetting(f"{name} must be ports between 1 and 65535, not {text!r}.")
    return ports


def _country(name: str, text: str) -> str:
    code = text.strip().upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise BadSetting(f"{name} must name countries by two letters, not {text!r}.")
    return code


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
