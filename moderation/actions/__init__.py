"""What can be decided: one file an action, and this table of them."""

from __future__ import annotations

from moderation.actions import (
    account_limited,
    account_suspended,
    age_limited,
    hidden_from_discover,
    hold,
    removed,
    replies_off,
    restore,
    sensitive,
    uncounted,
    warn,
)
from moderation.actions.base import Action

_FILES = (
    warn,
    sensitive,
    hidden_from_discover,
    replies_off,
    age_limited,
    removed,
    account_limited,
    account_suspended,
    uncounted,
    hold,
    restore,
)
ACTIONS: dict[str, Action] = {file.ACTION.key: file.ACTION for file in _FILES}

__all__ = ["ACTIONS", "Action"]
