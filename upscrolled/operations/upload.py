"""Take a file that somebody sent: it becomes an attachment, whose further life stands in `attachments.py`.

`accept` is the one way in, however the file came: in a form, in pieces, or straight into the object store.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from upscrolled import tasks
from upscrolled.core import ids
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.media import ledger, sniff, source, store
from upscrolled.media.ledger import Kept
from upscrolled.media.refusals import Refused
from upscrolled.media.states import State
from upscrolled.models import Account, FileUse, MediaAttachment, StoredFile
from upscrolled.operations.attachments import Focus, checked_description, draw_thumbnail, kept_for
from upscrolled.visibility import require_interact

# What applications may offer to send; the first bytes of a file decide, whatever it is called.
MEDIA_TYPES = (
    *("image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/heif", "image/avif"),
    *("video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "video/3gpp"),
    *(
        "audio/mp4",
        "audio/x-m4a",
        "audio/m4a",
        "audio/mpeg",
        "audio/mp3",
        "audio/aac",
        "audio/ogg",
        "audio/wav",
    ),
    *("audio/x-wav", "audio/wave", "audio/flac", "audio/x-flac", "audio/amr", "audio/3gpp"),
)
FORM_MAX = 1_048_576  # bytes of a form beside its files
WAITING_MAX = 200  # attachments of one account that no post has
_INCOMING = "application/octet-stream"  # nobody is given such a file
Area, Kind, Purpose, Role = (
    StoredFile.Area,
    MediaAttachment.Kind,
    MediaAttachment.Purpose,
    FileUse.Role,
)

_NAMED = {Kind.IMAGE.value: "a photo", Kind.VIDEO.value: "a video", Kind.AUDIO.value: "a sound"}


class TooLarge(Invalid):
    """More bytes than a file of its kind may have."""


class NotTaken(Invalid):
    """No photo, video or sound that is taken here."""


def bytes_max(kind: str = "") -> int:
    """Return how many bytes a file of this kind may have; "" is one that is not known yet."""
    return sniff.size_max(kind)


def expect(size: int, kind: str = "") -> None:
    """Refuse a file by its size before any of it flows. Raises TooLarge."""
    limit = bytes_max(kind)
    if size > limit:
        what = _NAMED.get(kind, "a file")
        raise TooLarge(f"Validation failed: File has {size} bytes; {what} may have {limit}")


def kind_of_head(head: bytes) -> str:
    """Return what a file seems to be by its first bytes (64 KB are enough). Raises NotTaken."""
    try:
        return sniff.kind_of_head(head)
    except Refused as refusal:
        raise NotTaken(f"Validation failed: {refusal.sentence}") from None


def accept(
    *,
    owner: Account,
    sent: Path | str,
    now: datetime,
    description: str = "",
    focus: Focus | None = None,
    thumbnail: bytes | None = None,
    purpose: str = Purpose.POST,
    at_once: bool = False,
) -> MediaAttachment:
    """Take a file that is here whole, and return its row; a worker hears of it when the transaction has ended.

    `sent` is a path on this machine (the file is moved away) or a key that `incoming_key` gave out and the file
    has been stored under. When this returns, file and row survive whatever happens to the process. `at_once`: the
    caller has it processed itself (`process_now`), and no worker is told. Raises TooLarge, NotTaken, NotAllowed,
    Invalid with the limit and the actual value; then nothing is kept.
    """
    require_interact(owner)
    described = checked_description(description)
    size, kind = _judge(sent)
    small = None if thumbnail is None else draw_thumbnail(thumbnail, now=now)
    _require_room(owner)
    key = sent if isinstance(sent, str) else incoming_key(owner, now=now)
    name = key.removeprefix(f"{Area.INCOMING}/")
    file_id = ledger.claim(Area.INCOMING, name, size=size, media_type=_INCOMING, now=now)
    if isinstance(sent, Path):
        store.put(sent, key, media_type=_INCOMING)
    kept = [Kept(file_id, name, Role.UPLOAD), *([small] if small else [])]
    with transaction.atomic():
        attachment = _insert(owner, kind, described, focus, small, purpose, now)
        ledger.use(attachment.pk, kept)
    if not at_once:
        tasks.process_soon()
    return attachment


def incoming_key(owner: Account, *, now: datetime, size: int = 0, kept_for: timedelta = ledger.GRACE) -> str:
    """Return a new key under which a file of this account may be stored, by us or by its owner's own hands.

    Its row is written, so that the file is removed if nobody has accepted it after `kept_for`.
    """
    name = f"{owner.pk}/{ids.at(now)}-{secrets.token_hex(8)}"
    ledger.claim(Area.INCOMING, name, size=size, media_type=_INCOMING, now=now, kept_for=kept_for)
    return f"{Area.INCOMING}/{name}"


def process_now(attachment: MediaAttachment) -> None:
    """Have a photo processed in this process, if a child may be started for it just now; else a worker does it."""
    if attachment.kind != Kind.IMAGE or not tasks.look_now(attachment.pk):
        tasks.process_soon()


def _judge(sent: Path | str) -> tuple[int, str]:
    """Return bytes and kind of a file that is here whole."""
    try:
        if isinstance(sent, Path):
            with source.opened(sent) as descriptor:
                kind = sniff.kind_of(descriptor)
            size = sent.stat().st_size
        else:
            with default_storage.open(sent) as stored:
                kind = sniff.kind_of_head(stored.read(sniff.HEAD))
            size = default_storage.size(sent)
    except Refused as refusal:
        raise NotTaken(f"Validation failed: {refusal.sentence}") from None
    except FileNotFoundError:
        raise NotFound from None
    expect(size, kind)
    return size, kind


def _require_room(owner: Account) -> None:
    held = MediaAttachment.objects.filter(owner=owner, attached_at=None, deleted_at=None).count()
    if held >= WAITING_MAX:
        raise Invalid(
            f"Validation failed: There are at most {WAITING_MAX} files that no post has; you have {held}"
        )


def _insert(
    owner: Account,
    kind: str,
    description: str,
    focus: Focus | None,
    small: Kept | None,
    purpose: str,
    now: datetime,
) -> MediaAttachment:
    row = MediaAttachment(
        owner=owner,
        kind=kind,
        purpose=purpose,
        state=State.UPLOADED,
        description=description,
        focus_x=None if focus is None else focus.x,
        focus_y=None if focus is None else focus.y,
        files={} if small is None else {small.role: small.name},
        meta={},
        percent=0,
        attempts=0,
        turn=0,
        open=False,
        public=False,
        due_at=now,
        expires_at=now + kept_for(),
    )
    while True:
        row.pk = ids.at(now)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if MediaAttachment.objects.filter(pk=row.pk).exists():
                continue  # another process drew the same id in the same millisecond
            raise
        return row
