"""Tell the public log of what is no decision, within the transaction that does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moderation import transparency
from moderation.models import PublicAct


def tell(kind: str, ref: int, *, now: datetime, **facts: Any) -> None:
    """Add an entry about row `ref` to the log, once for each kind."""
    data = transparency.act(kind, at=now, **facts)
    row = PublicAct(kind=kind, ref=ref, data=data, hash=transparency.hash_of(data), created_at=now)
    PublicAct.objects.bulk_create([row], ignore_conflicts=True)
