"""What this site is: its names, and whether people may sign up, in both versions that clients ask for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from upscrolled import queries, switches
from upscrolled.api import configuration, features, rules, tongues
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.configuration import Configuration
from upscrolled.api.entities import AVATAR, HEADER, Account
from upscrolled.api.rules import Rule
from upscrolled.core import languages
from upscrolled.operations import registration
from upscrolled.push import vapid
from upscrolled.shedding import Importance

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Clients read the number of the Mastodon version whose API they may expect, then what runs.
VERSION = f"4.5.0 (compatible; UpScrolled {settings.VERSION})"
MASTODON = 7  # of `api_versions`: grouped notifications, policies, quotes
DESCRIPTION = _(
    "A social platform whose promises are mechanisms: a chronological home, a ranking that anybody can compute "
    "again, and no moderation without a reason and an appeal."
)
DOMAIN = urlsplit(settings.PUBLIC_URL).netloc


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
        """Describe the site: its limits, its rules, whether people may sign up; in the language of Accept-Language."""
        language = tongues.wanted(request)
        shown = Instance(
            domain=DOMAIN,
            title=settings.SITE_NAME,
            version=VERSION,
            source_url=settings.SOURCE_URL,
            description=_said(DESCRIPTION, language),
            usage=Usage(users={"active_month": queries.figures(self.now).active}),
            thumbnail=Thumbnail(url=HEADER),
            icon=[Icon(src=AVATAR, size="400x400")],
            languages=_languages(),
            configuration=msgspec.structs.replace(
                configuration.whole(), vapid={"public_key": vapid.public_key()}
            ),
            registrations=_registrations(getattr(request, "country", ""), language),
            api_versions={"mastodon": MASTODON, "upscrolled": features.VERSION},
            contact=Contact(email=settings.CONTACT_EMAIL),
            rules=rules.in_force(self.now),
        )
        return tongues.told(self.render(shown), language)


class V1InstanceView(ClientView):
    """GET /api/v1/instance"""

    @endpoint(who="anyone", answers=V1Instance, importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """Describe the site, for clients that know only the first version."""
        figures, mode = queries.figures(self.now), switches.value("registrations")
        language = tongues.wanted(request)
        description = _said(DESCRIPTION, language)
        shown = V1Instance(
            uri=DOMAIN,
            title=settings.SITE_NAME,
            short_description=description,
            description=description,
            email=settings.CONTACT_EMAIL,
            version=VERSION,
            urls={"streaming_api": settings.STREAMING_URL},
            stats={"user_count": figures.people, "status_count": figures.posts, "domain_count": 1},
            thumbnail=HEADER,
            languages=_languages(),
            registrations=mode in ("open", "approval"),
            approval_required=mode == "approval",
            invites_enabled=mode == "invite",
            configuration=configuration.limits(),
            contact_account=None,
            rules=rules.in_force(self.now),
        )
        return tongues.told(self.render(shown), language)


class NamedLanguage(msgspec.Struct, kw_only=True):
    """A language by its code and its English name."""

    code: str
    name: str


class Languages(ClientView):
    """GET /api/v1/instance/languages"""

    @endpoint(who="anyone", answers=list[NamedLanguage])
    def get(self, request: Request) -> HttpResponse:
        """List languages in which to write; posts take any other ISO 639 code, too."""
        return self.render(_named_languages())


_MESSAGES = {
    "invite": _("One joins by invitation at present."),
    "closed": _("This site takes no new registrations at present."),
}


def _said(sentence: StrOrPromise, language: str) -> str:
    with translation.override(language):
        return str(sentence)


def _registrations(country: str, language: str) -> Registrations:
    asked = registration.asked(country)
    message = _MESSAGES.get(asked.mode)
    return Registrations(
        enabled=asked.mode in ("open", "approval"),
        approval_required=asked.reason,
        reason_required=asked.reason,
        message=f"<p>{_said(message, language)}</p>" if message else None,
        min_age=asked.min_age or None,
        url=f"{settings.PUBLIC_URL}/auth/sign_up" if asked.mode != "closed" else None,
    )


@lru_cache(maxsize=1)
def _named_languages() -> list[NamedLanguage]:
    """Those of which Django knows the names, in the order of their codes; what it keeps for old spellings has none."""
    return [
        NamedLanguage(code=languages.written(code), name=known["name"])
        for code, known in sorted(LANG_INFO.items())
        if "name" in known and languages.parse(code) is not None
    ]


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]
