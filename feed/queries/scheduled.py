"""One's own scheduled posts and drafts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from feed.models import IdempotencyKey, ScheduledPost
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Later:
    """A post for later. `publish_at` is None for a draft; `refused` says why it was not published in time."""

    id: int
    publish_at: datetime | None
    wanted: Mapping[str, Any]
    refused: str
    created_at: datetime
    updated_at: datetime


def get(viewer: Viewer, scheduled_id: int, *, draft: bool) -> Later:
    """Return a scheduled post or draft of the viewer's own. Raises NotFound."""
    row = _own(viewer, draft=draft).filter(pk=scheduled_id).first()
    if row is None:
        raise NotFound
    return _later(row)


def listed(viewer: Viewer, page: Page, *, draft: bool) -> list[Later]:
    """Return a page of the viewer's scheduled posts or drafts, the last made first."""
    rows = _own(viewer, draft=draft).filter(pk__lt=page.max_id or LARGEST, pk__gt=page.above or 0)
    found = list(rows.order_by("pk" if page.upward else "-pk")[: page.limit])
    return [_later(row) for row in sorted(found, key=lambda row: -row.pk)]


def refused(viewer: Viewer, scheduled_ids: Iterable[int]) -> dict[int, str]:
    """Return of these scheduled posts of the viewer's own those that could not be published, with the reason."""
    rows = _own(viewer, draft=False).filter(pk__in=list(scheduled_ids)).exclude(refused="")
    return dict(rows.values_list("pk", "refused"))


def key_of(draft_id: int) -> str:
    """Return the idempotency key under which a draft is published."""
    return f"draft {draft_id}"


def published(viewer: Viewer, draft_id: int) -> int | None:
    """Return the post that a draft of the viewer's own became within the last hour, if it did."""
    keys = IdempotencyKey.objects.filter(account_id=viewer.id, key=key_of(draft_id), post_id__gt=0)
    return keys.values_list("post_id", flat=True).first()


def _own(viewer: Viewer, *, draft: bool) -> QuerySet[ScheduledPost]:
    return ScheduledPost.objects.filter(account_id=viewer.id, publish_at__isnull=draft)


def _later(row: ScheduledPost) -> Later:
    return Later(row.pk, row.publish_at, row.wanted, row.refused, row.created_at, row.updated_at)
