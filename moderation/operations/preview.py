"""Show a statement of reasons before anything is decided: the very text that the affected person would read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from moderation import policies, statements, subjects, wording
from moderation.actions import ACTIONS
from moderation.operations.decide import Wish
from upscrolled.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class Preview:
    """The statement as it would be written now, and the language of its reader."""

    language: str
    text: str


def preview(wish: Wish, *, now: datetime) -> Preview:
    """Compose the statement of a wish; nothing is decided. Raises Invalid for what `decide` would refuse in it."""
    if wish.action not in ACTIONS or wish.subject.kind not in ACTIONS[wish.action].subjects:
        raise Invalid(f"Validation failed: {wish.action[:40]!r} is nothing for a {wish.subject.kind}")
    statements.check(wish.reasons)
    about = subjects.load(wish.subject)
    language = about.language if about.language in wording.LANGUAGES else "en"
    text = statements.compose(
        wish.reasons,
        language=language,
        measure=wish.action,
        subject=wish.subject,
        policy=policies.in_force(wish.policy, now=now),
        countries=list(wish.countries),
        starts_at=now,
        ends_at=wish.ends_at,
        by_machine=False,
    )
    return Preview(language, text)
