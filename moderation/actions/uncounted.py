"""Let what an account likes, answers and shares hold no tickets in discover; the account itself goes on as before."""

from moderation.actions.base import ACCOUNTS, Action

ACTION = Action(
    "uncounted",
    subjects=ACCOUNTS,
    mastodon="none",
    dsa="DECISION_VISIBILITY_OTHER",
)
