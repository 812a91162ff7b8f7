"""Of which domains the operator wants no previews."""

from __future__ import annotations

from feed.models import CardBan


def forbidden_domains() -> list[CardBan]:
    """Return the domains with the reasons, by name."""
    return list(CardBan.objects.order_by("domain"))
