"""Take along what is one's own: lists at once, everything as an archive. Suspended people may too."""

from __future__ import annotations

import secrets
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from upscrolled import access, exports, limits
from upscrolled.core.errors import Conflict, NotAllowed, NotFound, TooMany
from upscrolled.exports import File
from upscrolled.media import store
from upscrolled.models import Account, Export
from upscrolled.operations.owed_mail import owe_mail

LISTS: Final = limits.Limit("exports", 60, 3_600)
EVERY: Final = timedelta(days=1)
KEPT: Final = timedelta(days=7)
# For so long a worker may be at one; then another takes it. Millions of rows take minutes.
LEASE: Final = timedelta(hours=1)
ATTEMPTS: Final = 3
MEDIA_TYPE: Final = "application/zip"
_State = Export.State
_WAITING: Final = (_State.QUEUED, _State.MAKING)
_WORK: Final = Q(state__in=_WAITING)


def get_list(name: str, *, by: Account) -> File:
    """Return a list that somebody fetches. Raises TransfersOff, NotFound, and TooMany beyond LISTS."""
    exports.require_on()
    file = next((file for file in exports.lists() if file.list == name), None)
    if file is None:
        raise NotFound
    spent = limits.spend([(LISTS, str(by.pk))]).allowance
    if spent is not None and spent.exceeded:
        said = f"Too many lists; at most {LISTS.allowance} in an hour. Try again in {spent.seconds_left} seconds."
        raise TooMany(said, retry_after=spent.seconds_left)
    return file


@transaction.atomic
def ask_for_archive(*, by: Account, now: datetime) -> Export:
    """Have an archive made; a mail tells when it is there.

    Raises TransfersOff, NotAllowed for a sign-up that is not whole yet, Conflict while one is being made, and TooMany
    if the last one was asked for less than EVERY ago; one that failed does not count.
    """
    exports.require_on()
    asker = Account.objects.select_for_update(no_key=True).get(pk=by.pk)
    if not asker.is_confirmed:
        raise NotAllowed(access.why_unconfirmed(asker))
    last = Export.objects.filter(account=asker).exclude(state=_State.FAILED).order_by("-id").first()
    if last is not None and last.state in _WAITING:
        raise Conflict("One archive at a time; the one you asked for is still being made.")
    if last is not None and last.asked_at > now - EVERY:
        seconds = round((last.asked_at + EVERY - now).total_seconds()) + 1
        raise TooMany(
            f"At most one archive a day. Try again in {seconds} seconds; the last one is kept for {KEPT.days} days.",
            retry_after=seconds,
        )
    key = f"private/exports/{secrets.token_hex(32)}.zip"
    return Export.objects.create(account=asker, key=key, asked_at=now, due_at=now)


def archives(account: Account) -> list[Export]:
    """Return somebody's archives that are not removed yet, the newest first: one a day, and those that failed."""
    return list(Export.objects.filter(account=account).order_by("-id")[:40])


def get_archive(export_id: int, *, by: Account, now: datetime) -> Export:
    """Return an archive that its owner fetches. Raises TransfersOff, and NotFound unless it is theirs and ready."""
    exports.require_on()
    found = Export.objects.filter(pk=export_id, account=by, state=_State.READY, due_at__gt=now).first()
    if found is None:
        raise NotFound
    return found


# --- by the clock ------------------------------------------------------------------------------------


def make_next(*, clock: Callable[[], datetime]) -> bool:
    """Make the archive that waits longest; False if none does.

    A worker that dies loses nothing: when its lease is over another one begins anew, under the same key. What cannot
    be made in ATTEMPTS has failed.
    """
    export = _claim(clock())
    if export is None:
        return False
    if export.state == _State.FAILED:
        return True
    size = _make(export)
    _finish(export, size, clock())
    return True


@transaction.atomic
def _claim(now: datetime) -> Export | None:
    due = Export.objects.filter(_WORK, due_at__lte=now).order_by("due_at")
    export = due.select_for_update(skip_locked=True, of=("self",)).select_related("account").first()
    if export is None:
        return None
    if export.attempts >= ATTEMPTS:
        export.state, export.due_at = _State.FAILED, now + KEPT
    else:
        export.state, export.due_at, export.attempts = _State.MAKING, now + LEASE, export.attempts + 1
    export.save(update_fields=["state", "due_at", "attempts"])
    return export


def _make(export: Export) -> int:
    """Write the archive aside, piece by piece, and store it; return its bytes."""
    with store.workroom() as room:
        path = room / "archive.zip"
        _write(path, export)
        size = path.stat().st_size
        store.store().take(path, export.key, media_type=MEDIA_TYPE)
    return size


def _write(path: Path, export: Export) -> None:
    account = export.account
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _readme(account, export.asked_at))
        for file in exports.files():
            with archive.open(file.name, "w", force_zip64=True) as member:
                for piece in file.pieces(account):
                    member.write(piece)


def _readme(account: Account, asked_at: datetime) -> str:
    facts = {
        "username": account.username,
        "site_name": settings.SITE_NAME,
        "site_url": settings.PUBLIC_URL,
        "asked_on": f"{asked_at:%Y-%m-%d}",
        "hours": max(1, settings.SIGNED_MEDIA_SECONDS // 3_600),
    }
    with translation.override(account.locale):
        return render_to_string("account/export_readme.txt", facts).strip() + "\n"


@transaction.atomic
def _finish(export: Export, size: int, now: datetime) -> None:
    mine = Export.objects.filter(pk=export.pk, state=_State.MAKING, attempts=export.attempts)
    if not mine.update(state=_State.READY, size=size, ready_at=now, due_at=now + KEPT):
        # Another worker has it by now, and the same key. If it was removed meanwhile, nobody would find the file.
        if not Export.objects.filter(pk=export.pk).exists():
            store.store().delete(export.key)
        return
    owe_mail(
        to=export.account.email,
        language=export.account.locale,
        template="account/email/export_ready",
        facts={
            "username": export.account.username,
            "until": f"{now + KEPT:%Y-%m-%d}",
            "link": settings.PUBLIC_URL + reverse("export"),
        },
        now=now,
    )


def remove_over(*, now: datetime) -> int:
    """Remove archives whose time is over, files first; return how many. Raises OSError if the storage is away."""
    count = 0
    for export in Export.objects.filter(~_WORK, due_at__lte=now).order_by("due_at")[:1_000]:
        store.store().delete(export.key)
        export.delete()
        count += 1
    return count


def forget(account: Account, *, now: datetime) -> None:
    """Have the archives of somebody who is erased removed by the clock, also one that is being made."""
    Export.objects.filter(account=account).update(state=_State.FAILED, due_at=now)
