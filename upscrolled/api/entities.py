"""Shapes of the client API that speak of people (Mastodon API 4.5), filled from facts loaded for a page."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import msgspec
from django.conf import settings

from upscrolled import places
from upscrolled.core import ids, languages, markup, text
from upscrolled.pictures.storage import still_of
from upscrolled.viewer import Person

if TYPE_CHECKING:
    from upscrolled import models

ORIGIN = settings.PUBLIC_URL
HOST = urlsplit(ORIGIN).netloc.lower()
STATIC = f"{ORIGIN}{settings.STATIC_URL}upscrolled"
MEDIA = urljoin(f"{ORIGIN}/", settings.MEDIA_URL)
GONE = "Deleted account"
AVATAR, HEADER = f"{STATIC}/avatar.png", f"{STATIC}/header.png"
# Audiences in the client API's words.
VISIBILITY = {"public": "public", "unlisted": "unlisted", "followers": "private"}
AUDIENCE = {name: audience for audience, name in VISIBILITY.items()}
# Who may quote new posts. For `followed` (those whom the author follows) Mastodon has no word as a default.
QUOTE_POLICY = {"everybody": "public", "followers": "followers", "followed": "nobody", "nobody": "nobody"}
QUOTING = {"public": "everybody", "followers": "followers", "nobody": "nobody"}


class Field(msgspec.Struct, kw_only=True):
    """A line of a profile."""

    name: str
    value: str
    verified_at: str | None = None


class CustomEmoji(msgspec.Struct, kw_only=True):
    """A picture with a short code; this site has none."""

    shortcode: str
    url: str
    static_url: str
    visible_in_picker: bool = True


class AccountPlace(msgspec.Struct, kw_only=True):
    """Where somebody says they are: an entry of `/api/v1/upscrolled/places`, named in each language there is."""

    id: str
    code: str
    names: dict[str, str]


class AccountExtension(msgspec.Struct, kw_only=True):
    """What this site says of a person beyond the Mastodon API."""

    pronouns: str
    place: AccountPlace | None


class OwnExtension(AccountExtension, kw_only=True):
    """And of oneself: whether one has agreed to the terms in force (`GET /api/v1/upscrolled/terms`)."""

    terms_accepted: bool


class Account(msgspec.Struct, kw_only=True):
    """A person, as others see them."""

    id: str
    username: str
    acct: str
    url: str
    uri: str
    display_name: str
    note: str
    avatar: str
    avatar_static: str
    avatar_description: str = ""
    header: str
    header_static: str
    header_description: str = ""
    locked: bool
    bot: bool
    group: bool = False
    discoverable: bool | None
    indexable: bool
    noindex: bool | None = False
    hide_collections: bool | None
    created_at: str
    last_status_at: str | None
    statuses_count: int
    followers_count: int
    following_count: int
    fields: list[Field]
    emojis: list[CustomEmoji] = []
    roles: list[dict[str, str]] = []
    suspended: bool | msgspec.UnsetType = msgspec.UNSET
    limited: bool | msgspec.UnsetType = msgspec.UNSET
    upscrolled: AccountExtension


class MutedAccount(Account, kw_only=True):
    """A person whom the viewer muted, and until when."""

    mute_expires_at: str | None


class Role(msgspec.Struct, kw_only=True):
    """What a person may do here beside posting; `permissions` are Mastodon's bits.

    None is `highlighted`: profiles do not say who works for the house.
    """

    id: str
    name: str
    permissions: str
    color: str = ""
    highlighted: bool = False


# What Mastodon's apps show a door to: the bits of its own table that come nearest to what a role may do here.
_LOG, _DASHBOARD, _REPORTS, _TAXONOMIES, _APPEALS, _USERS, _RULES = 4, 8, 16, 256, 512, 1024, 4096
_READS = _LOG | _DASHBOARD
_SORTS = _READS | _REPORTS
_MODERATES = _SORTS | _TAXONOMIES | _USERS
ROLES = {
    "": Role(id="-99", name="", permissions="0"),
    "moderator": Role(id="1", name="Moderator", permissions=str(_MODERATES)),
    "senior": Role(id="2", name="Senior moderator", permissions=str(_MODERATES | _APPEALS)),
    "admin": Role(id="3", name="Admin", permissions="1048575"),  # every bit that Mastodon knows
    "triage": Role(id="4", name="Triage", permissions=str(_SORTS)),
    "legal": Role(id="5", name="Legal", permissions=str(_SORTS)),
    "policy": Role(id="6", name="Policy", permissions=str(_READS | _RULES)),
}


class Source(msgspec.Struct, kw_only=True):
    """What the person typed, for the screen that edits it."""

    note: str
    fields: list[Field]
    privacy: str
    sensitive: bool
    language: str | None
    follow_requests_count: int
    hide_collections: bool | None
    discoverable: bool | None
    indexable: bool
    attribution_domains: list[str] = []
    quote_policy: str = "public"
    pronouns: str = ""


class CredentialAccount(Account, kw_only=True):
    """One's own account."""

    source: Source
    role: Role
    upscrolled: OwnExtension


class Relationship(msgspec.Struct, kw_only=True):
    """What stands between the viewer and somebody."""

    id: str
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: list[str] | None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: str | None
    requested: bool
    requested_by: bool
    domain_blocking: bool = False
    endorsed: bool = False
    note: str = ""


def account(person: Person) -> Account:
    """Show a person. Of a suspended one the name stays, what they wrote of themselves does not."""
    return Account(**_account(person))


def muted_account(person: Person) -> MutedAccount:
    """Show a muted person."""
    return MutedAccount(**_account(person), mute_expires_at=stamp(person.muting_until))


def credential_account(
    person: Person, account: models.Account, *, follow_requests: int, terms_accepted: bool
) -> CredentialAccount:
    """Show somebody their own account, with what they typed and chose."""
    source = Source(
        note=person.note,
        fields=typed_fields(person),
        privacy=VISIBILITY[account.posting_audience()],
        sensitive=account.default_sensitive,
        language=languages.written(account.default_language) or None,
        follow_requests_count=follow_requests,
        hide_collections=person.hide_collections,
        discoverable=person.discoverable,
        indexable=person.indexable,
        quote_policy=QUOTE_POLICY[account.default_quoting],
        pronouns=person.pronouns,
    )
    shown = _account(person)
    told = shown["upscrolled"]
    shown["upscrolled"] = OwnExtension(
        pronouns=told.pronouns, place=told.place, terms_accepted=terms_accepted
    )
    return CredentialAccount(**shown, source=source, role=ROLES[account.role])


def typed_fields(person: Person) -> list[Field]:
    """Return the lines of a profile as they were typed."""
    lines = msgspec.json.decode(person.fields)
    return [Field(name=line.get("name", ""), value=line.get("value", "")) for line in lines]


def relationship(person: Person) -> Relationship:
    """Show what stands between the viewer, for whom `person` was loaded, and that person."""
    return Relationship(
        id=str(person.id),
        following=person.followed,
        showing_reblogs=person.followed and person.shows_reposts,
        notifying=person.notifies,
        languages=person.languages and [languages.written(code) for code in person.languages],
        followed_by=bool(person.follows_me),
        blocking=person.blocking,
        blocked_by=person.blocked_by,
        muting=person.muting,
        muting_notifications=person.muting_notifications,
        muting_expires_at=stamp(person.muting_until),
        requested=person.requested,
        requested_by=person.requested_me,
        endorsed=person.endorsed,
        note=person.remark,
    )


def picture_url(name: str) -> str:
    """Address of a stored picture."""
    return f"{MEDIA}{name}"


def profile_url(username: str) -> str:
    """Address of a person's page."""
    return f"{ORIGIN}/@{username}"


def stamp(moment: datetime | None) -> str | None:
    """Write a moment as the API does: UTC with milliseconds and Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


@lru_cache(maxsize=65_536)
def stamp_of_id(post_id: int) -> str:
    """Write the moment that an id carries."""
    return ids.created_at(post_id).isoformat(timespec="milliseconds")[:-6] + "Z"


def _account(person: Person) -> dict[str, Any]:
    suspended = "account_suspended" in person.restrictions
    # Of who closed their account others keep messages; the name beside them is no longer told.
    untold = suspended or not person.active
    shown: dict[str, Any] = {
        "id": str(person.id),
        "username": person.username,
        "acct": person.username,
        "url": profile_url(person.username),
        "uri": profile_url(person.username),
        "display_name": GONE if not person.active else "" if suspended else person.display_name,
        "note": "" if untold else _html(person.note, person.named),
        "avatar": AVATAR,
        "avatar_static": AVATAR,
        "header": HEADER,
        "header_static": HEADER,
        "upscrolled": _UNTOLD if untold else _extension(person.pronouns, person.place_id),
        "locked": person.locked,
        "bot": person.bot,
        "discoverable": person.discoverable,
        "indexable": person.indexable,
        "hide_collections": person.hide_collections,
        "created_at": stamp_of_id(person.id)[:10] + "T00:00:00.000Z",
        "last_status_at": person.last_post_on.isoformat() if person.last_post_on else None,
        "statuses_count": person.posts,
        "followers_count": person.followers,
        "following_count": person.following_count,
        "fields": [] if untold else _fields(person.fields, person.named),
    }
    if suspended:
        shown["suspended"] = True
    if not untold:
        if person.avatar:
            shown["avatar"] = picture_url(person.avatar)
            shown["avatar_static"] = picture_url(still_of(person.avatar))
            shown["avatar_description"] = person.avatar_description
        if person.header:
            shown["header"] = shown["header_static"] = picture_url(person.header)
            shown["header_description"] = person.header_description
    if "account_limited" in person.restrictions:
        shown["limited"] = True
    return shown


_UNTOLD = AccountExtension(pronouns="", place=None)


def _extension(pronouns: str, place_id: int | None) -> AccountExtension:
    if not pronouns and place_id is None:
        return _UNTOLD
    place = places.shown(place_id) if place_id is not None else None
    shown = AccountPlace(id=str(place.id), code=place.code, names=place.names) if place else None
    return AccountExtension(pronouns=pronouns, place=shown)


@lru_cache(maxsize=16_384)
def _fields(stored: str, named: str | None) -> list[Field]:
    return [_field(line, named) for line in msgspec.json.decode(stored)]


def _field(line: dict[str, str], named: str | None) -> Field:
    value = _html(line.get("value", ""), named)
    return Field(name=line.get("name", ""), value=value.removeprefix("<p>").removesuffix("</p>"))


@lru_cache(maxsize=16_384)
def _html(written: str, named: str | None) -> str:
    """Profiles change seldom and are shown with every post: their HTML is made once a process.

    `named` are the user names of people who may be mentioned in it: only those are there to link to.
    """
    urls = {}
    for username in (named or "").split():
        name = username.lower()
        urls[name] = urls[f"{name}@{HOST}"] = (profile_url(username), username)
    return markup.to_html(written, mention_urls=urls, tag_url=tag_url)


@lru_cache(maxsize=16_384)
def tag_url(name: str) -> str:
    """Address of a hashtag's page: one for all spellings of its name."""
    return ORIGIN + text.tag_path(text.tag_name(name))
