"""Hold something back until a person has looked: the one thing that a machine may decide, for 72 hours at most."""

from datetime import timedelta

from moderation.actions.base import CONTENT, Action

ACTION = Action(
    "hold",
    subjects=CONTENT | {"account", "handle"},
    mastodon="none",
    dsa="DECISION_VISIBILITY_CONTENT_DISABLED",
    strikes=False,
    by_machine=True,
    longest=timedelta(hours=72),
)
