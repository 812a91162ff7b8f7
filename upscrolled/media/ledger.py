"""Which stored files there are, what uses them, and which are owed to nobody any more.

A row is written, and committed, before its file; a file is removed only while its row is locked and nothing uses
it. Whoever stores the same content at that moment waits for the row, finds neither row nor file, and makes both
anew. So there is no file without a row, and what a dead process left is found by its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from upscrolled.media import store
from upscrolled.models import FileUse, KeptMedia, MediaAttachment, StoredFile

# Between storing a file and the use of it lies less than a piece of work; nothing is removed before.
GRACE = timedelta(hours=2)
FORMER_KEPT = timedelta(days=1)  # what a better file replaced: people may have its address for as long
AT_ONCE = 500

Area, Role = StoredFile.Area, FileUse.Role
_BESIDE = (Role.THUMBNAIL, Role.CAPTIONS)  # what an owner may put in the place of what was shown


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is stored: the id of its row, and what an attachment has it for."""

    id: int
    name: str
    role: str
    label: str = ""


_CLAIM = """
INSERT INTO upscrolled_storedfile AS f (area, name, sha256, bytes, media_type, due_at)
VALUES (%(area)s, %(name)s, %(sha256)s, %(bytes)s, %(media_type)s, %(due)s)
ON CONFLICT (area, name) DO UPDATE SET due_at = greatest(f.due_at, excluded.due_at)
RETURNING id
"""


def keep(path: Path, *, area: str, role: str, label: str = "", suffix: str, now: datetime) -> Kept:
    """Store a file that we made, by its content; it is gone from where it was. It stays for GRACE without a use."""
    digest, size = store.digest_of(path), path.stat().st_size
    name = store.name_of(digest, suffix)
    file_id = claim(area, name, size=size, media_type=store.TYPES[suffix], sha256=digest, now=now)
    store.put(path, f"{area}/{name}", media_type=store.TYPES[suffix])
    return Kept(file_id, name, role, label)


def claim(
    area: str,
    name: str,
    *,
    size: int,
    media_type: str,
    now: datetime,
    sha256: str = "",
    kept_for: timedelta = GRACE,
) -> int:
    """Write the row of a file that is about to be stored; for so long it stays even if nothing uses it."""
    row: dict[str, Any] = {"area": area, "name": name, "sha256": sha256, "media_type": media_type}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {**row, "bytes": size, "due": now + kept_for})
        found = cursor.fetchone()
    assert found is not None
    return int(found[0])


@transaction.atomic
def use(attachment_id: int, kept: Iterable[Kept]) -> None:
    """Enter what an attachment uses; rows of roles and labels that it has already must be released before."""
    uses = [
        FileUse(file_id=each.id, attachment_id=attachment_id, role=each.role, label=each.label)
        for each in kept
    ]
    FileUse.objects.bulk_create(uses)
    _hold({each.file_id for each in uses})


@transaction.atomic
def move(uses: Sequence[FileUse], to: Mapping[int, int], *, now: datetime) -> None:
    """Have uses speak of other files; those that they spoke of may be removed where nothing else uses them."""
    for each in uses:
        FileUse.objects.filter(pk=each.pk).update(file_id=to[each.file_id])
    _hold({to[each.file_id] for each in uses})
    _let_go({each.file_id for each in uses}, now)


@transaction.atomic
def release(uses: Sequence[FileUse], *, now: datetime) -> None:
    """End uses; files that nothing else uses may be removed from now on.

    Thumbnails and captions of what moderators were shown stay as evidence, out of sight, for as long as that is kept.
    """
    ended = set(uses) - _set_apart([each for each in uses if each.role in _BESIDE])
    FileUse.objects.filter(pk__in=[each.pk for each in ended]).delete()
    _let_go({each.file_id for each in ended}, now)


def _set_apart(uses: Sequence[FileUse]) -> set[FileUse]:
    """Make uses evidence where an attachment is kept; return those that are. Their files are moved by the clock."""
    if not uses:
        return set()
    whose = {each.attachment_id for each in uses}
    kept = set(KeptMedia.objects.filter(attachment__in=whose).values_list("attachment_id", flat=True))
    apart = {each for each in uses if each.attachment_id in kept}
    for each in apart:
        named = {"role": Role.EVIDENCE, "label": f"{each.role} {each.pk}"}
        FileUse.objects.filter(pk=each.pk).update(until=None, **named)
    # Until nothing of theirs lies among everybody's files that should not, they count as private ones.
    MediaAttachment.objects.filter(pk__in={each.attachment_id for each in apart}, public=True).update(
        public=False
    )
    return apart


def _hold(files: set[int]) -> None:
    # In one order, so that two that use the same files never wait for each other in a ring.
    locked = StoredFile.objects.select_for_update().filter(pk__in=files).order_by("pk")
    StoredFile.objects.filter(pk__in=[file.pk for file in locked]).update(due_at=None)


def _let_go(files: set[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UNUSED, {"files": sorted(files), "now": now})


_UNUSED = """
UPDATE upscrolled_storedfile f SET due_at = greatest(f.due_at, %(now)s)
WHERE f.id IN (SELECT x.id FROM upscrolled_storedfile x WHERE x.id = ANY(%(files)s::bigint[]) ORDER BY x.id FOR UPDATE)
  AND NOT EXISTS (SELECT 1 FROM upscrolled_fileuse u WHERE u.file_id = f.id)
"""


def end_former(*, now: datetime) -> int:
    """End the uses of files that something better replaced a while ago; return how many."""
    former = list(FileUse.objects.filter(until__lte=now).order_by("until")[:AT_ONCE])
    if former:
        release(former, now=now)
    return len(former)


_DUE = """
SELECT id FROM upscrolled_storedfile WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(limit)s
"""
_LOCK = """
SELECT area, name FROM upscrolled_storedfile WHERE id = %(id)s AND due_at <= %(now)s FOR UPDATE SKIP LOCKED
"""
_USED = "SELECT EXISTS (SELECT 1 FROM upscrolled_fileuse WHERE file_id = %(id)s)"


def remove_due(*, now: datetime, at_most: int = AT_ONCE) -> int:
    """Remove files that are due and used by nothing; return how many went."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "limit": at_most})
        due = [row[0] for row in cursor.fetchall()]
    return sum(_remove(file_id, now) for file_id in due)


@transaction.atomic
def _remove(file_id: int, now: datetime) -> bool:
    row: dict[str, Any] = {"id": file_id, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, row)
        found = cursor.fetchone()
        if found is None:
            return False
        cursor.execute(_USED, row)
        if cursor.fetchone()[0]:
            cursor.execute("UPDATE upscrolled_storedfile SET due_at = NULL WHERE id = %(id)s", row)
            return False
        store.store().delete(f"{found[0]}/{found[1]}")
        cursor.execute("DELETE FROM upscrolled_storedfile WHERE id = %(id)s", row)
        return True


# What an audit looks for: a file that nothing uses and nobody will remove.
DRIFT = """
SELECT f.id FROM upscrolled_storedfile f
WHERE f.due_at IS NULL AND NOT EXISTS (SELECT 1 FROM upscrolled_fileuse u WHERE u.file_id = f.id)
ORDER BY f.id
"""
REPAIR = "UPDATE upscrolled_storedfile SET due_at = now() WHERE id = ANY(%(ids)s::bigint[])"
