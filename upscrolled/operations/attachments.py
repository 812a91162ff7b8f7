"""What becomes of an attachment: it is described, given to a post and taken from it, tried again, deleted.

How it comes in stands in `upload.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.expressions import RawSQL

from upscrolled import pictures, tasks
from upscrolled.core import text
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.media import ledger, placing, store
from upscrolled.media.ledger import Kept
from upscrolled.media.states import Event, State, after
from upscrolled.models import Account, FileUse, MediaAttachment, StoredFile
from upscrolled.models import media as columns
from upscrolled.visibility import everybody_given_sql

LONGEST_DESCRIPTION = columns.DESCRIPTION_MAX
# What a decision withholds from anybody is never open, whatever the post is that takes it.
_GIVEN = RawSQL(everybody_given_sql(media=MediaAttachment._meta.db_table), ())
Area, Role, Purpose = StoredFile.Area, FileUse.Role, MediaAttachment.Purpose


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
    small = None if thumbnail is None else draw_thumbnail(thumbnail, now=now)
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
    taken = free.update(
        attached_at=now, expires_at=None, open=_GIVEN if everybody else Value(False), purpose=purpose
    )
    if taken != len(attachment_ids):
        raise Invalid("Validation failed: Media are not there any more, or belong to another post or message")
    placing.settle_soon(attachment_ids, now=now)


def describe(
    attachment_id: int,
    *,
    description: str | None,
    focus: Focus | None,
    thumbnail: Kept | None = None,
    now: datetime,
) -> None:
    """Change what is said of an attachment of a post; None leaves a thing as it is. The caller knows that it may.

    Call it within a transaction.
    """
    row = MediaAttachment.objects.select_for_update().filter(pk=attachment_id, deleted_at=None).first()
    if row is None:
        return
    if description is not None:
        row.description = checked_description(description)
    if focus is not None:
        row.focus_x, row.focus_y = focus.x, focus.y
    if thumbnail is not None:
        _replace_thumbnail(row, thumbnail, now)
        row.public = False  # the new one lies among the private ones still
        placing.settle_soon([row.pk], now=now)
    row.save(update_fields=["description", "focus_x", "focus_y", "files", "public"])


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


def draw_thumbnail(data: bytes, *, now: datetime) -> Kept:
    """Make and store the picture that stands for a video or a sound; it stays for a while without a use.

    A child process draws it, so call it outside of transactions. Raises Invalid.
    """
    drawn = pictures.draw(pictures.THUMBNAIL, data)
    suffix, content = drawn.files[0]
    with store.workroom() as room:
        path = room / f"thumbnail.{suffix}"
        path.write_bytes(content)
        return ledger.keep(path, area=Area.PRIVATE, role=Role.THUMBNAIL, suffix=suffix, now=now)


def _replace_thumbnail(row: MediaAttachment, kept: Kept, now: datetime) -> None:
    before = FileUse.objects.filter(attachment=row, role=Role.THUMBNAIL, until=None)
    if row.attached_at is None:
        ledger.release(list(before), now=now)
    else:
        before.update(until=now + ledger.FORMER_KEPT)
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
