"""How somebody is told: their phones, and their choices."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from upscrolled.core.errors import NotFound
from upscrolled.models import MailDigest, NotificationChoice, PushSubscription, SigningKey
from upscrolled.viewer import Viewer


def subscription(token_id: int) -> PushSubscription:
    """Return the subscription of a token. Raises NotFound."""
    found = PushSubscription.objects.filter(token_id=token_id).first()
    if found is None:
        raise NotFound
    return found


def key_of(held: PushSubscription) -> SigningKey:
    """Return the key with which pushes to this phone are signed."""
    return SigningKey.objects.get(pk=held.key_id)


def choices(viewer: Viewer) -> NotificationChoice:
    """Return how the viewer wants to be told; what nobody chose is the default."""
    found = NotificationChoice.objects.filter(account_id=viewer.id).first()
    return found or NotificationChoice(account_id=viewer.id)


def zone(viewer: Viewer) -> tzinfo:
    """Return the time zone in which the viewer's days begin: that of their quiet hours, UTC if there is none."""
    return ZoneInfo(choices(viewer).zone) if viewer.account is not None else UTC


def digest(viewer: Viewer) -> str:
    """Return how often the viewer wants a mail about what they have not read: off, daily, weekly."""
    return MailDigest.objects.filter(account_id=viewer.id).values_list("every", flat=True).first() or "off"
