"""Scopes: what a token may do. `read` implies every `read:…`, `follow` is an old name for a few of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEFAULT = "read"

_READ = (
    "accounts",
    "blocks",
    "bookmarks",
    "favourites",
    "filters",
    "follows",
    "lists",
    "mutes",
    "notifications",
    "search",
    "statuses",
)
_WRITE = (
    "accounts",
    "blocks",
    "bookmarks",
    "conversations",
    "favourites",
    "filters",
    "follows",
    "lists",
    "media",
    "mutes",
    "notifications",
    "reports",
    "statuses",
)
_ADMIN = (
    "accounts",
    "canonical_email_blocks",
    "domain_allows",
    "domain_blocks",
    "email_domain_blocks",
    "ip_blocks",
    "reports",
)

# What people read on the consent page. A granular scope is told by its family's sentence and its own name.
SENTENCES: dict[str, str | Promise] = {
    "read": _("Read what you can read: timelines, your profile, your lists and your notifications"),
    "write": _("Act as you: publish, like, share, and change your profile and settings"),
    "follow": _("Follow, mute and block people for you"),
    "push": _("Send you push notifications"),
    "profile": _("Read your name and your profile, nothing else"),
    "admin:read": _("Read what moderators can read"),
    "admin:write": _("Act as a moderator"),
}
SCOPES: frozenset[str] = frozenset(SENTENCES) | {
    *(f"read:{name}" for name in _READ),
    *(f"write:{name}" for name in _WRITE),
    *(f"admin:read:{name}" for name in _ADMIN),
    *(f"admin:write:{name}" for name in _ADMIN),
}
_FOLLOW = frozenset(f"{verb}:{name}" for verb in ("read", "write") for name in ("blocks", "follows", "mutes"))


class UnknownScope(ValueError):
    """Somebody asks for a scope that does not exist; the message names it."""


def read(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """Read scopes as clients write them (spaces, `+`, or a list), each once; none means `read`.

    Raises UnknownScope.
    """
    parts = text.replace("+", " ").split() if isinstance(text, str) else [str(part) for part in text or ()]
    scopes = tuple(dict.fromkeys(parts)) or (DEFAULT,)
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(scope[:80])
    return scopes


@lru_cache(maxsize=512)
def expand(granted: str) -> frozenset[str]:
    """Return every scope that these (separated by spaces) imply, themselves included."""
    held = frozenset(granted.split())
    implied = {scope for scope in SCOPES if any(scope.startswith(f"{parent}:") for parent in held)}
    if "follow" in held:
        implied |= _FOLLOW
    if held & {"read", "read:accounts"}:
        implied.add("profile")
    return held | implied


def covers(granted: str | frozenset[str], needed: str) -> bool:
    """Say whether a token with these scopes may do what needs that scope (or one of several, by spaces)."""
    held = expand(granted if isinstance(granted, str) else " ".join(sorted(granted)))
    return any(scope in held for scope in needed.split())


def is_for_staff(scopes: Iterable[str]) -> bool:
    """Say whether any of these lets an application moderate."""
    return any(scope.startswith("admin:") for scope in scopes)


def sentences(scopes: Iterable[str]) -> list[tuple[str, str]]:
    """Return, for each family of scopes, its sentence and the granular names that were asked for."""
    names: dict[str, list[str]] = {}
    for scope in scopes:
        family = scope if scope in SENTENCES else scope.rpartition(":")[0]
        names.setdefault(family, [])
        if family != scope:
            names[family].append(scope.rpartition(":")[2].replace("_", " "))
    return [(str(SENTENCES[family]), ", ".join(sorted(granular))) for family, granular in names.items()]
