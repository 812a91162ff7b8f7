"""What a worker does with an attachment: look what it is, make it anew, store it, and say so in one transaction.

Killed at any point it leaves a row that is due again when the lease is over, and files without a use, which are
removed. Nothing is shown before `_finish` has committed, and `_finish` asks for the turn: nothing is shown twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from django.db import transaction

from upscrolled.media import captioning, jobs, keeping, ledger, makers, placing, store
from upscrolled.media.jobs import Job, Lost, Pulse, Stage
from upscrolled.media.ledger import Kept
from upscrolled.media.makers import Product
from upscrolled.media.refusals import Broken, Cancelled, Refused
from upscrolled.media.states import Event, State, after
from upscrolled.media.video.facts import Facts
from upscrolled.models import FileUse, MediaAttachment, MediaHash, StoredFile

log = logging.getLogger(__name__)

BROKEN = "broken"
_SORRY = "Something went wrong on our side while this file was processed. Send it again, or later."
_MADE_ANEW = (
    FileUse.Role.ORIGINAL,
    FileUse.Role.SMALL,
    FileUse.Role.POSTER,
    FileUse.Role.HLS,
    FileUse.Role.FALLBACK,
)
Kind, Area, Role = MediaAttachment.Kind, StoredFile.Area, FileUse.Role
Clock = Callable[[], datetime]


def do_next(stage: Stage, *, clock: Clock, only: int | None = None) -> bool:
    """Take one attachment that is due for this kind of work, and do it. False if there is none."""
    job = jobs.claim(stage, now=clock(), only=only)
    if job is None:
        return False
    try:
        _do(job, clock)
    except (Lost, Cancelled):
        log.info("Attachment %s is somebody else's, or deleted: what was made of it is dropped.", job.id)
    return True


def _do(job: Job, clock: Clock) -> None:
    try:
        if job.attempts > jobs.ATTEMPTS_MAX:  # workers died at it
            raise Broken("tried often enough")
        with store.on_this_machine(job.upload) as path, store.workroom() as room:
            _look(job, path, room, clock) if job.stage is Stage.LOOK else _make(job, path, room, clock)
    except Refused as refusal:
        _refuse(job, str(refusal.reason), refusal.sentence, now=clock())
    except (Broken, OSError) as error:
        log.warning("Attachment %s could not be processed: %s", job.id, error)
        _postpone(job, clock())
    except (Lost, Cancelled):
        raise
    except Exception:
        log.exception("Attachment %s cannot be processed", job.id)
        _postpone(job, clock())


def _look(job: Job, path: Path, room: Path, clock: Clock) -> None:
    """See what the file is, and make it if that takes no longer than seconds; a video is copied if it can be."""
    pulse = Pulse(job)
    jobs.write(job, sha256=store.digest_of(path))
    if job.kind == Kind.IMAGE:
        seen = makers.photograph(path, room)
        if isinstance(seen, Product):
            _finish(job, seen, clock)
        else:
            _hand_on(job, seen, kind=Kind.GIFV, now=clock())
        return
    facts = makers.look(path, kind=job.kind)
    if job.kind == Kind.AUDIO or facts.picture is None:
        _finish(job, makers.audio(path, room, facts, pulse), clock)
        return
    soon = makers.at_once(path, room, facts, pulse)
    if soon is None:
        _hand_on(job, facts, kind=job.kind, now=clock())
    else:
        _finish(job, soon, clock, better=facts)


def _make(job: Job, path: Path, room: Path, clock: Clock) -> None:
    """Make what takes minutes: all qualities of a video, or a video of a picture that moves."""
    pulse, facts = Pulse(job), makers.facts_of(job.looked or {})
    make = makers.animation if job.kind == Kind.GIFV else makers.ladder
    _finish(job, make(path, room, facts, pulse), clock)


def _hand_on(job: Job, facts: Facts, *, kind: str, now: datetime) -> None:
    """What takes minutes is another kind of work."""
    jobs.write(
        job,
        state=after(job.state, Event.LOOKED),
        kind=kind,
        looked=msgspec.json.encode(facts).decode(),
        attempts=0,
        due_at=now,
        leased_until=None,
    )


def _finish(job: Job, product: Product, clock: Clock, *, better: Facts | None = None) -> None:
    """Store what was made and show it. `better`: something better than this is still to be made."""
    area = Area.PUBLIC if job.public else Area.PRIVATE
    pulse = Pulse(job)
    kept = keeping.keep_all(product.pieces, area=area, now=clock(), between=pulse.lost_raises)
    done, captions = False, _captions_of(job)
    while not done:  # captions that came meanwhile have to be listed too
        now, before = clock(), captions
        listed = kept
        if product.made is not None:
            listed = captioning.listed(kept, product.made, before, area=area, now=now)
        with transaction.atomic():
            captions = _captions_of(job, lock=True)
            if done := captions == before:
                _show(job, product, listed, better, now)
    placing.settle([job.id], now=now)


def _captions_of(job: Job, *, lock: bool = False) -> list[dict[str, str]]:
    rows = MediaAttachment.objects.select_for_update() if lock else MediaAttachment.objects
    row = rows.filter(pk=job.id, turn=job.turn, deleted_at=None).first()
    if row is None:
        raise Lost
    captions: list[dict[str, str]] = row.captions
    return captions


def _show(job: Job, product: Product, kept: list[Kept], better: Facts | None, now: datetime) -> None:
    jobs.write(
        job,
        state=after(job.state, Event.MADE),
        kind=product.kind,
        percent=100 if better is None else 0,
        looked=None if better is None else msgspec.json.encode(better).decode(),
        made=None if product.made is None else msgspec.json.encode(product.made).decode(),
        meta=msgspec.json.encode(product.meta).decode(),
        width=product.width,
        height=product.height,
        duration=product.duration,
        blurhash=product.blurhash,
        colour=product.colour,
        public=job.public,
        attempts=0,
        due_at=None if better is None else now,
        leased_until=None,
    )
    _replace_files(job, kept, done=better is None, now=now)
    if product.hashes:
        _replace_hashes(job.id, product)


def _replace_files(job: Job, kept: list[Kept], *, done: bool, now: datetime) -> None:
    """Enter the new files. Those that were shown stay for a day; what was sent goes when nothing needs it."""
    uses = FileUse.objects.filter(attachment_id=job.id, until=None)
    former = uses.filter(role__in=_MADE_ANEW)
    same = {each.id for each in kept}
    ledger.release(list(former.filter(file_id__in=same)), now=now)
    former.update(until=now + ledger.FORMER_KEPT)
    ledger.use(job.id, kept)
    if done:
        ledger.release(list(uses.filter(role=Role.UPLOAD)), now=now)
    row = MediaAttachment.objects.select_for_update().get(pk=job.id)
    others = {role: name for role, name in row.files.items() if role not in _MADE_ANEW}
    MediaAttachment.objects.filter(pk=job.id).update(files={**others, **keeping.shown(kept)})


def _replace_hashes(attachment_id: int, product: Product) -> None:
    MediaHash.objects.filter(attachment_id=attachment_id).delete()
    MediaHash.objects.bulk_create(
        MediaHash(attachment_id=attachment_id, second=second, pdq=pdq, quality=quality)
        for second, pdq, quality in product.hashes
    )


@transaction.atomic
def _refuse(job: Job, reason: str, sentence: str, *, now: datetime) -> None:
    jobs.refuse(job, reason=reason, sentence=sentence)
    if reason != BROKEN or job.state == State.READY:
        sent = FileUse.objects.filter(attachment_id=job.id, role=Role.UPLOAD)
        ledger.release(list(sent), now=now)


def _postpone(job: Job, now: datetime) -> None:
    if not jobs.postpone(job, now=now):
        _refuse(job, BROKEN, _SORRY, now=now)
