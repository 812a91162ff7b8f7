"""A file that its owner sends straight into the object store, in parts, by addresses that we sign.

Web processes hold no byte of it. Each address lets in one part of one length; how many have come is asked of the
store, and nobody has to tell us checksums or numbers: what was lost on the way is seen, and signed anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from upscrolled.core.errors import Invalid, NotFound
from upscrolled.media import store
from upscrolled.media.store import PartStore
from upscrolled.models import Account, MediaAttachment, Upload
from upscrolled.operations import resumable, upload
from upscrolled.operations.attachments import checked_description
from upscrolled.visibility import require_interact

PART_BYTES = 16 * 1024 * 1024
ADDRESS_SECONDS = 6 * 3_600
_INCOMING = "application/octet-stream"
_AT_ONCE = 100


class NotOffered(NotFound):
    """Media lie in a directory here."""

    safe = "This site has no object store: send files to /api/v1/upscrolled/uploads (tus) or /api/v2/media"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the file; `address` is where it is put (PUT, with that many bytes), None when it is there."""

    number: int
    size: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Parts:
    """An upload and all its parts."""

    id: int
    size: int
    expires_at: datetime
    parts: list[Part]
    attachment_id: int | None


def begin(*, owner: Account, size: int, now: datetime, kind: str = "", description: str = "") -> Parts:
    """Announce a file of so many bytes; return where its parts go. Raises as `resumable.begin`, and NotOffered."""
    there = _there()
    require_interact(owner)
    if size < 1:
        raise Invalid(f"Validation failed: File has {size} bytes; at least 1")
    upload.expect(size, kind)
    described = checked_description(description)
    resumable.require_place(owner, now)
    expires = now + resumable.KEPT_FOR
    key = upload.incoming_key(owner, now=now, size=size, kept_for=2 * resumable.KEPT_FOR)
    row = Upload(owner=owner, size=size, description=described, key=key, expires_at=expires)
    row.store_upload = there.begin_parts(key, media_type=_INCOMING)
    return _told(resumable.insert(row, now), there, arrived={})


def look(upload_id: int, *, by: Account, now: datetime) -> Parts:
    """Return which parts have come, and new addresses for the others. Raises NotFound."""
    there, row = _there(), _own(upload_id, by, now)
    arrived = {} if row.attachment_id else there.parts(row.key, row.store_upload)
    return _told(row, there, arrived or {})


def complete(upload_id: int, *, by: Account, now: datetime) -> MediaAttachment:
    """Put the parts together and make an attachment of them. Raises NotFound, Invalid with what is missing.

    Doing it again, after any failure, gives the same attachment.
    """
    there, row = _there(), _own(upload_id, by, now)
    if row.attachment_id is None:
        arrived = there.parts(row.key, row.store_upload)
        if arrived is not None:  # None: they were put together, and the answer was lost
            _require_all(row, arrived)
            there.join_parts(row.key, row.store_upload, arrived)
        try:
            row = resumable.accept_stored(row.pk, now=now)
        except (upload.NotTaken, upload.TooLarge):
            row.delete()
            raise
    assert row.attachment is not None
    return row.attachment


def give_up(upload_id: int, *, by: Account, now: datetime) -> None:
    """Forget an upload, and have the store forget its parts. Raises NotFound."""
    _forget(_own(upload_id, by, now))


def sweep(*, now: datetime) -> None:
    """Forget what has expired."""
    for row in Upload.objects.exclude(store_upload="").filter(expires_at__lte=now)[:_AT_ONCE]:
        _forget(row)


def offered() -> bool:
    """Say whether there is an object store."""
    return store.part_store() is not None


def _there() -> PartStore:
    there = store.part_store()
    if there is None:
        raise NotOffered
    return there


def _own(upload_id: int, by: Account, now: datetime) -> Upload:
    row = resumable.own(upload_id, by, now)
    if not row.store_upload:
        raise NotFound
    return row


@transaction.atomic
def _forget(row: Upload) -> None:
    there = store.part_store()
    if row.attachment_id is None and there is not None:
        there.drop_parts(row.key, row.store_upload)
    row.delete()


def _sizes(row: Upload) -> dict[int, int]:
    """Number and length of each part; all are equal but the last."""
    count = -(-row.size // PART_BYTES)
    return {number: min(PART_BYTES, row.size - (number - 1) * PART_BYTES) for number in range(1, count + 1)}


def _told(row: Upload, there: PartStore, arrived: dict[int, tuple[int, str]]) -> Parts:
    parts = [
        Part(
            number,
            size,
            None
            if row.attachment_id or arrived.get(number, (0, ""))[0] == size
            else there.part_address(
                row.key, row.store_upload, number=number, size=size, seconds=ADDRESS_SECONDS
            ),
        )
        for number, size in _sizes(row).items()
    ]
    return Parts(row.pk, row.size, row.expires_at, parts, row.attachment_id)


def _require_all(row: Upload, arrived: dict[int, tuple[int, str]]) -> None:
    """Refuse what is not the file that was announced, part by part."""
    for number, size in _sizes(row).items():
        found = arrived.get(number)
        if found is None:
            raise Invalid(f"Validation failed: Part {number} has not come yet; it has {size} bytes")
        if found[0] != size:
            raise Invalid(f"Validation failed: Part {number} has {found[0]} bytes; announced were {size}")
    if more := set(arrived) - set(_sizes(row)):
        raise Invalid(
            f"Validation failed: There are {len(_sizes(row))} parts; part {min(more)} is one too many"
        )
