"""Tell somebody that they broke a policy, and restrict nothing."""

from moderation.actions.base import CONTENT, Action

ACTION = Action(
    "warn",
    subjects=CONTENT | {"account", "handle"},
    mastodon="none",
    dsa="DECISION_VISIBILITY_OTHER",
    restricts=False,
)
