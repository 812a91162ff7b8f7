"""What this site is: names, limits that really hold, rules; and what it does not have, said plainly."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import queries, switches, weeks
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import AVATAR, HEADER, Account
from upscrolled.operations import registration
from upscrolled.operations.profiles import LIMITS
from upscrolled.shedding import Importance

# Clients read the number of the Mastodon version whose API they may expect, then what runs.
VERSION = f"4.2.0 (compatible; UpScrolled {settings.VERSION})"
API_VERSION = 1
DESCRIPTION = (
    "A social platform whose promises are mechanisms: a chronological home, a ranking that anybody can compute "
    "again, and no moderation without a reason and an appeal."
)
DOMAIN = urlsplit(settings.PUBLIC_URL).netloc
CHARACTERS_PER_URL = 23


class RuleTranslation(msgspec.Struct, kw_only=True):
    """A rule in another language."""

    text: str
    hint: str


class Rule(msgspec.Struct, kw_only=True):
    """A rule of the house, in English and in what other languages there are."""

    id: str
    text: str
    hint: str = ""
    translations: dict[str, RuleTranslation] = {}


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
    """Whether new people may sign up: `enabled` without an invitation; `message` (HTML) says why not.

    `url` is the page that asks for all that is needed, for apps that do not. `min_age` is that of the country that
    the request comes from, where the site knows it.
    """

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

    @endpoint(who="anyone", answers=Instance, importance=Importance.CORE)
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
            registrations=_registrations(getattr(request, "country", "")),
            api_versions={"upscrolled": API_VERSION},
            contact=Contact(email=settings.CONTACT_EMAIL),
            rules=_rules(self.now),
        )
        return self.render(shown)


class V1InstanceView(ClientView):
    """GET /api/v1/instance"""

    @endpoint(who="anyone", answers=V1Instance, importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """Describe the site, for clients that know only the first version."""
        figures, mode = queries.figures(self.now), switches.value("registrations")
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
            registrations=mode in ("open", "approval"),
            approval_required=mode == "approval",
            invites_enabled=mode == "invite",
            configuration=_limits(),
            contact_account=None,
            rules=_rules(self.now),
        )
        return self.render(shown)


class Rules(ClientView):
    """GET /api/v1/instance/rules"""

    @endpoint(who="anyone", answers=list[Rule], importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """List the rules of the house."""
        return self.render(_rules(self.now))


class WeekOfActivity(msgspec.Struct, kw_only=True):
    """The numbers of a week, as text; `week` is its first second in Unix time."""

    week: str
    statuses: str
    logins: str
    registrations: str


class Activity(ClientView):
    """GET /api/v1/instance/activity"""

    @endpoint(who="anyone", answers=list[WeekOfActivity])
    def get(self, request: Request) -> HttpResponse:
        """Tell how many posts, people and sign-ups the last twelve weeks had; counted once an hour."""
        return self.render(
            [
                WeekOfActivity(
                    week=str(int(datetime.combine(week.starts_on, time(), UTC).timestamp())),
                    statuses=str(week.posts),
                    logins=str(week.logins),
                    registrations=str(week.registrations),
                )
                for week in weeks.latest(self.now)
            ]
        )


class Feature(msgspec.Struct, kw_only=True):
    """Something this site has beyond the Mastodon API, and where."""

    name: str
    path: str
    description: str


class SignUpLimits(msgspec.Struct, kw_only=True):
    """How many sign-ups are counted before they are refused with 429: in half an hour, for a mailbox in a day."""

    per_address: int
    per_block: int
    per_device: int
    per_mailbox_and_day: int


class SignUpRules(msgspec.Struct, kw_only=True):
    """What `POST /api/v1/accounts` asks for at present, and how long what it leaves is kept."""

    mode: str
    invite_code: bool
    reason: bool
    date_of_birth: bool
    min_age: int | None
    challenge: str | None
    limits: SignUpLimits
    ip_retention_days: int
    unconfirmed_days: int


class Features(msgspec.Struct, kw_only=True):
    """What this site has beyond the Mastodon API; `version` is that of `api_versions.upscrolled`.

    `switches` tells how the operator runs the site at present: `registrations` open, approval, invite or closed;
    `writes`, `transfers` on or off; `discover` live or last_pool.
    """

    version: int
    software: str
    features: list[Feature]
    switches: dict[str, str]
    sign_up: SignUpRules


FEATURES = [
    Feature(
        name="reply_policy",
        path="/api/v1/statuses",
        description="Who may answer a post: `upscrolled[reply_policy]`; a post says in `upscrolled.may_reply` who may.",
    ),
    Feature(
        name="preferences",
        path="/api/v1/upscrolled/preferences",
        description="PATCH changes what GET /api/v1/preferences tells, under the same names.",
    ),
    Feature(
        name="pronouns",
        path="/api/v1/accounts/update_credentials",
        description="`pronouns` is stored with the profile and shown as `upscrolled.pronouns` of the account.",
    ),
    Feature(
        name="signup_challenge",
        path="/api/v1/upscrolled/signup_challenge",
        description="What a sign-up must solve first, if anything; `sign_up` says what else is asked for.",
    ),
    Feature(
        name="account_screens",
        path="/_allauth/app/v1/config",
        description="Sign-in, sign-up, addresses, second steps, passkeys on an app's own screens (docs/accounts.md).",
    ),
    Feature(
        name="session_token",
        path="/api/v1/upscrolled/oauth/session_token",
        description="Exchanges a signed-in session of those screens for an access token.",
    ),
    Feature(
        name="sessions",
        path="/api/v1/upscrolled/sessions",
        description="Where one is signed in with an app; DELETE ends one, or all others.",
    ),
    Feature(
        name="terms",
        path="/api/v1/upscrolled/terms",
        description="The version of the terms in force and whether one has agreed; POST …/accept agrees.",
    ),
    Feature(
        name="discover",
        path="/api/v1/upscrolled/discover",
        description="Posts ranked by a public formula, in pages of one scroll that never overlap.",
    ),
    Feature(
        name="places",
        path="/api/v1/upscrolled/places",
        description="The menu of places for profiles, in en, ar and fr; it has an ETag.",
    ),
]


class FeaturesView(ClientView):
    """GET /api/v1/upscrolled/features"""

    @endpoint(who="anyone", answers=Features)
    def get(self, request: Request) -> HttpResponse:
        """List what this site has beyond the Mastodon API."""
        shown = Features(
            version=API_VERSION,
            software=settings.VERSION,
            features=FEATURES,
            switches=switches.public(),
            sign_up=_sign_up_rules(getattr(request, "country", "")),
        )
        return self.render(shown)


_MESSAGES = {
    "invite": "<p>One joins by invitation at present.</p>",
    "closed": "<p>This site takes no new registrations at present.</p>",
}


def _sign_up_rules(country: str) -> SignUpRules:
    asked = registration.asked(country)
    return SignUpRules(
        mode=asked.mode,
        invite_code=asked.invitation,
        reason=asked.reason,
        date_of_birth=asked.min_age > 0,
        min_age=asked.min_age or None,
        challenge=asked.challenge.kind if asked.challenge else None,
        limits=SignUpLimits(
            per_address=settings.SIGN_UPS_PER_ADDRESS,
            per_block=settings.SIGN_UPS_PER_BLOCK,
            per_device=settings.SIGN_UPS_PER_DEVICE,
            per_mailbox_and_day=settings.SIGN_UPS_PER_MAILBOX,
        ),
        ip_retention_days=settings.IP_RETENTION_DAYS,
        unconfirmed_days=settings.UNCONFIRMED_DAYS,
    )


def _registrations(country: str) -> Registrations:
    asked = registration.asked(country)
    return Registrations(
        enabled=asked.mode in ("open", "approval"),
        approval_required=asked.reason,
        reason_required=asked.reason,
        message=_MESSAGES.get(asked.mode),
        min_age=asked.min_age or None,
        url=f"{settings.PUBLIC_URL}/auth/sign_up" if asked.mode != "closed" else None,
    )


def _rules(now: datetime) -> list[Rule]:
    return [_rule(rule) for rule in queries.house_rules(now)]


def _rule(rule: queries.Rule) -> Rule:
    return Rule(
        id=str(rule.id),
        text=rule.texts.get("en", ""),
        hint=rule.hints.get("en", ""),
        translations={
            language: RuleTranslation(text=written, hint=rule.hints.get(language, ""))
            for language, written in rule.texts.items()
        },
    )


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def _limits() -> Configuration:
    """The limits as both versions tell them."""
    return Configuration(
        accounts={
            "max_featured_tags": 10,
            "max_pinned_statuses": 5,
            "max_profile_fields": LIMITS.fields,
            "profile_field_name_limit": LIMITS.field_name,
            "profile_field_value_limit": LIMITS.field_value,
            "max_display_name_length": LIMITS.display_name,
            "max_note_length": LIMITS.note,
            "max_pronouns_length": LIMITS.pronouns,
            "max_avatar_description_length": LIMITS.picture_description,
            "max_header_description_length": LIMITS.picture_description,
            "picture_size_limit": LIMITS.picture_bytes,
            "picture_matrix_limit": LIMITS.picture_pixels,
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
        polls={
            "max_options": settings.POLL_MAX_OPTIONS,
            "max_characters_per_option": settings.POLL_OPTION_MAX_CHARACTERS,
            "min_expiration": settings.POLL_MIN_SECONDS,
            "max_expiration": settings.POLL_MAX_SECONDS,
        },
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
