"""Captions of a video, in as many languages as its owner gives. Nothing of the video is made again for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Q

from upscrolled.core import text
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.media import keeping, ledger, store
from upscrolled.media.ledger import Kept
from upscrolled.media.makers import Piece
from upscrolled.media.refusals import Refused
from upscrolled.media.states import State
from upscrolled.media.video import captions
from upscrolled.media.video.captions import Track
from upscrolled.media.video.playlists import MASTER
from upscrolled.media.video.shapes import Made
from upscrolled.models import Account, FileUse, MediaAttachment, StoredFile

BYTES_MAX, LANGUAGES_MAX = captions.BYTES_MAX, captions.TRACKS_MAX
NAME_MAX = 40
Role, Area = FileUse.Role, StoredFile.Area


class NotYet(Invalid):
    """All qualities of the video have to be made first."""

    safe = "Validation failed: The video is still being processed; captions can be added when that is done"


def add(attachment_id: int, data: bytes, *, language: str, name: str, by: Account, now: datetime) -> None:
    """Give a video captions in a language (WebVTT or SRT); those it had in that language go.

    Before and after it is posted. Raises NotFound, NotYet, Invalid with the line, the limit and the value.
    """
    row = _video(attachment_id, by)
    try:
        track = captions.track(
            data,
            language=language,
            name=text.clean(name).replace("\n", " ")[:NAME_MAX] or language,
            duration=row.duration or 0.0,
        )
        others = [each for each in _tracks(row) if each.language != track.language]
        _rewrite(row, [*others, track], now)
    except Refused as refusal:
        raise Invalid(f"Validation failed: {refusal.sentence}") from None


def remove(attachment_id: int, *, language: str, by: Account, now: datetime) -> None:
    """Take the captions in a language from a video. Raises NotFound, NotYet."""
    row = _video(attachment_id, by)
    tracks = _tracks(row)
    left = [each for each in tracks if each.language != language]
    if len(left) == len(tracks):
        raise NotFound
    _rewrite(row, left, now)


def _video(attachment_id: int, by: Account) -> MediaAttachment:
    row = MediaAttachment.objects.filter(pk=attachment_id, owner=by, deleted_at=None).first()
    if row is None:
        raise NotFound
    if row.kind != MediaAttachment.Kind.VIDEO:
        raise Invalid(f"Validation failed: Only a video has captions; this is {row.kind}")
    if row.state != State.READY or row.due_at is not None or row.made is None:
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


def _rewrite(row: MediaAttachment, tracks: list[Track], now: datetime) -> None:
    """Write what changes with captions: theirs, and the playlist that lists them."""
    made = msgspec.convert(row.made, Made)
    texts = captions.files(made, tracks)
    uses = list(FileUse.objects.select_related("file").filter(attachment=row, role=Role.HLS, until=None))
    known = {use.label: use.file.name for use in uses}
    languages = {each.file: each.language for each in tracks}
    with store.workroom() as room:
        pieces = []
        for name, written in texts.items():
            (room / name).write_text(written)
            vtt = name in languages
            pieces.append(
                Piece(room / name, Role.CAPTIONS if vtt else Role.HLS, languages[name] if vtt else name)
            )
        area = Area.PUBLIC if row.public else Area.PRIVATE
        kept = keeping.keep_all(pieces, area=area, known=known, now=now)
    _show(row, tracks, kept, now)


@transaction.atomic
def _show(row: MediaAttachment, tracks: list[Track], kept: list[Kept], now: datetime) -> None:
    same: dict[str, Any] = {"turn": row.turn, "public": row.public, "captions": row.captions}
    held = MediaAttachment.objects.select_for_update().filter(pk=row.pk, deleted_at=None, **same).first()
    if held is None:
        raise Conflict("The video was changed meanwhile. Try again.")
    before = FileUse.objects.filter(attachment=row, until=None)
    replaced = Q(role=Role.CAPTIONS) | Q(role=Role.HLS, label=MASTER)
    ledger.release(list(before.filter(replaced | Q(role=Role.HLS, label__startswith="captions-"))), now=now)
    ledger.use(row.pk, kept)
    files = {each.label: each.name for each in kept if each.role == Role.CAPTIONS}
    shown = [{"language": each.language, "name": each.name, "file": files[each.language]} for each in tracks]
    master = next(each.name for each in kept if each.label == MASTER)
    MediaAttachment.objects.filter(pk=row.pk).update(captions=shown, files={**held.files, Role.HLS: master})
