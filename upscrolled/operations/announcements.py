"""News of the house: publish and end; read and answer them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import regex
from django.db import connection, transaction

from upscrolled.core import text
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account, Announcement, AnnouncementRead

TEXT_MAX, REACTIONS_MAX = 5_000, 8
# One emoji as people see it: a sign with its variations and joined signs (UTS 51), a flag, or a keycap.
_EMOJI = regex.compile(
    r"(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3"
    r"|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?[\U000E0020-\U000E007F]*"
    r"(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)*)"
)
EMOJI_MAX = 20
_REACT = """
WITH made AS (
  INSERT INTO upscrolled_announcementreaction (account_id, announcement_id, name)
  VALUES (%(account)s, %(announcement)s, %(name)s)
  ON CONFLICT (account_id, announcement_id, name) DO NOTHING RETURNING 1)
INSERT INTO upscrolled_announcementtally AS t (announcement_id, name, count)
SELECT %(announcement)s, %(name)s, 1 FROM made
ON CONFLICT (announcement_id, name) DO UPDATE SET count = t.count + 1
"""
_UNREACT = """
WITH ended AS (
  DELETE FROM upscrolled_announcementreaction
  WHERE account_id = %(account)s AND announcement_id = %(announcement)s AND name = %(name)s RETURNING 1)
UPDATE upscrolled_announcementtally SET count = count - 1
WHERE announcement_id = %(announcement)s AND name = %(name)s AND EXISTS (SELECT 1 FROM ended)
"""
# Which emojis stand: one that nobody gives any more leaves its place to another.
_OTHERS = """
SELECT count(*) FROM upscrolled_announcementtally
WHERE announcement_id = %(announcement)s AND name <> %(name)s AND count > 0
"""
# What an audit looks for: news whose numbers differ from who answers them, and their numbers written anew.
DRIFT = """
SELECT DISTINCT announcement_id FROM (
  SELECT announcement_id, name, count FROM upscrolled_announcementtally WHERE count <> 0) t
FULL JOIN (
  SELECT announcement_id, name, count(*) AS count FROM upscrolled_announcementreaction
  GROUP BY announcement_id, name) r USING (announcement_id, name)
WHERE t.count IS DISTINCT FROM r.count ORDER BY announcement_id
"""
REPAIR = """
WITH truth AS (
  SELECT announcement_id, name, count(*) AS count FROM upscrolled_announcementreaction
  WHERE announcement_id = ANY(%(ids)s::bigint[]) GROUP BY announcement_id, name
), none AS (
  UPDATE upscrolled_announcementtally t SET count = 0
  WHERE t.announcement_id = ANY(%(ids)s::bigint[])
    AND NOT EXISTS (SELECT 1 FROM truth r WHERE r.announcement_id = t.announcement_id AND r.name = t.name)
)
INSERT INTO upscrolled_announcementtally (announcement_id, name, count)
SELECT announcement_id, name, count FROM truth
ON CONFLICT (announcement_id, name) DO UPDATE SET count = excluded.count
"""


def publish(
    *,
    written: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    all_day: bool = False,
    now: datetime,
) -> Announcement:
    """Show news to everybody signed in. Raises Invalid for no text, too long a one, an end before the start."""
    written = text.clean(written).strip()
    if not 0 < len(written) <= TEXT_MAX:
        raise Invalid(f"An announcement has from 1 to {TEXT_MAX} characters; this has {len(written)}.")
    if ends_at is not None and ends_at <= (starts_at or now):
        raise Invalid("The announcement would end before it begins.")
    return Announcement.objects.create(
        text=written, starts_at=starts_at, ends_at=ends_at, all_day=all_day, published_at=now, updated_at=now
    )


def end(*, announcement_id: int, now: datetime) -> Announcement:
    """Show news no longer. Raises NotFound."""
    changed = Announcement.objects.filter(pk=announcement_id).update(ends_at=now, updated_at=now)
    if not changed:
        raise NotFound(f"There is no announcement {announcement_id}.")
    return Announcement.objects.get(pk=announcement_id)


def dismiss(*, announcement_id: int, by: Account, now: datetime) -> None:
    """Note that somebody has read news, which then are listed no more. Raises NotFound."""
    _require_shown(announcement_id, now)
    AnnouncementRead.objects.bulk_create(
        [AnnouncementRead(account=by, announcement_id=announcement_id)], ignore_conflicts=True
    )


@transaction.atomic
def react(*, announcement_id: int, name: str, by: Account, now: datetime) -> None:
    """Answer news with an emoji, once each. Raises NotFound, Invalid (no emoji; too many different ones)."""
    _require_shown(announcement_id, now)
    if len(name) > EMOJI_MAX or _EMOJI.fullmatch(name) is None:
        raise Invalid("Validation failed: Name is not a recognized emoji")
    row: dict[str, Any] = {"account": by.id, "announcement": announcement_id, "name": name}
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, row)
        (others,) = cursor.fetchone()
        if others >= REACTIONS_MAX:
            raise Invalid(
                f"Validation failed: Limit of different reactions reached ({others}; at most {REACTIONS_MAX})"
            )
        cursor.execute(_REACT, row)


@transaction.atomic
def unreact(*, announcement_id: int, name: str, by: Account, now: datetime) -> None:
    """Take such an answer back. Raises NotFound for news that are not shown."""
    _require_shown(announcement_id, now)
    with connection.cursor() as cursor:
        cursor.execute(_UNREACT, {"account": by.id, "announcement": announcement_id, "name": name})


def _require_shown(announcement_id: int, now: datetime) -> None:
    shown = Announcement.objects.filter(pk=announcement_id, published_at__lte=now)
    if not shown.exclude(ends_at__lte=now).exists():
        raise NotFound
