"""Change what one says of oneself, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Unpack

from django.db import transaction

from upscrolled import acting, pictures, places, tasks
from upscrolled.core import languages, text
from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Circle
from upscrolled.models.account import (
    DISPLAY_NAME_MAX,
    FIELD_NAME_MAX,
    FIELD_VALUE_MAX,
    FIELDS_MAX,
    NOTE_MAX,
    PRONOUNS_MAX,
)
from upscrolled.operations import accounts
from upscrolled.operations.accounts import ProfileChanges
from upscrolled.operations.relationships import authorize_all
from upscrolled.pictures import ledger, storage

PICTURE_DESCRIPTION_MAX = 1_500
# How somebody reads, by the names under which it is stored: what each may be, the first being the default.
READING: dict[str, tuple[Any, ...]] = {
    "expand_media": ("default", "show_all", "hide_all"),
    "expand_spoilers": (False, True),
    "autoplay_gifs": (False, True),
}


class Limits(NamedTuple):
    """How much a profile holds: characters, the number of fields, bytes of a picture that is sent."""

    display_name: int = DISPLAY_NAME_MAX
    note: int = NOTE_MAX
    fields: int = FIELDS_MAX
    field_name: int = FIELD_NAME_MAX
    field_value: int = FIELD_VALUE_MAX
    pronouns: int = PRONOUNS_MAX
    picture_description: int = PICTURE_DESCRIPTION_MAX
    picture_bytes: int = pictures.BYTES_MAX
    picture_pixels: int = pictures.PIXELS_MAX


LIMITS = Limits()


def edit_profile(
    *,
    account: Account,
    now: datetime,
    new_pictures: Mapping[str, bytes] | None = None,
    **changes: Unpack[ProfileChanges],
) -> Account:
    """Change the profile and the settings for new posts; what is not given stays.

    `new_pictures` are files as they were sent, for `avatar` and `header`. Whoever had asked to follow does so
    once the account is private no longer. Raises Invalid, naming the limit and the actual value; then nothing is
    changed.
    """
    cleaned = _cleaned(changes)
    was_private = account.locked
    made = {
        place: _stored(place, pictures.make(pictures.KINDS[place], data), now)
        for place, data in (new_pictures or {}).items()
    }
    with transaction.atomic():
        accounts.change_columns(account=account, **cleaned)
        for place, name in made.items():
            _show(account, place, name, now)
    if was_private and not account.locked:
        authorize_all(by=account, now=now)
    return account


def show_picture(*, account: Account, place: str, made: Sequence[tuple[str, bytes]], now: datetime) -> None:
    """Show a picture that `pictures.make` made before, as `avatar` or `header`; its description stays."""
    name = _stored(place, made, now)
    with transaction.atomic():
        _show(account, place, name, now)


@transaction.atomic
def remove_picture(*, account: Account, place: str, now: datetime) -> None:
    """Take the `avatar` or the `header` away, with its description; nothing if there is none."""
    _show(account, place, "", now)
    accounts.change_columns(account=account, **_described(place, ""))


def reading(account: Account) -> dict[str, Any]:
    """Return how somebody reads: what they chose, and the defaults."""
    return {name: account.reading.get(name, choices[0]) for name, choices in READING.items()}


# --- pictures ----------------------------------------------------------------------------------------


def _stored(place: str, made: Sequence[tuple[str, bytes]], now: datetime) -> str:
    """Store a picture that was made anew, and return its name."""
    (suffix, content), *stills = made
    name = storage.name_of(pictures.KINDS[place], suffix, content)
    files = {name: content} | {storage.still_of(name): still for _suffix, still in stills}
    ledger.store(name, files, now=now)
    return name


def _show(account: Account, place: str, name: str, now: datetime) -> None:
    """Name the picture in the profile; the one before is removed after the commit, if nobody else shows it."""
    mine = Account.objects.select_for_update(no_key=True).filter(pk=account.pk)
    before = mine.values_list(place, flat=True).get()
    acting.as_owner(account.pk)
    mine.update(**{place: name})
    setattr(account, place, name)
    if before and before != name:
        ledger.give_up(before, now=now)
        transaction.on_commit(tasks.remove_pictures.delay, robust=True)


def _described(place: str, description: str) -> ProfileChanges:
    if place == "avatar":
        return {"avatar_description": description}
    return {"header_description": description}


# --- texts and choices -------------------------------------------------------------------------------


def _cleaned(changes: ProfileChanges) -> ProfileChanges:
    cleaned = changes.copy()
    if "display_name" in cleaned:
        cleaned["display_name"] = _line(cleaned["display_name"])
    if "note" in cleaned:
        cleaned["note"] = text.clean(cleaned["note"])
    if "fields" in cleaned:
        cleaned["fields"] = [
            {part: _line(written) for part, written in field.items()} for field in cleaned["fields"]
        ]
    if "pronouns" in cleaned:
        cleaned["pronouns"] = _at_most(PRONOUNS_MAX, "Pronouns", _line(cleaned["pronouns"]))
    if (place_id := cleaned.get("place_id")) is not None and not places.latest().offers(place_id):
        raise Invalid(f"Validation failed: The menu of places has no entry {place_id} to choose")
    if "avatar_description" in cleaned:
        cleaned["avatar_description"] = _description("Avatar", cleaned["avatar_description"])
    if "header_description" in cleaned:
        cleaned["header_description"] = _description("Header", cleaned["header_description"])
    if code := cleaned.get("default_language"):
        parsed = languages.parse(code)
        if parsed is None:
            raise Invalid(f"Validation failed: Language must be an ISO 639 code, not {code[:40]!r}")
        cleaned["default_language"] = parsed
    if cleaned.get("default_quoting", Circle.EVERYBODY) not in Circle.values:
        raise Invalid(f"Validation failed: there is no circle {cleaned['default_quoting'][:40]!r}")
    if "reading" in cleaned:
        _require_reading(cleaned["reading"])
    return cleaned


def _require_reading(chosen: Mapping[str, Any]) -> None:
    for name, value in chosen.items():
        choices = READING.get(name, ())
        if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
            told = ", ".join(str(choice).lower() for choice in choices)
            raise Invalid(f"Validation failed: {name} must be one of {told or 'nothing'}, not {value!r}")


def _description(label: str, written: str) -> str:
    return _at_most(PICTURE_DESCRIPTION_MAX, f"{label} description", text.clean(written).strip())


def _at_most(limit: int, label: str, written: str) -> str:
    if len(written) > limit:
        raise Invalid(f"Validation failed: {label} has {len(written)} characters; at most {limit}")
    return written


def _line(written: str) -> str:
    """One line of it: a name with line breaks would push others' posts off the screen.

    What nobody can see is nothing, or somebody would go by a name that cannot be read or clicked.
    """
    line = " ".join(text.clean(written).split())
    return "" if text.is_blank(line) else line
