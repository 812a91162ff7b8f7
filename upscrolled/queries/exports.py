"""Files of the ground about one person: profile, whom they follow, block and mute, who follows them.

Everybody stands on these lists, also who is suspended or closed the account for now: they are the person's own notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from upscrolled.exports import File, address, lines, pages, table
from upscrolled.models import Account, Place

_EDGES: Final = """
SELECT e.id, a.username{columns} FROM upscrolled_{edge} e JOIN upscrolled_account a ON a.id = e.{other}
WHERE e.{mine} = %(account)s AND e.id > %(above)s{only} ORDER BY e.id LIMIT %(at_once)s
"""


def _edges(edge: str, *columns: str, mine: str = "account_id", only: str = "") -> str:
    return _EDGES.format(
        edge=edge,
        columns="".join(f", e.{column}" for column in columns),
        mine=mine,
        other="account_id" if mine == "target_id" else "target_id",
        only=only,
    )


_FOLLOWING: Final = _edges("follow", "reposts", "notify", "languages")
_FOLLOWERS: Final = _edges("follow", mine="target_id")
_BLOCKED: Final = _edges("block")
_MUTED: Final = _edges("mute", "notifications", only=" AND (e.expires_at IS NULL OR e.expires_at > now())")
_WORDS: Final = {True: "true", False: "false"}


def following(account: Account) -> Iterator[bytes]:
    """Whom somebody follows, and how."""
    yield table([("Account address", "Show boosts", "Notify on new posts", "Languages")])
    for page in pages(_FOLLOWING, account=account.pk):
        yield table(
            (address(name), _WORDS[reposts], _WORDS[notify], ", ".join(languages or ()))
            for _, name, reposts, notify, languages in page
        )


def followers(account: Account) -> Iterator[bytes]:
    """Who follows somebody."""
    yield table([("Account address",)])
    for page in pages(_FOLLOWERS, account=account.pk):
        yield table((address(name),) for _, name in page)


def blocked(account: Account) -> Iterator[bytes]:
    """Whom somebody blocks; this list has no heading where it comes from."""
    for page in pages(_BLOCKED, account=account.pk):
        yield table((address(name),) for _, name in page)


def muted(account: Account) -> Iterator[bytes]:
    """Whom somebody mutes at present."""
    yield table([("Account address", "Hide notifications")])
    for page in pages(_MUTED, account=account.pk):
        yield table((address(name), _WORDS[notifications]) for _, name, notifications in page)


def profile(account: Account) -> Iterator[bytes]:
    """What somebody says of themselves, and how the account is set up."""
    place = Place.objects.filter(pk=account.place_id).first() if account.place_id else None
    told: dict[str, Any] = {
        "address": address(account.username),
        "email": account.email,
        "created_at": account.created_at,
        "place": place.code if place else None,
    }
    yield lines([told | {name: getattr(account, name) for name in _TOLD}])


_TOLD: Final = (
    "username",
    "display_name",
    "note",
    "fields",
    "pronouns",
    "avatar_description",
    "header_description",
    "locale",
    "locked",
    "bot",
    "discoverable",
    "indexable",
    "hide_collections",
    "shows_application",
    "default_audience",
    "default_sensitive",
    "default_language",
    "default_quoting",
    "reading",
    "born_on",
    "confirmed_at",
    "agreed_at",
    "sign_up_reason",
)
FILES: Final = (
    File("profile.json", profile),
    File("following_accounts.csv", following, list="following_accounts"),
    File("followers.csv", followers, list="followers"),
    File("blocked_accounts.csv", blocked, list="blocked_accounts"),
    File("muted_accounts.csv", muted, list="muted_accounts"),
)
