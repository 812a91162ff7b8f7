"""Take over lists from elsewhere: whom somebody follows, blocks and mutes, as Mastodon writes them (CSV).

Each row is what the person could do by hand, by the same verb and within the same limits. A row done twice changes
nothing, so a worker that dies in the middle of some loses nothing either.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Func, IntegerField

from upscrolled import exports, limits
from upscrolled.core.errors import Conflict, DomainError, Invalid, NotFound
from upscrolled.models import Account, Import
from upscrolled.operations.relationships import block, follow, mute
from upscrolled.queries import persons
from upscrolled.viewer import Viewer

BYTES_MAX: Final = 1_000_000
ROWS_MAX: Final = 5_000
AT_ONCE: Final = 100
# For so long a worker may be at AT_ONCE rows; then another takes them.
LEASE: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=7)
_ADDRESS: Final = "account address"
_CELL_MAX: Final = 500
_Row = dict[str, str]


class _Later(Exception):
    """The limit of the verb is reached; it goes on in so many seconds."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(seconds)


@transaction.atomic
def ask_for_import(kind: str, text: str, *, by: Account, now: datetime) -> Import:
    """Have a list taken over, a few rows at a time.

    Raises TransfersOff, Invalid for what is no such list or has more than ROWS_MAX rows, Conflict while another one
    is being taken over.
    """
    exports.require_on()
    rows = _read(text)
    Account.objects.select_for_update(no_key=True).get(pk=by.pk)
    if Import.objects.filter(account=by, state=Import.State.WAITING).exists():
        raise Conflict("One import at a time; the one you sent is still being taken over.")
    return Import.objects.create(account_id=by.pk, kind=kind, rows=rows, asked_at=now, due_at=now)


def imports(account: Account) -> list[tuple[Import, int]]:
    """Return somebody's imports of the last days, the newest first, each with how many rows it has.

    The rows themselves are not read: there may be thousands of each.
    """
    size = Func(F("rows"), function="jsonb_array_length", output_field=IntegerField())
    found = Import.objects.filter(account=account).defer("rows").annotate(size=size).order_by("-id")[:40]
    return [(one, one.size) for one in found]


def _read(text: str) -> list[_Row]:
    """Read rows under their headings; without any, the first column is the address. Raises Invalid."""
    try:
        table = [cells for cells in csv.reader(io.StringIO(text), strict=True) if any(cells)]
    except csv.Error as error:
        raise Invalid(f"Validation failed: data is no CSV: {error}") from None
    headings = [_ADDRESS]
    if table and table[0][0].strip().lower() == _ADDRESS:
        headings = [cell.strip().lower() for cell in table.pop(0)]
    if not table:
        raise Invalid("Validation failed: data has no rows")
    if len(table) > ROWS_MAX:
        raise Invalid(f"Validation failed: data has {len(table)} rows; at most {ROWS_MAX}")
    return [
        {
            name: cell.strip()[:_CELL_MAX].replace("\x00", "")
            for name, cell in zip(headings, cells, strict=False)
        }
        for cells in table
    ]


# --- by the clock ------------------------------------------------------------------------------------


def take_next(*, clock: Callable[[], datetime]) -> bool:
    """Take over the next rows of the import that waits longest; False if none does."""
    found = _claim(clock())
    if found is None:
        return False
    account, cursor, wait = found.account, found.cursor, 0
    done, skipped = found.done, Counter(found.skipped)
    for row in found.rows[cursor : cursor + AT_ONCE]:
        try:
            reason = _step(found.kind, row, account, clock())
        except _Later as later:
            wait = later.seconds
            break
        cursor += 1
        done += not reason
        if reason:
            skipped[reason] += 1
    over, now = cursor >= len(found.rows), clock()
    # Whoever lost the lease finds another cursor here, and changes nothing.
    Import.objects.filter(pk=found.pk, state=Import.State.WAITING, cursor=found.cursor).update(
        cursor=cursor,
        done=done,
        skipped=skipped,
        state=Import.State.DONE if over else Import.State.WAITING,
        due_at=now + (KEPT if over else timedelta(seconds=wait)),
    )
    return True


@transaction.atomic
def _claim(now: datetime) -> Import | None:
    waiting = Import.objects.filter(state=Import.State.WAITING, account__is_active=True)
    due = waiting.filter(due_at__lte=now).order_by("due_at")
    found = due.select_for_update(skip_locked=True, of=("self",)).select_related("account").first()
    if found is not None:
        Import.objects.filter(pk=found.pk).update(due_at=now + LEASE)
    return found


def _step(kind: str, row: _Row, account: Account, now: datetime) -> str:
    """Do what a row wants; return why not, or nothing. Raises _Later."""
    name, _, host = row.get(_ADDRESS, "").removeprefix("@").partition("@")
    if host and host.lower() != exports.DOMAIN.lower():
        return "elsewhere"
    try:
        target = persons.lookup(Viewer(account), name)
        if kind == Import.Kind.BLOCKING:
            block(target, by=account, now=now)
        elif kind == Import.Kind.MUTING:
            mute(target, by=account, notifications=_yes(row, "hide notifications", True), now=now)
        else:
            _spend(account)
            languages = [each.strip() for each in row.get("languages", "").split(",") if each.strip()]
            boosts, told = _yes(row, "show boosts", True), _yes(row, "notify on new posts", False)
            follow(target, by=account, reposts=boosts, notify=told, languages=languages or None, now=now)
    except NotFound:
        return "unknown"
    except DomainError:
        return "refused"
    return ""


def _spend(account: Account) -> None:
    spent = limits.spend([(limits.FOLLOWS, str(account.pk))]).allowance
    if spent is not None and spent.exceeded:
        raise _Later(spent.seconds_left)


def _yes(row: _Row, name: str, otherwise: bool) -> bool:
    said = row.get(name, "").lower()
    return said in ("true", "1", "yes") if said else otherwise


def forget_over(*, now: datetime) -> int:
    """Delete lists that were taken over KEPT ago; return how many."""
    count, _ = Import.objects.filter(state=Import.State.DONE, due_at__lte=now).delete()
    return count
