"""Remove a post: its author alone still sees it, with the reasons."""

from moderation.actions.base import CONTENT, Action

ACTION = Action(
    "removed",
    subjects=CONTENT | {"handle"},
    mastodon="delete_statuses",
    dsa="DECISION_VISIBILITY_CONTENT_REMOVED",
)
