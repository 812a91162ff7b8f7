"""Captions of a video, in as many languages as its owner gives. Nothing of the video is made again for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import Q

from upscrolled.core import text
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.media import captioning, ledger, store
from upscrolled.media.ledger import Kept
from upscrolled.media.refusals import Refused
from upscrolled.media.states import State
from upscrolled.media.video import captions
from upscrolled.media.video.captions import Track
from upscrolled.media.video.playlists import MASTER
from upscrolled.media.video.shapes import Made
from upscrolled.models import Account, FileUse, MediaAttachment, StoredFile

BYTES_MAX, LANGUAGES_MAX = captions.BYTES_MAX, captions.TRACKS_MAX
NAME_MAX = 40
_TRIES = 3
_SAME = ("files", "captions", "made", "public")  # what the new playlist was written from
Role, Area = FileUse.Role, StoredFile.Area


class NotYet(Invalid):
    """The video has to play first."""

    safe = "Validation failed: The video is still being processed; captions can be added as soon as it plays"


class Changed(Conflict):
    """Captions or files of the video were changed meanwhile, each time that it was tried."""

    safe = "The video was changed meanwhile. Try again."


def add(attachment_id: int, data: bytes, *, language: str, name: str, by: Account, now: datetime) -> None:
    """Give a video captions in a language (WebVTT or SRT); those it had in that language go.

    As soon as it plays, before and after it is posted. Raises NotFound, NotYet, Changed, Invalid with the line, the
    limit and the value.
    """

    def with_it(row: MediaAttachment, tracks: list[Track]) -> list[Track]:
        track = captions.track(
            data,
            language=language,
            name=text.clean(name).replace("\n", " ")[:NAME_MAX] or language,
            duration=row.duration or 0.0,
        )
        return [*(each for each in tracks if each.language != track.language), track]

    try:
        _change(attachment_id, with_it, by=by, now=now)
    except Refused as refusal:
        raise Invalid(f"Validation failed: {refusal.sentence}") from None


def remove(attachment_id: int, *, language: str, by: Account, now: datetime) -> None:
    """Take the captions in a language from a video. Raises NotFound, NotYet, Changed."""

    def without_it(row: MediaAttachment, tracks: list[Track]) -> list[Track]:
        left = [each for each in tracks if each.language != language]
        if len(left) == len(tracks):
            raise NotFound
        return left

    _change(attachment_id, without_it, by=by, now=now)


def _change(
    attachment_id: int,
    how: Callable[[MediaAttachment, list[Track]], list[Track]],
    *,
    by: Account,
    now: datetime,
) -> None:
    """Change the captions; anew if a worker has meanwhile put better files in the place of the video's."""
    for _ in range(_TRIES):
        row = _video(attachment_id, by)
        if _rewrite(row, how(row, _tracks(row)), now):
            return
    raise Changed


def _video(attachment_id: int, by: Account) -> MediaAttachment:
    row = MediaAttachment.objects.filter(pk=attachment_id, owner=by, deleted_at=None).first()
    if row is None:
        raise NotFound
    if row.kind != MediaAttachment.Kind.VIDEO:
        raise Invalid(f"Validation failed: Only a video has captions; this is {row.kind}")
    if row.state != State.READY or row.made is None:
        raise NotYet
    return row


def _tracks(row: MediaAttachment) -> list[Track]:
    """Read the captions there are; they are our own files."""
    uses = FileUse.objects.select_related("file").filter(attachment=row, role=Role.CAPTIONS, until=None)
    keys = {use.label: use.file.key for use in uses}
    found = []
    for each in row.captions:
        with store.store().open(keys[each["language"]]) as file:
            data = file.read()
        found.append(
            captions.track(data, language=each["language"], name=each["name"], duration=row.duration or 0.0)
        )
    return found


def _rewrite(row: MediaAttachment, tracks: list[Track], now: datetime) -> bool:
    """Write what changes with captions: theirs, and the playlist that lists them. False if the video changed."""
    texts = captions.files(msgspec.convert(row.made, Made), tracks)
    uses = FileUse.objects.select_related("file").filter(attachment=row, role=Role.HLS, until=None)
    kept = captioning.keep(
        texts,
        languages={each.file: each.language for each in tracks},
        known={use.label: use.file.name for use in uses},
        area=Area.PUBLIC if row.public else Area.PRIVATE,
        now=now,
    )
    return _show(row, tracks, kept, now)


@transaction.atomic
def _show(row: MediaAttachment, tracks: list[Track], kept: list[Kept], now: datetime) -> bool:
    held = MediaAttachment.objects.select_for_update().filter(pk=row.pk, deleted_at=None).first()
    if held is None or any(getattr(held, each) != getattr(row, each) for each in _SAME):
        return False
    before = FileUse.objects.filter(attachment=row, until=None)
    ledger.release(list(before.filter(role=Role.CAPTIONS)), now=now)
    listing = Q(label=MASTER) | Q(label__startswith="captions-")
    before.filter(listing, role=Role.HLS).update(
        until=now + ledger.FORMER_KEPT
    )  # somebody has just begun to watch
    ledger.use(row.pk, kept)
    files = {each.label: each.name for each in kept if each.role == Role.CAPTIONS}
    shown = [{"language": each.language, "name": each.name, "file": files[each.language]} for each in tracks]
    master = next(each.name for each in kept if each.label == MASTER)
    MediaAttachment.objects.filter(pk=row.pk).update(captions=shown, files={**held.files, Role.HLS: master})
    return True
