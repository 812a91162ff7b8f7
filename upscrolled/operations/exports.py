"""Take along what is one's own. Suspended people may too: nobody has to leave it behind."""

from __future__ import annotations

from typing import Final

from upscrolled import exports, limits
from upscrolled.core.errors import NotFound, TooMany
from upscrolled.exports import File
from upscrolled.models import Account

LISTS: Final = limits.Limit("exports", 60, 3_600)


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
