"""Put a post behind a cover that readers open themselves."""

from moderation.actions.base import CONTENT, Action

ACTION = Action(
    "sensitive",
    subjects=CONTENT,
    mastodon="mark_statuses_as_sensitive",
    dsa="DECISION_VISIBILITY_CONTENT_LABELLED",
    strikes=False,
)
