"""Subscribe a phone to pushes, change what it wants, and say how one wants to be told at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from ssrfguard import BlockedURLError

from upscrolled import acting, keys, tasks
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account, MailDigest, Notification, NotificationChoice, PushSubscription
from upscrolled.outbound.reach import Reach
from upscrolled.push import digests, encryption, ledger, vapid

POLICIES: Final = ("all", "followed", "follower", "none")
ENDPOINT_MAX: Final = 2_048
DAY: Final = 24 * 60
SERVICES: Final = {"apns": "APNS_KEY", "fcm": "FCM_CREDENTIALS"}  # and what says that a site has them
_DEVICE: Final = re.compile(r"[A-Za-z0-9_:.%-]{16,400}")  # of which an address is made
_PUBLIC: Final = Reach(ports=frozenset({443}))


@dataclass(frozen=True, slots=True)
class Phone:
    """Where a phone is reached, and how: base64 of its key and its secret, as browsers give them."""

    endpoint: str
    p256dh: str
    auth: str
    standard: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """A phone as Apple's (apns) or Google's (fcm) service knows it: by the token that it gave the application."""

    service: str
    token: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a phone wants to be told: kinds of notifications, whose, and whether also what was read elsewhere."""

    alerts: Sequence[str] = ()
    policy: str = "all"
    withdraws: bool = False


def require_public(endpoint: str) -> None:
    """Raise Invalid for an address that no push service of the internet can have."""
    try:
        if len(endpoint) > ENDPOINT_MAX:
            raise Invalid(
                f"Validation failed: Endpoint has {len(endpoint)} characters; at most {ENDPOINT_MAX}"
            )
        if not endpoint.startswith("https://"):
            raise Invalid("Validation failed: Endpoint must begin with https://")
        _PUBLIC.judge(endpoint)
    except BlockedURLError as refusal:
        reason = getattr(refusal, "reason", "not public")
        raise Invalid(f"Validation failed: Endpoint is no address of a push service ({reason})") from None


@transaction.atomic
def subscribe(
    phone: Phone, wishes: Wishes, *, account: Account, token_id: int, now: datetime
) -> PushSubscription:
    """Subscribe with the token's phone, in place of what it had. Raises Invalid."""
    try:
        p256dh, auth = encryption.read(phone.p256dh), encryption.read(phone.auth)
        encryption.require_keys(p256dh, auth)
    except ValueError as error:
        raise Invalid(f"Validation failed: Keys are not those of a subscription: {error}") from None
    row = {"endpoint": phone.endpoint, "p256dh": p256dh, "auth": auth, "standard": phone.standard}
    return _replace(row, wishes, account=account, token_id=token_id, now=now)


@transaction.atomic
def subscribe_device(
    device: Device, wishes: Wishes, *, account: Account, token_id: int, now: datetime
) -> PushSubscription:
    """Subscribe with the token's phone, in place of what it had. Raises Invalid."""
    offered = [name for name, there in SERVICES.items() if getattr(settings, there)]
    if device.service not in offered:
        names = ", ".join(offered) or "none"
        raise Invalid(
            f"Validation failed: Service must be one that this site has: {names}; not {device.service[:40]!r}"
        )
    if not _DEVICE.fullmatch(device.token):
        raise Invalid(
            "Validation failed: Token must be letters, digits and any of - _ : . %, 16 to 400 of them"
        )
    row = {"service": device.service, "endpoint": device.token, "p256dh": b"", "auth": b"", "standard": True}
    return _replace(row, wishes, account=account, token_id=token_id, now=now)


def _replace(
    row: dict[str, Any], wishes: Wishes, *, account: Account, token_id: int, now: datetime
) -> PushSubscription:
    ledger.drop(PushSubscription.objects.filter(token_id=token_id).values_list("id", flat=True))
    row |= {"key_id": keys.in_use(vapid.PURPOSE, now=now).id, "created_at": now, **_checked(wishes)}
    return PushSubscription.objects.create(token_id=token_id, account=account, **row)


@transaction.atomic
def change(wishes: Wishes, *, token_id: int) -> PushSubscription:
    """Change what the token's phone is told. Raises NotFound, Invalid."""
    held = PushSubscription.objects.select_for_update().filter(token_id=token_id).first()
    if held is None:
        raise NotFound
    for name, value in _checked(wishes).items():
        setattr(held, name, value)
    held.save(update_fields=["alerts", "policy", "withdraws"])
    return held


def unsubscribe(*, token_id: int) -> None:
    """Tell the token's phone nothing any more."""
    ledger.drop(PushSubscription.objects.filter(token_id=token_id).values_list("id", flat=True))


def _checked(wishes: Wishes) -> dict[str, Any]:
    if wishes.policy not in POLICIES:
        names = ", ".join(POLICIES)
        raise Invalid(f"Validation failed: Policy must be one of {names}, not {wishes.policy[:40]!r}")
    kinds = set(Notification.Kind.values)
    alerts = [kind for kind in dict.fromkeys(wishes.alerts) if kind in kinds]
    return {"alerts": alerts, "policy": wishes.policy, "withdraws": wishes.withdraws}


def read_elsewhere(last_read_id: int, *, by: Account, token_id: int, now: datetime) -> None:
    """Take pushes back that were read on another device: those that wait, and (for who wants it) those that came."""
    if ledger.read_elsewhere(by.id, last_read_id, token_id=token_id, now=now):
        tasks.push_soon()


def choose(*, by: Account, wanted: Mapping[str, Any], now: datetime) -> NotificationChoice:
    """Change how somebody wants to be told; what is not given stays. Raises Invalid."""
    row = dict(wanted)
    if "digest" in row:
        _choose_digest(by, row.pop("digest"), now=now)
    for name in ("quiet_from", "quiet_until"):
        if name in row and not 0 <= row[name] < DAY:
            raise Invalid(
                f"Validation failed: {name} must be a minute of the day, 0 to {DAY - 1}; it was {row[name]}"
            )
    if "zone" in row:
        try:
            ZoneInfo(row["zone"])
        except (ValueError, OSError, KeyError):
            raise Invalid(
                f"Validation failed: zone must be a name such as Asia/Gaza, not {row['zone'][:60]!r}"
            ) from None
    if unknown := set(row.get("unwanted", ())) - set(Notification.Kind.values):
        raise Invalid(
            f"Validation failed: there are no notifications of the type {sorted(unknown)[0][:40]!r}"
        )
    with transaction.atomic():
        acting.as_owner(by.id)
        chosen, _ = NotificationChoice.objects.update_or_create(account=by, defaults=row)
    return chosen


def _choose_digest(by: Account, every: str, *, now: datetime) -> None:
    """Begin, change or end mails about what was not read; the first comes when the time is over once."""
    if every == "off":
        digests.stop(by.id)
        return
    if every not in digests.EVERY:
        names = ", ".join(["off", *digests.EVERY])
        raise Invalid(f"Validation failed: digest must be one of {names}; not {every[:40]!r}")
    row = {"every": every, "due_at": now + digests.EVERY[every]}
    MailDigest.objects.update_or_create(account=by, defaults=row)
