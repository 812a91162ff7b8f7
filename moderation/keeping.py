"""Whose account may not be erased yet: an appeal of theirs is not decided."""

from __future__ import annotations

from collections.abc import Collection

from moderation.models import Appeal


def held(account_ids: Collection[int]) -> set[int]:
    """Return those who wait for the decision of an appeal."""
    open_ones = Appeal.objects.filter(account_id__in=account_ids, decided_at=None)
    return set(open_ones.values_list("account_id", flat=True))
