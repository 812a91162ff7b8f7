"""Reads of what is not public: each is a row, written before anything is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from moderation.models import PrivateRead
from upscrolled.models import Account

ADDRESSES: Final = "addresses and reasons of sign-ups"
POSTS: Final = "posts for few"


def read(whose: Iterable[int], *, what: str, why: str, by: Account, now: datetime) -> None:
    """Write down that somebody of the staff reads this of these accounts; of nobody nothing is written."""
    numbers = sorted(set(whose))
    if numbers:
        PrivateRead.objects.create(by=by, at=now, what=what, why=why, whose=numbers)
