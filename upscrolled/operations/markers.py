"""Remember how far somebody has read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from upscrolled.core.errors import Conflict
from upscrolled.models import Account, Marker
from upscrolled.operations import push

TIMELINES = tuple(Marker.Timeline.values)
# A position may go back, as at Mastodon: somebody may want to read again. `version` counts the changes.
_SET = """
INSERT INTO upscrolled_marker AS m (account_id, timeline, last_read_id, version, updated_at)
VALUES (%(account)s, %(timeline)s, %(id)s, 1, %(now)s)
ON CONFLICT (account_id, timeline) DO UPDATE
SET last_read_id = excluded.last_read_id, version = m.version + 1, updated_at = excluded.updated_at
WHERE %(version)s::int IS NULL OR m.version = %(version)s::int
RETURNING last_read_id, version, updated_at
"""


class Stale(Conflict):
    """Another device has moved the position since."""

    safe = "Conflict during update, please try again"


class Position(NamedTuple):
    """How far somebody says that they have read; `version` is the one they build on, where they say so."""

    last_read_id: int
    version: int | None = None


class Read(NamedTuple):
    """A stored position."""

    last_read_id: int
    version: int
    updated_at: datetime


@transaction.atomic
def set_positions(
    *, account: Account, positions: Mapping[str, Position], token_id: int = 0, now: datetime
) -> dict[str, Read]:
    """Store positions by timeline, all or none, and return them as they stand. Raises Stale.

    Phones need not be woken for notifications that were read here, with `token_id`.
    """
    stored = {}
    with connection.cursor() as cursor:
        for timeline, position in sorted(positions.items()):
            row: dict[str, Any] = {"account": account.id, "timeline": timeline, "now": now}
            cursor.execute(_SET, {**row, "id": position.last_read_id, "version": position.version})
            found = cursor.fetchone()
            if found is None:
                raise Stale
            stored[timeline] = Read(*found)
    if (read := stored.get(Marker.Timeline.NOTIFICATIONS)) is not None:
        push.read_elsewhere(read.last_read_id, by=account, token_id=token_id, now=now)
    return stored
