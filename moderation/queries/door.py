"""Appeals against refusals at the door: for whoever filed one, and those that wait."""

from __future__ import annotations

from moderation import links
from moderation.models import DoorAppeal
from upscrolled.core.errors import NotFound


def by_link(secret: str) -> DoorAppeal:
    """Return the appeal of a link. Raises NotFound."""
    found = DoorAppeal.objects.filter(pk=links.number_of("door", secret)).first()
    if found is None:
        raise NotFound
    return found


def waiting(*, at_most: int = 100) -> list[DoorAppeal]:
    """Return the appeals that wait, the nearest deadline first."""
    return list(DoorAppeal.objects.filter(state="filed").order_by("deadline", "id")[:at_most])


def appeal(appeal_id: int) -> DoorAppeal:
    """Return an appeal with who answered it, or raise NotFound."""
    found = DoorAppeal.objects.select_related("decided_by").filter(pk=appeal_id).first()
    if found is None:
        raise NotFound
    return found


def answered(*, at_most: int = 50) -> list[DoorAppeal]:
    """Return the appeals that were answered, the last first."""
    found = DoorAppeal.objects.exclude(state="filed").select_related("decided_by")
    return list(found.order_by("-decided_at", "-id")[:at_most])
