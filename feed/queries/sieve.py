"""Whose notifications somebody sets aside, or does not want at all: worked out when they are read, from rows.

Nothing is marked when a notification is made: who follows or accepts a sender finds in the list at once what was set
aside, and a policy that is changed counts for what came before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from upscrolled.core import ids
from upscrolled.models import NotificationChoice, NotificationSender
from upscrolled.viewer import Person, Viewer

ACCEPT, FILTER, DROP = "accept", "filter", "drop"
VERDICTS: Final = (ACCEPT, FILTER, DROP)
POLICIES: Final = ("not_following", "not_followers", "new_accounts", "private_mentions", "limited_accounts")
NEW: Final = timedelta(days=30)
# What one asked for oneself, or takes part in, is never set aside; conversations one has accepted.
ALWAYS: Final = frozenset({"poll", "edit", "quoted_edit", "post", "sign_up", "message"})


@dataclass(frozen=True, slots=True)
class Sieve:
    """The policies of one reader, with their word on single senders.

    Their word on private mentions says nothing: only conversations that they accepted are told of at all.
    """

    policies: Mapping[str, str] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset()
    dismissed: Mapping[int, datetime] = field(default_factory=dict)

    def verdict(self, kind: str, sender: Person, now: datetime) -> str:
        """Return accept, filter or drop: the strictest of the policies that speak of this sender."""
        if not self.policies or kind in ALWAYS or sender.id in self.accepted:
            return ACCEPT
        speaks = {
            "not_following": not sender.followed,
            "not_followers": not sender.follows_me,
            "new_accounts": not sender.followed and now - ids.created_at(sender.id) < NEW,
            "limited_accounts": not sender.followed and "account_limited" in sender.restrictions,
        }
        said = {self.policies.get(name, ACCEPT) for name, holds in speaks.items() if holds}
        return DROP if DROP in said else FILTER if FILTER in said else ACCEPT


EVERYTHING: Final = Sieve()


def of(viewer: Viewer) -> Sieve:
    """Return the reader's sieve: one statement, and another for those who set somebody aside."""
    chosen = NotificationChoice.objects.filter(account_id=viewer.id).first()
    policies = {} if chosen is None else {name: getattr(chosen, name) for name in POLICIES}
    if set(policies.values()) <= {ACCEPT}:
        return EVERYTHING
    senders = NotificationSender.objects.filter(recipient_id=viewer.id)
    accepted, dismissed = set(), {}
    for sender_id, is_accepted, dismissed_at in senders.values_list("sender_id", "accepted", "dismissed_at"):
        if is_accepted:
            accepted.add(sender_id)
        if dismissed_at is not None:
            dismissed[sender_id] = dismissed_at
    return Sieve(policies, frozenset(accepted), dismissed)
