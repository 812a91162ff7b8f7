"""What this site is: names, limits that really hold, rules; and what it does not have, said plainly."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import AVATAR, HEADER, Account
from upscrolled.operations.profiles import LIMITS

# Clients read the number of the Mastodon version whose API they may expect, then what runs.
VERSION = f"4.2.0 (compatible; UpScrolled {settings.VERSION})"
API_VERSION = 1
DESCRIPTION = (
    "A social platform whose promises are mechanisms: a chronological home, a ranking that anybody can compute "
    "again, and no moderation without a reason and an appeal."
)
DOMAIN = urlsplit(settings.PUBLIC_URL).netloc
CHARACTERS_PER_URL = 23


class Rule(msgspec.Struct, kw_only=True):
    """A rule of the house."""

    id: str
    text: str
    hint: str = ""
    translations: dict[str, dict[str, str]] = {}


RULES = [
    Rule(
        id="1",
        text="No threats, no harassment, no hatred.",
        hint="Do not threaten or hound people, and do not attack them for who they are.",
    ),
    Rule(
        id="2",
        text="No deceit.",
        hint="Do not pose as somebody else, and do not spread spam, scams or coordinated falsehoods.",
    ),
    Rule(
        id="3",
        text="Nobody's private life against their will.",
        hint="Do not publish addresses, documents or intimate pictures of others.",
    ),
    Rule(id="4", text="Nothing that the law forbids.", hint="Above all nothing that harms children."),
    Rule(
        id="5",
        text="Warn before what is hard to look at.",
        hint="Put violence and nudity behind a content warning.",
    ),
]


class Configuration(msgspec.Struct, kw_only=True):
    """The limits that hold here. What is 0 or empty is not offered (yet)."""

    accounts: dict[str, int]
    statuses: dict[str, int]
    media_attachments: dict[str, Any]
    polls: dict[str, int]
    urls: dict[str, str | None] | msgspec.UnsetType = msgspec.UNSET
    vapid: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    translation: dict[str, bool] | msgspec.UnsetType = msgspec.UNSET
    limited_federation: bool | msgspec.UnsetType = msgspec.UNSET
    timelines_access: dict[str, dict[str, str]] | msgspec.UnsetType = msgspec.UNSET


class Thumbnail(msgspec.Struct, kw_only=True):
    """The picture of the site."""

    url: str
    blurhash: str | None = None
    versions: dict[str, str] = {}
    description: str = ""


class Icon(msgspec.Struct, kw_only=True):
    """The sign of the site, in one size."""

    src: str
    size: str


class Usage(msgspec.Struct, kw_only=True):
    """How many people post here."""

    users: dict[str, int]


class Registrations(msgspec.Struct, kw_only=True):
    """Whether new people may sign up."""

    enabled: bool
    approval_required: bool = False
    reason_required: bool = False
    message: str | None = None
    min_age: int | None = None
    url: str | None = None


class Contact(msgspec.Struct, kw_only=True):
    """Whom to write to."""

    email: str
    account: Account | None = None


class Instance(msgspec.Struct, kw_only=True):
    """The site (Mastodon API, Instance, second version)."""

    domain: str
    title: str
    version: str
    source_url: str
    description: str
    usage: Usage
    thumbnail: Thumbnail
    icon: list[Icon]
    languages: list[str]
    configuration: Configuration
    registrations: Registrations
    api_versions: dict[str, int]
    contact: Contact
    rules: list[Rule]


class V1Instance(msgspec.Struct, kw_only=True):
    """The site (Mastodon API, Instance, first version)."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str
    urls: dict[str, str]
    stats: dict[str, int]
    thumbnail: str | None
    languages: list[str]
    registrations: bool
    approval_required: bool
    invites_enabled: bool
    configuration: Configuration
    contact_account: Account | None
    rules: list[Rule]


class InstanceView(ClientView):
    """GET /api/v2/instance"""

    @endpoint(who="anyone", answers=Instance)
    def get(self, request: Request) -> HttpResponse:
        """Describe the site: its limits, its rules, whether people may sign up."""
        shown = Instance(
            domain=DOMAIN,
            title=settings.SITE_NAME,
            version=VERSION,
            source_url=settings.SOURCE_URL,
            description=DESCRIPTION,
            usage=Usage(users={"active_month": queries.figures(self.now).active}),
            thumbnail=Thumbnail(url=HEADER),
            icon=[Icon(src=AVATAR, size="400x400")],
            languages=_languages(),
            configuration=_configuration(),
            registrations=Registrations(enabled=settings.REGISTRATIONS == "open"),
            api_versions={"upscrolled": API_VERSION},
            contact=Contact(email=settings.CONTACT_EMAIL),
            rules=RULES,
        )
        return self.render(shown)


class V1InstanceView(ClientView):
    """GET /api/v1/instance"""

    @endpoint(who="anyone", answers=V1Instance)
    def get(self, request: Request) -> HttpResponse:
        """Describe the site, for clients that know only the first version."""
        figures = queries.figures(self.now)
        shown = V1Instance(
            uri=DOMAIN,
            title=settings.SITE_NAME,
            short_description=DESCRIPTION,
            description=DESCRIPTION,
            email=settings.CONTACT_EMAIL,
            version=VERSION,
            urls={"streaming_api": settings.STREAMING_URL},
            stats={"user_count": figures.people, "status_count": figures.posts, "domain_count": 1},
            thumbnail=HEADER,
            languages=_languages(),
            registrations=settings.REGISTRATIONS == "open",
            approval_required=False,
            invites_enabled=False,
            configuration=_limits(),
            contact_account=None,
            rules=RULES,
        )
        return self.render(shown)


class Rules(ClientView):
    """GET /api/v1/instance/rules"""

    @endpoint(who="anyone", answers=list[Rule])
    def get(self, request: Request) -> HttpResponse:
        """List the rules of the house."""
        return self.render(RULES)


class Feature(msgspec.Struct, kw_only=True):
    """Something this site has beyond the Mastodon API, and where."""

    name: str
    path: str
    description: str


class Features(msgspec.Struct, kw_only=True):
    """What this site has beyond the Mastodon API; `version` is that of `api_versions.upscrolled`."""

    version: int
    software: str
    features: list[Feature]


FEATURES = [
    Feature(
        name="discover",
        path="/api/v1/upscrolled/discover",
        description="Posts ranked by a public formula, in pages of one scroll that never overlap.",
    ),
]


class FeaturesView(ClientView):
    """GET /api/v1/upscrolled/features"""

    @endpoint(who="anyone", answers=Features)
    def get(self, request: Request) -> HttpResponse:
        """List what this site has beyond the Mastodon API."""
        return self.render(Features(version=API_VERSION, software=settings.VERSION, features=FEATURES))


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def _limits() -> Configuration:
    """The limits as both versions tell them."""
    return Configuration(
        accounts={
            "max_featured_tags": 0,
            "max_pinned_statuses": 0,
            "max_profile_fields": LIMITS.fields,
            "profile_field_name_limit": LIMITS.field_name,
            "profile_field_value_limit": LIMITS.field_value,
            "max_display_name_length": LIMITS.display_name,
            "max_note_length": LIMITS.note,
        },
        statuses={
            "max_characters": settings.POST_MAX_CHARACTERS,
            "max_media_attachments": 0,
            "characters_reserved_per_url": CHARACTERS_PER_URL,
        },
        media_attachments={
            "supported_mime_types": [],
            "description_limit": 0,
            "image_size_limit": 0,
            "image_matrix_limit": 0,
            "video_size_limit": 0,
            "video_frame_rate_limit": 0,
            "video_matrix_limit": 0,
        },
        polls={"max_options": 0, "max_characters_per_option": 0, "min_expiration": 0, "max_expiration": 0},
    )


@lru_cache(maxsize=1)
def _configuration() -> Configuration:
    """The limits and what else the second version tells."""
    told = _limits()
    told.urls = {
        "streaming": settings.STREAMING_URL,
        "status": None,
        "about": f"{settings.PUBLIC_URL}/about",
        "privacy_policy": f"{settings.PUBLIC_URL}/privacy-policy",
        "terms_of_service": f"{settings.PUBLIC_URL}/terms-of-service",
    }
    told.vapid = {"public_key": ""}
    told.translation = {"enabled": False}
    told.limited_federation = True
    everybody = {"local": "public", "remote": "disabled"}
    told.timelines_access = {
        "live_feeds": everybody,
        "hashtag_feeds": everybody,
        "trending_link_feeds": everybody,
    }
    return told
