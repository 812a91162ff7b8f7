"""Choose in which mode a rule at the door works."""

from __future__ import annotations

from datetime import datetime

from moderation.models import ScreenMode
from moderation.screening import RULES
from moderation.screening.rules import MODES
from upscrolled.core.errors import Invalid


def set_mode(rule: str, mode: str, *, because: str, now: datetime) -> None:
    """Have a rule work in that mode, for this reason. Raises Invalid."""
    if rule not in {one.name for one in RULES}:
        raise Invalid(f"There is no rule {rule!r}; there are {', '.join(one.name for one in RULES)}.")
    if mode not in MODES:
        raise Invalid(f"There is no mode {mode!r}; there are {', '.join(MODES)}.")
    if not because.strip():
        raise Invalid("Say why; the reason is kept.")
    facts = {"mode": mode, "because": because.strip(), "changed_at": now}
    ScreenMode.objects.update_or_create(rule=rule, defaults=facts)
