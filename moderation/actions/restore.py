"""Take an earlier decision back: what it restricted is restored, its strike counts no more."""

from moderation.actions.base import CONTENT, Action

ACTION = Action(
    "restore",
    subjects=CONTENT | {"account", "handle", "hashtag"},
    mastodon="none",
    dsa="",
    restricts=False,
    strikes=False,
    by_machine=True,
)
