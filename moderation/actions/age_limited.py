"""Show a post to people who signed in only."""

from moderation.actions.base import CONTENT, Action

ACTION = Action(
    "age_limited",
    subjects=CONTENT,
    mastodon="none",
    dsa="DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    strikes=False,
)
