"""Change the location menu. Every change of every entry leaves a row that says what was, who did it and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from upscrolled import places
from upscrolled.core import placefile
from upscrolled.core.errors import NotFound
from upscrolled.core.placefile import Entry
from upscrolled.models import Account, Place, PlaceChange

SHIPPED = Path(settings.BASE_DIR) / "upscrolled" / "data" / "places"
DEFAULT = SHIPPED / "cldr.toml"


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one entry; `before` is None for a new one."""

    before: Entry | None
    after: Entry

    @property
    def action(self) -> str:
        """The change in one word."""
        was, now = self.before, self.after
        if was is None:
            return "add"
        if was.hidden != now.hidden:
            return "hide" if now.hidden else "show"
        if was.merged_into != now.merged_into:
            return "merge" if now.merged_into else "split"
        if was.names != now.names:
            return "rename"
        return "move"

    @property
    def said(self) -> str:
        """What was and what became of it; of a new entry its names."""
        differences = [
            f"{part.name}: {getattr(self.before, part.name)!r} → {getattr(self.after, part.name)!r}"
            for part in fields(Entry)
            if self.before is not None and getattr(self.before, part.name) != getattr(self.after, part.name)
        ]
        return "; ".join(differences) or ", ".join(self.after.names.values())

    def __str__(self) -> str:
        return f"{self.action:6} {self.after.code:12} {self.said}"


def current() -> dict[str, Entry]:
    """Return the menu as it stands, by code."""
    rows = Place.objects.select_related("parent", "merged_into").order_by("id")
    return {
        row.code: Entry(
            code=row.code,
            kind=row.kind,
            names=row.names,
            parent=row.parent.code if row.parent else "",
            position=row.position,
            hidden=row.hidden,
            merged_into=row.merged_into.code if row.merged_into else "",
        )
        for row in rows
    }


def plan(path: Path) -> list[Change]:
    """Return what loading the file would change: entries that it does not know are hidden, never deleted.

    Raises BadMenu.
    """
    wanted, present = placefile.read(path), current()
    for code, entry in present.items():
        if code not in wanted:
            # What it refers to may itself be missing from the file.
            wanted[code] = replace(entry, hidden=True)
    placefile.check(wanted)
    changes = [Change(present.get(code), entry) for code, entry in wanted.items()]
    return [change for change in changes if change.before != change.after]


@transaction.atomic
def load(path: Path, *, by: Account | None, because: str, now: datetime) -> list[Change]:
    """Make the menu what the file says, and return what changed. Raises BadMenu; then nothing has changed."""
    _one_at_a_time()
    changes = plan(path)
    _apply(changes, by=by, source=path.name, because=because, now=now)
    return changes


@transaction.atomic
def change(code: str, *, by: Account | None, because: str, now: datetime, **parts: Any) -> Change:
    """Change some fields of one entry (see `placefile.Entry`; `names` are added to those there are).

    Raises NotFound for an unknown code, BadMenu for a menu that would not hold together.
    """
    _one_at_a_time()
    present = current()
    before = present.get(code)
    if before is None:
        raise NotFound(f"There is no place {code!r} in the menu.")
    if "names" in parts:
        parts["names"] = {**before.names, **parts["names"]}
    after = replace(before, **parts)
    placefile.check({**present, code: after})
    made = Change(before, after)
    if before != after:
        _apply([made], by=by, source="", because=because, now=now)
    return made


def history(code: str = "", *, limit: int = 50) -> list[PlaceChange]:
    """Return the last changes of the menu, or of one entry, newest first."""
    rows = PlaceChange.objects.select_related("changed_by").order_by("-id")
    return list((rows.filter(code=code) if code else rows)[:limit])


def change_of(row: PlaceChange) -> Change:
    """Return the change that a row of the history keeps."""
    assert row.after is not None  # every change leaves an entry behind
    return Change(Entry(**row.before) if row.before else None, Entry(**row.after))


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('upscrolled places'))")


def _apply(changes: list[Change], *, by: Account | None, source: str, because: str, now: datetime) -> None:
    for made in changes:  # first the entries themselves: they may refer to one another in any order
        entry = made.after
        Place.objects.update_or_create(
            code=entry.code,
            defaults={
                "kind": entry.kind,
                "names": entry.names,
                "position": entry.position,
                "hidden": entry.hidden,
                "changed_at": now,
            },
        )
    ids = dict(Place.objects.values_list("code", "id"))
    for made in changes:
        entry = made.after
        Place.objects.filter(code=entry.code).update(
            parent=ids.get(entry.parent), merged_into=ids.get(entry.merged_into)
        )
    PlaceChange.objects.bulk_create(
        PlaceChange(
            code=made.after.code,
            action=made.action,
            before=asdict(made.before) if made.before else None,
            after=asdict(made.after),
            source=source,
            because=because,
            changed_by=by,
            changed_at=now,
        )
        for made in changes
    )
    transaction.on_commit(places.forget)
