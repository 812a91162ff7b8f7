"""Let nobody answer a post any more."""

from moderation.actions.base import Action

ACTION = Action(
    "replies_off",
    subjects=frozenset({"post"}),
    mastodon="none",
    dsa="DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    strikes=False,
)
