"""Crises as everybody may read of them."""

from __future__ import annotations

from moderation.models import Crisis


def listed(*, at_most: int = 50) -> list[Crisis]:
    """Return the crises, the last first, each with its end if it has one."""
    return list(Crisis.objects.select_related("end").order_by("-id")[:at_most])
