"""Let an account read, but not post, like, follow or write."""

from moderation.actions.base import ACCOUNTS, Action

ACTION = Action(
    "account_limited",
    subjects=ACCOUNTS,
    mastodon="silence",
    dsa="DECISION_PROVISION_PARTIAL_SUSPENSION",
)
