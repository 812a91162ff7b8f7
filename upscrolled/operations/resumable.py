"""A file that comes in pieces, on bad networks and over days: begin, go on where it stopped, finish, give up.

What has arrived is on the disk, and its length is the offset: no row is written while bytes flow, and none can be
wrong. A file that is complete is made an attachment by whoever sees that it is, the clock included.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction

from upscrolled.core import ids
from upscrolled.core.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from upscrolled.media import pieces, store
from upscrolled.models import Account, Upload, uploads
from upscrolled.operations import upload
from upscrolled.operations.attachments import checked_description
from upscrolled.visibility import require_interact

log = logging.getLogger(__name__)

METADATA_MAX = uploads.METADATA_MAX
KEPT_FOR = timedelta(hours=24)  # after the last piece
OPEN_MAX = 5  # uploads of one account that are not complete
SPARE = 1024 * 1024 * 1024  # bytes that stay free on the disk
_ENOUGH = 4_096  # bytes that show what a file is
_AT_ONCE = 100
_SETTLED_AFTER = timedelta(minutes=1)


class Moved(Conflict):
    """The offset is not where the upload ends; ask where that is, and go on there."""


class Unlike(DomainError):
    """The bytes have another checksum than was said (tus 1.0, checksum)."""

    status, safe = 460, "The checksum does not fit the bytes that came; none of them was kept"


class NoRoom(Unavailable):
    """The disk is full, or will be."""

    safe = "There is no room for uploads just now. Try again in a few minutes."
    retry_after = 300


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a piece is said to add up to, by an algorithm of `pieces.ALGORITHMS`."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is; `attachment_id` when it is one."""

    id: int
    offset: int
    size: int
    metadata: str
    expires_at: datetime
    attachment_id: int | None


def begin(
    *, owner: Account, size: int, now: datetime, kind: str = "", description: str = "", metadata: str = ""
) -> Progress:
    """Announce a file of so many bytes. `kind` is what its owner says it is, "" if nothing; only limits heed it.

    Raises TooLarge and Invalid with limit and actual value, NoRoom, NotAllowed.
    """
    require_interact(owner)
    if size < 1:
        raise Invalid(f"Validation failed: File has {size} bytes; at least 1")
    upload.expect(size, kind)
    described = checked_description(description)
    if pieces.room() < size + SPARE:
        raise NoRoom
    require_place(owner, now)
    row = insert(
        Upload(owner=owner, size=size, description=described, metadata=metadata, expires_at=now + KEPT_FOR),
        now,
    )
    return _progress(row, 0)


def look(upload_id: int, *, by: Account, now: datetime) -> Progress:
    """Return how far one's own upload is; one that is complete is made an attachment. Raises NotFound."""
    row = own(upload_id, by, now)
    offset = _offset(row)
    if offset == row.size and row.attachment_id is None:
        row = _finish(row, now)
    return _progress(row, offset)


def append(
    upload_id: int,
    read: pieces.Read,
    *,
    by: Account,
    at: int,
    length: int,
    checksum: Checksum | None = None,
    now: datetime,
    clock: Callable[[], datetime],
) -> Progress:
    """Take `length` bytes that `read` gives in pieces; fewer if the connection breaks: those that came are kept.

    Raises NotFound, Moved, TooLarge, Unlike, NoRoom; and whatever `upload.accept` refuses, where this completes
    the file. What is no photo, video or sound ends as soon as its first bytes show it.
    """
    row = own(upload_id, by, now)
    offset = _offset(row)
    if at != offset:
        raise Moved(f"The upload has {offset} bytes; these begin at {at}")
    if at + length > row.size:
        raise upload.TooLarge(
            f"Validation failed: File was to have {row.size} bytes; with these it has {at + length}"
        )
    Upload.objects.filter(pk=row.pk).update(expires_at=now + KEPT_FOR)
    row.expires_at = now + KEPT_FOR
    try:
        offset = _take(row, read, at, length, checksum) if length else offset
    except pieces.Moved as moved:
        raise Moved(f"The upload has {moved.length} bytes; another request sends them too") from None
    except pieces.Full:
        raise NoRoom from None
    except pieces.Unlike:
        raise Unlike from None
    except upload.NotTaken:
        discard(row)
        raise
    if offset == row.size and row.attachment_id is None:
        row = _finish(row, clock())
    return _progress(row, offset)


def give_up(upload_id: int, *, by: Account, now: datetime) -> None:
    """Forget an upload and what has arrived of it; an attachment that it became stays. Raises NotFound."""
    discard(own(upload_id, by, now))


def sweep(*, now: datetime) -> None:
    """Finish what is complete, remove what has expired, and files that no upload knows."""
    settled = ids.first_at(now - _SETTLED_AFTER)
    waiting = Upload.objects.filter(attachment=None, store_upload="", pk__lt=settled, expires_at__gt=now)
    for row in waiting.select_related("owner").order_by("pk")[:_AT_ONCE]:
        if _offset(row) == row.size:
            try:
                _finish(row, now)
            except (DomainError, OSError) as refusal:
                log.info("%s is complete and was not taken: %s", row, refusal)
    for row in Upload.objects.filter(store_upload="", expires_at__lte=now).order_by("expires_at")[:_AT_ONCE]:
        discard(row)
    old = pieces.left(before=now - KEPT_FOR)
    known = set(Upload.objects.filter(pk__in=old).values_list("pk", flat=True))
    for upload_id in old:
        if upload_id not in known:
            pieces.remove(upload_id)


# --- shared with uploads that go into the object store itself ----------------------------------------


def own(upload_id: int, by: Account, now: datetime) -> Upload:
    """Return an upload of this account that has not expired. Raises NotFound."""
    row = Upload.objects.select_related("owner").filter(pk=upload_id, owner=by, expires_at__gt=now).first()
    if row is None:
        raise NotFound
    return row


def require_place(owner: Account, now: datetime) -> None:
    """Refuse one upload more than may be open. Raises Invalid."""
    count = Upload.objects.filter(owner=owner, attachment=None, expires_at__gt=now).count()
    if count >= OPEN_MAX:
        raise Invalid(
            f"Validation failed: There are at most {OPEN_MAX} unfinished uploads; you have {count}. "
            "Finish one or delete it (DELETE); they expire by themselves"
        )


def insert(row: Upload, now: datetime) -> Upload:
    """Store a new upload under an id of its own."""
    while True:
        row.pk = ids.at(now)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if Upload.objects.filter(pk=row.pk).exists():
                continue  # another process drew the same id in the same millisecond
            raise
        return row


def accept_stored(upload_id: int, *, now: datetime) -> Upload:
    """Make an attachment of an upload that lies in the storage; done twice, it is the same one. Raises NotFound."""
    with transaction.atomic():
        rows = Upload.objects.select_for_update(of=("self",)).select_related("owner")
        row = rows.filter(pk=upload_id).first()
        if row is None:  # given up meanwhile
            raise NotFound
        if row.attachment_id is None:
            row.attachment = upload.accept(
                owner=row.owner, sent=row.key, description=row.description, now=now
            )
            row.save(update_fields=["attachment"])
    return row


def discard(row: Upload) -> None:
    """Remove what has arrived over tus, then the row."""
    pieces.remove(row.pk)
    row.delete()


# --- within --------------------------------------------------------------------------------------------


def _offset(row: Upload) -> int:
    return row.size if row.key or row.attachment_id else pieces.length(row.pk)


def _progress(row: Upload, offset: int) -> Progress:
    return Progress(row.pk, offset, row.size, row.metadata, row.expires_at, row.attachment_id)


def _take(row: Upload, read: pieces.Read, at: int, length: int, checksum: Checksum | None) -> int:
    if checksum is not None:
        offset = pieces.append_checked(
            row.pk, read, at=at, most=length, algorithm=checksum.algorithm, digest=checksum.digest
        )
    elif at < _ENOUGH < at + length:  # the beginning first: it may show that the rest is in vain
        offset = pieces.append(row.pk, read, at=at, most=_ENOUGH - at)
        if offset < _ENOUGH:
            return offset
        _judge(row)
        return pieces.append(row.pk, read, at=offset, most=at + length - offset)
    else:
        offset = pieces.append(row.pk, read, at=at, most=length)
    if at < _ENOUGH <= offset:
        _judge(row)
    return offset


def _judge(row: Upload) -> None:
    """Refuse by its first bytes what is no media, and what is larger than its kind may be."""
    try:
        upload.expect(row.size, upload.kind_of_head(pieces.head(row.pk, _ENOUGH)))
    except upload.TooLarge:
        discard(row)
        raise


def _finish(row: Upload, now: datetime) -> Upload:
    """Store the file and make it an attachment. Killed anywhere in between, the next one to look goes on from there.

    The name in the storage is entered first, so that a file which has left our directory is known to be complete.
    """
    with pieces.whole(row.pk) as path:
        if path is not None:
            _store(row, path, now)
    try:
        return accept_stored(row.pk, now=now)
    except (upload.NotTaken, upload.TooLarge):
        discard(row)
        raise


def _store(row: Upload, path: Path, now: datetime) -> None:
    found = Upload.objects.filter(pk=row.pk).values_list("key", flat=True).first()
    if found is None:
        raise NotFound
    row.key = found
    if not row.key:
        row.key = upload.incoming_key(
            row.owner, now=now, size=row.size, kept_for=row.expires_at - now + KEPT_FOR
        )
        row.save(update_fields=["key"])
    store.put(path, row.key, media_type="application/octet-stream")
