"""Change what one says of oneself, and what follows from it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Unpack

from upscrolled.core import languages, text
from upscrolled.core.errors import Invalid
from upscrolled.models import Account
from upscrolled.models.account import (
    DISPLAY_NAME_MAX,
    FIELD_NAME_MAX,
    FIELD_VALUE_MAX,
    FIELDS_MAX,
    NOTE_MAX,
)
from upscrolled.operations import accounts
from upscrolled.operations.accounts import ProfileChanges
from upscrolled.operations.relationships import authorize_all


class Limits(NamedTuple):
    """How much a profile holds: characters, and the number of fields."""

    display_name: int = DISPLAY_NAME_MAX
    note: int = NOTE_MAX
    fields: int = FIELDS_MAX
    field_name: int = FIELD_NAME_MAX
    field_value: int = FIELD_VALUE_MAX


LIMITS = Limits()


def edit_profile(*, account: Account, now: datetime, **changes: Unpack[ProfileChanges]) -> Account:
    """Change the profile and the settings for new posts; what is not given stays.

    Whoever had asked to follow does so once the account is private no longer. Raises Invalid, naming the
    limit and the actual value.
    """
    was_private = account.locked
    accounts.change_columns(account=account, **_cleaned(changes))
    if was_private and not account.locked:
        authorize_all(by=account, now=now)
    return account


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
    if code := cleaned.get("default_language"):
        parsed = languages.parse(code)
        if parsed is None:
            raise Invalid(f"Validation failed: Language must be an ISO 639 code, not {code[:40]!r}")
        cleaned["default_language"] = parsed
    return cleaned


def _line(written: str) -> str:
    """One line of it: a name with line breaks would push others' posts off the screen."""
    return " ".join(text.clean(written).split())
