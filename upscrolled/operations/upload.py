"""Take a file that somebody sent, and what they change of it before a post has it.

`accept` is the one way in, however the file came: in a form, in pieces, or straight into the object store.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from upscrolled import pictures, tasks
from upscrolled.core import ids, text
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.media import ledger, placing, sniff, source, store
from upscrolled.media.ledger import Kept
from upscrolled.media.refusals import Refused
from upscrolled.media.states import Event, State, after
from upscrolled.models import Account, FileUse, MediaAttachment, StoredFile
from upscrolled.models import media as columns
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
LONGEST_DESCRIPTION = columns.DESCRIPTION_MAX
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


class InUse(Invalid):
    """A post or message has the attachment."""

    safe = "Media attachment is used by a post or message; delete that, or change the post (media_attributes)"


@dataclass(frozen=True, slots=True)
class Focus:
    """The point that should stay in sight when a picture is cut: -1 is left or bottom, 1 right or top."""

    x: float
    y: float

    @classmethod
    def read(cls, written: str) -> Focus:
        """Read a point as clients write it: "0.5,-0.2". Raises ValueError with the limit and what was given."""
        try:
            x, y = (float(part) for part in written.split(","))
        except ValueError:
            raise ValueError(
                f'must be two numbers with a comma between them, as "0.5,-0.2", not {written[:40]!r}'
            ) from None
        if not (-1 <= x <= 1 and -1 <= y <= 1):
            raise ValueError(f"must lie between -1 and 1 both ways; it is {x:g},{y:g}")
        return cls(x, y)


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
    small = None if thumbnail is None else _thumbnail(thumbnail, now)
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


def change(
    attachment_id: int,
    *,
    by: Account,
    now: datetime,
    description: str | None = None,
    focus: Focus | None = None,
    thumbnail: bytes | None = None,
) -> None:
    """Change what is said of an attachment that no post has yet; None leaves a thing as it is.

    Raises NotFound, InUse, Invalid.
    """
    described = None if description is None else checked_description(description)
    small = None if thumbnail is None else _thumbnail(thumbnail, now)
    with transaction.atomic():
        row = _own(attachment_id, by)
        if row.attached_at is not None:
            raise InUse
        if described is not None:
            row.description = described
        if focus is not None:
            row.focus_x, row.focus_y = focus.x, focus.y
        if small is not None:
            _replace_thumbnail(row, small, now)
        row.save(update_fields=["description", "focus_x", "focus_y", "files"])


@transaction.atomic
def delete(attachment_id: int, *, by: Account, now: datetime) -> None:
    """Delete an attachment that no post has; if it is being processed, that ends. Raises NotFound, InUse."""
    row = _own(attachment_id, by)
    if row.attached_at is not None:
        raise InUse
    let_go([row.pk], now=now, at_once=True)


@transaction.atomic
def retry(attachment_id: int, *, by: Account, now: datetime) -> None:
    """Have an attachment processed again that failed by our fault. Raises NotFound, Conflict, Invalid."""
    row = _own(attachment_id, by)
    if row.state != State.FAILED:
        raise Conflict(f"Only what failed can be tried again; this is {row.state}")
    if not FileUse.objects.filter(attachment=row, role=Role.UPLOAD).exists():
        raise Invalid(f"Trying again would give the same: {row.sentence}")
    MediaAttachment.objects.filter(pk=row.pk).update(
        state=after(row.state, Event.RETRIED), reason="", sentence="", due_at=now, attempts=0, looked=None
    )
    tasks.process_soon()


def attach(
    attachment_ids: Sequence[int],
    *,
    owner_id: int,
    everybody: bool,
    now: datetime,
    purpose: str = Purpose.POST,
) -> None:
    """Give attachments to a post or message; `everybody` may see it, or only some. Call it within its transaction.

    Of two that want the same one, one gets it. Raises Invalid for such as are not theirs, not ready, or taken.
    """
    free = MediaAttachment.objects.filter(
        pk__in=attachment_ids, owner_id=owner_id, state=State.READY, attached_at=None, deleted_at=None
    )
    taken = free.update(attached_at=now, expires_at=None, open=everybody, purpose=purpose)
    if taken != len(attachment_ids):
        raise Invalid("Validation failed: Media are not there any more, or belong to another post or message")
    placing.settle_soon(attachment_ids, now=now)


def describe(attachment_id: int, *, description: str | None, focus: Focus | None) -> None:
    """Change what is said of an attachment; None leaves a thing as it is. The caller knows that it may."""
    said: dict[str, object] = {}
    if description is not None:
        said["description"] = checked_description(description)
    if focus is not None:
        said |= {"focus_x": focus.x, "focus_y": focus.y}
    if said:
        MediaAttachment.objects.filter(pk=attachment_id).update(**said)


def keep_until(attachment_ids: Sequence[int], *, owner_id: int, until: datetime) -> None:
    """Keep attachments that no post has until then at least: something that is to be published later names them."""
    waiting = MediaAttachment.objects.filter(pk__in=attachment_ids, owner_id=owner_id, attached_at=None)
    waiting.filter(expires_at__lt=until).update(expires_at=until)


def let_go(attachment_ids: list[int], *, now: datetime, at_once: bool) -> None:
    """Take attachments from the post that had them. Files are private from now on.

    They stay for a while, to be posted anew, or go `at_once`. Call it within a transaction.
    """
    ends = {"deleted_at": now} if at_once else {"expires_at": now + kept_for()}
    MediaAttachment.objects.filter(pk__in=attachment_ids).update(attached_at=None, open=False, **ends)
    placing.settle_soon(attachment_ids, now=now)
    if at_once:
        tasks.remove_media_soon()


def kept_for() -> timedelta:
    """Return how long an attachment stays that no post has."""
    return timedelta(hours=settings.UNATTACHED_HOURS)


def checked_description(description: str) -> str:
    """Return the description, cleaned. Raises Invalid, naming limit and length."""
    cleaned = text.clean(description)
    if len(cleaned) > LONGEST_DESCRIPTION:
        raise Invalid(
            f"Validation failed: Description has {len(cleaned)} characters; at most {LONGEST_DESCRIPTION}"
        )
    return cleaned


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


def _thumbnail(data: bytes, now: datetime) -> Kept:
    """Make and store the picture that stands for a video or a sound. Raises Invalid."""
    drawn = pictures.draw(pictures.THUMBNAIL, data)
    suffix, content = drawn.files[0]
    with store.workroom() as room:
        path = room / f"thumbnail.{suffix}"
        path.write_bytes(content)
        return ledger.keep(path, area=Area.PRIVATE, role=Role.THUMBNAIL, suffix=suffix, now=now)


def _replace_thumbnail(row: MediaAttachment, kept: Kept, now: datetime) -> None:
    before = FileUse.objects.filter(attachment=row, role=Role.THUMBNAIL, until=None)
    ledger.release(list(before), now=now)
    ledger.use(row.pk, [kept])
    row.files = {**row.files, Role.THUMBNAIL: kept.name}


def _own(attachment_id: int, by: Account) -> MediaAttachment:
    row = (
        MediaAttachment.objects.select_for_update()
        .filter(pk=attachment_id, owner=by, deleted_at=None)
        .first()
    )
    if row is None:
        raise NotFound
    return row
