"""What this site has beyond the Mastodon API, and what it asks of those who sign up."""

from __future__ import annotations

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import switches
from upscrolled.api.base import ClientView, endpoint
from upscrolled.operations import registration

VERSION = 1


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
    """What `POST /api/v1/accounts` asks for at present, and how long what it leaves is kept; `limits` null: none."""

    mode: str
    invite_code: bool
    reason: bool
    date_of_birth: bool
    min_age: int | None
    challenge: str | None
    limits: SignUpLimits | None
    ip_retention_days: int
    unconfirmed_days: int


class Features(msgspec.Struct, kw_only=True):
    """What this site has beyond the Mastodon API; `version` is that of `api_versions.upscrolled`.

    `switches` tells how the operator runs the site at present: `registrations` open, approval, invite or closed;
    `writes`, `transfers` on or off; `discover` live or last_pool; `crisis` off or on (then `/crisis` says why).
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
        description=(
            "PATCH changes what GET /api/v1/preferences tells, under the same names; posting:show_application is "
            "whether others see with which application a post was written."
        ),
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
        name="delete_account",
        path="/api/v1/upscrolled/account/delete",
        description="Closes one's account at once and erases it later; the page is /account/delete.",
    ),
    Feature(
        name="exports",
        path="/api/v1/upscrolled/exports",
        description="An archive of what is one's own, and one's lists as CSV (…/following_accounts.csv), also for who "
        "is suspended; the page is /account/export.",
    ),
    Feature(
        name="imports",
        path="/api/v1/upscrolled/imports",
        description="Lists of Mastodon (following, blocking, muting) are taken over: `type`, and `data` as CSV.",
    ),
    Feature(
        name="terms",
        path="/api/v1/upscrolled/terms",
        description="The version of the terms in force and whether one has agreed; POST …/accept agrees.",
    ),
    Feature(
        name="media",
        path="/api/v2/media",
        description="How far an upload is, HLS and more: `upscrolled` of a media attachment; POST "
        "/api/v1/upscrolled/media/:id/retry tries again.",
    ),
    Feature(
        name="resumable_uploads",
        path="/api/v1/upscrolled/uploads",
        description="Files in pieces, over tus 1.0 and any number of broken connections; Upscrolled-Media-Id is then "
        "the attachment. …/multipart: straight into the object store, where the site has one.",
    ),
    Feature(
        name="captions",
        path="/api/v1/upscrolled/media/:id/captions",
        description="Captions of a video, a language each, as WebVTT or SRT; DELETE …/captions/:language.",
    ),
    Feature(
        name="publish_when_ready",
        path="/api/v1/statuses",
        description="`upscrolled[publish_when_ready]`: a post whose media are still processed is published once "
        "they are ready; until then it is a scheduled post.",
    ),
    Feature(
        name="discover",
        path="/api/v1/upscrolled/discover",
        description="Posts ranked by a public formula, in pages of one scroll that never overlap.",
    ),
    Feature(
        name="discover_pools",
        path="/api/v1/upscrolled/discover/pools",
        description="The pools that discover draws from, signed and chained, so that any page can be drawn again.",
    ),
    Feature(
        name="discover_why",
        path="/api/v1/upscrolled/posts/:id/why",
        description="Why a post is shown: the parts of its score in numbers and words.",
    ),
    Feature(
        name="discover_preferences",
        path="/api/v1/upscrolled/discover/preferences",
        description="Languages, covers and people one follows; …/posts/:id/hide keeps one post away.",
    ),
    Feature(
        name="reach",
        path="/api/v1/upscrolled/statuses/:id/reach",
        description="For its author: where a post may be shown, why not, and how often it was.",
    ),
    Feature(
        name="keys", path="/api/v1/upscrolled/keys", description="The public keys of what this site signs."
    ),
    Feature(
        name="standing",
        path="/api/v1/upscrolled/standing",
        description="Decisions about oneself with statement of reasons, proof and appeal: `statements`, `reports`.",
    ),
    Feature(
        name="policies",
        path="/api/v1/upscrolled/policies",
        description="What is not allowed; `upscrolled[reason]` of a report names one, `upscrolled[hashtag]` a hashtag.",
    ),
    Feature(
        name="moderation_log",
        path="/log/checkpoint",
        description="Every decision in a Merkle tree (C2SP tlog-tiles); docs/moderation.md says how to verify it.",
    ),
    Feature(
        name="streaming",
        path="/api/v2/instance",
        description="At configuration.urls.streaming: ids of events, coming back after the last one (docs/live.md).",
    ),
    Feature(
        name="notification_settings",
        path="/api/v1/upscrolled/notification_settings",
        description="Types of notifications that wake no phone, and quiet hours.",
    ),
    Feature(
        name="push_withdraws",
        path="/api/v1/push/subscription",
        description="`data[upscrolled][withdraws]`: phones are told what was read elsewhere.",
    ),
    Feature(
        name="conversations",
        path="/api/v1/upscrolled/conversations",
        description="Private messages: pairs and groups, requests, sync, search; not end-to-end encrypted.",
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
            version=VERSION,
            software=settings.VERSION,
            features=FEATURES,
            switches=switches.public(),
            sign_up=_sign_up_rules(getattr(request, "country", "")),
        )
        return self.render(shown)


def _sign_up_rules(country: str) -> SignUpRules:
    asked = registration.asked(country)
    return SignUpRules(
        mode=asked.mode,
        invite_code=asked.invitation,
        reason=asked.reason,
        date_of_birth=asked.min_age > 0,
        min_age=asked.min_age or None,
        challenge=asked.challenge.kind if asked.challenge else None,
        limits=_sign_up_limits() if settings.RATE_LIMITS and registration.is_defended() else None,
        ip_retention_days=settings.IP_RETENTION_DAYS,
        unconfirmed_days=settings.UNCONFIRMED_DAYS,
    )


def _sign_up_limits() -> SignUpLimits:
    return SignUpLimits(
        per_address=settings.SIGN_UPS_PER_ADDRESS,
        per_block=settings.SIGN_UPS_PER_BLOCK,
        per_device=settings.SIGN_UPS_PER_DEVICE,
        per_mailbox_and_day=settings.SIGN_UPS_PER_MAILBOX,
    )
