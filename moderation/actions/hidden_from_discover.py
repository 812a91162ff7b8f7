"""Keep a post, all posts of an account, or a hashtag out of discover and trends."""

from moderation.actions.base import Action

ACTION = Action(
    "hidden_from_discover",
    subjects=frozenset({"post", "account", "hashtag"}),
    mastodon="none",
    dsa="DECISION_VISIBILITY_CONTENT_DEMOTED",
    strikes=False,
)
