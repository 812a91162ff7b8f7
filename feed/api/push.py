"""Web Push: one subscription for each access token, as the Mastodon API has it; and how one wants to be told."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api.notifications import KIND, NOTIFICATION_TYPE
from upscrolled.api import parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.signup import Empty
from upscrolled.core.errors import Invalid
from upscrolled.operations import push
from upscrolled.operations.push import DAY, POLICIES, Device, Phone, Wishes
from upscrolled.push.encryption import text
from upscrolled.queries import push as queries

_ALERTS = [*NOTIFICATION_TYPE.values(), "admin.report"]  # nobody is told of reports this way


class SubscriptionExtension(msgspec.Struct, kw_only=True):
    """Which service reaches the phone (web, apns, fcm), and whether it is told what was read elsewhere."""

    service: str
    withdraws: bool


class WebPushSubscription(msgspec.Struct, kw_only=True):
    """Where a phone is told, and what (Mastodon API, WebPushSubscription). `withdraws` is ours: see docs/live.md."""

    id: int
    endpoint: str
    standard: bool
    alerts: dict[str, bool]
    policy: str
    server_key: str
    upscrolled: SubscriptionExtension


class KeysForm(serializers.Serializer[Any]):
    """The two keys that a browser or phone made."""

    p256dh = serializers.CharField(max_length=200)
    auth = serializers.CharField(max_length=100)


class PhoneForm(serializers.Serializer[Any]):
    """Where to push. `standard` means RFC 8291; without it, the draft before that."""

    endpoint = serializers.CharField(max_length=push.ENDPOINT_MAX)
    keys = KeysForm()
    standard = serializers.BooleanField(default=False)


class OursForm(serializers.Serializer[Any]):
    """`withdraws`: tell also what was read elsewhere."""

    withdraws = serializers.BooleanField(default=False)


class WishesForm(serializers.Serializer[Any]):
    """What to push, by the types of notifications; and whose."""

    alerts = serializers.DictField(child=serializers.BooleanField(), required=False)
    policy = serializers.ChoiceField(choices=POLICIES, required=False)
    upscrolled = OursForm(required=False)


class SubscriptionChange(serializers.Serializer[Any]):
    """What to push from now on; types that are not named are not pushed."""

    data = WishesForm(required=False)  # type: ignore[assignment]  # the metaclass takes fields off the class
    policy = serializers.ChoiceField(choices=POLICIES, required=False)


class SubscriptionForm(SubscriptionChange):
    """A subscription, in place of the one that the token has."""

    subscription = PhoneForm()


class DeviceForm(SubscriptionChange):
    """A phone by its token at Apple's or Google's service, in place of the subscription that the token has."""

    service = serializers.ChoiceField(choices=sorted(push.SERVICES))
    token = serializers.CharField(max_length=400)


class Subscription(ClientView):
    """POST, GET, PUT, DELETE /api/v1/push/subscription"""

    @endpoint(scope="push", answers=WebPushSubscription)
    def get(self, request: Request) -> HttpResponse:
        """Read the token's subscription; 404 if there is none."""
        return self._shown(queries.subscription(self._token))

    @endpoint(scope="push", body=SubscriptionForm, answers=WebPushSubscription)
    def post(self, request: Request) -> HttpResponse:
        """Subscribe. The address must be a public one that begins with https://."""
        form = self.valid(SubscriptionForm)
        given = form["subscription"]
        push.require_public(given["endpoint"])
        phone = Phone(given["endpoint"], given["keys"]["p256dh"], given["keys"]["auth"], given["standard"])
        held = push.subscribe(phone, _wishes(form), account=self.me, token_id=self._token, now=self.now)
        return self._shown(held)

    @endpoint(scope="push", body=SubscriptionChange, answers=WebPushSubscription)
    def put(self, request: Request) -> HttpResponse:
        """Change what the token's phone is told."""
        return self._shown(push.change(_wishes(self.valid(SubscriptionChange)), token_id=self._token))

    @endpoint(scope="push", answers=Empty)
    def delete(self, request: Request) -> HttpResponse:
        """Tell the token's phone nothing any more."""
        push.unsubscribe(token_id=self._token)
        return self.render(Empty())

    @property
    def _token(self) -> int:
        assert self.principal is not None
        return self.principal.token_id

    def _shown(self, held: Any) -> HttpResponse:
        alerts = {name: KIND.get(name) in held.alerts for name in _ALERTS}
        shown = WebPushSubscription(
            id=held.id,
            endpoint=held.endpoint,
            standard=held.standard,
            alerts=alerts,
            policy=held.policy,
            server_key=text(bytes(queries.key_of(held).public)),
            upscrolled=SubscriptionExtension(service=held.service, withdraws=held.withdraws),
        )
        return self.render(shown)


def _wishes(form: dict[str, Any]) -> Wishes:
    data = form.get("data") or {}
    asked = {name: wanted for name, wanted in (data.get("alerts") or {}).items() if name in KIND}
    if asked.get("mention"):  # a message is one of them, unless an application knows that there are messages
        asked.setdefault(NOTIFICATION_TYPE["message"], True)
    alerts = [KIND[name] for name, wanted in asked.items() if wanted]
    policy = data.get("policy") or form.get("policy") or "all"
    return Wishes(alerts, policy, (data.get("upscrolled") or {}).get("withdraws", False))


class DeviceSubscription(Subscription):
    """POST, GET, PUT, DELETE /api/v1/upscrolled/push/device"""

    @endpoint(scope="push", body=DeviceForm, answers=WebPushSubscription)
    def post(self, request: Request) -> HttpResponse:
        """Subscribe a phone that only Apple's or Google's service reaches; they are told no text of a post."""
        form = self.valid(DeviceForm)
        device = Device(form["service"], form["token"])
        held = push.subscribe_device(
            device, _wishes(form), account=self.me, token_id=self._token, now=self.now
        )
        return self._shown(held)


class QuietHours(msgspec.Struct, kw_only=True):
    """When no phone is woken: from a minute of the day until another, in a time zone. Equal ones: never."""

    starts: str
    ends: str
    zone: str


class NotificationSettings(msgspec.Struct, kw_only=True):
    """How one wants to be told: types that no phone is woken for, when none is, and how often by mail (`digest`)."""

    unwanted: list[str]
    quiet_hours: QuietHours
    digest: str


class QuietHoursForm(serializers.Serializer[Any]):
    """Times of the day as 22:30, and the name of a time zone as Asia/Gaza."""

    starts = serializers.CharField(max_length=5, required=False)
    ends = serializers.CharField(max_length=5, required=False)
    zone = serializers.CharField(max_length=60, required=False)


class NotificationSettingsForm(serializers.Serializer[Any]):
    """What to change; what is not sent stays."""

    unwanted = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    quiet_hours = QuietHoursForm(required=False)
    digest = serializers.CharField(max_length=40, required=False)


class Settings(ClientView):
    """GET, PATCH /api/v1/upscrolled/notification_settings"""

    @endpoint(scope="read:notifications", answers=NotificationSettings)
    def get(self, request: Request) -> HttpResponse:
        """Read which types wake no phone, and the quiet hours. All stand in the list of notifications."""
        return self._shown(queries.choices(self.viewer))

    @endpoint(scope="write:notifications", body=NotificationSettingsForm, answers=NotificationSettings)
    def patch(self, request: Request) -> HttpResponse:
        """Change them."""
        form = self.valid(NotificationSettingsForm)
        hours = form.get("quiet_hours") or {}
        wanted: dict[str, Any] = {}
        if "unwanted" in form:
            wanted["unwanted"] = [_kind(name) for name in parsers.texts(form["unwanted"])]
        for name, column in (("starts", "quiet_from"), ("ends", "quiet_until")):
            if name in hours:
                wanted[column] = _minute(name, hours[name])
        if "zone" in hours:
            wanted["zone"] = hours["zone"]
        if "digest" in form:
            wanted["digest"] = form["digest"]
        return self._shown(push.choose(by=self.me, wanted=wanted, now=self.now))

    def _shown(self, chosen: Any) -> HttpResponse:
        hours = QuietHours(
            starts=_clock(chosen.quiet_from), ends=_clock(chosen.quiet_until), zone=chosen.zone
        )
        unwanted = [NOTIFICATION_TYPE[kind] for kind in chosen.unwanted]
        digest = queries.digest(self.viewer)
        return self.render(NotificationSettings(unwanted=unwanted, quiet_hours=hours, digest=digest))


def _kind(name: str) -> str:
    if name not in KIND:
        raise Invalid(f"Validation failed: there are no notifications of the type {name!r}")
    return KIND[name]


def _minute(name: str, given: str) -> int:
    hours, colon, minutes = given.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(minutes) < 60:
        minute = int(hours) * 60 + int(minutes)
        if minute < DAY:
            return minute
    raise Invalid(f"Validation failed: {name} must be a time from 00:00 to 23:59, not {given!r}")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
