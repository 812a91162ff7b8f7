"""Hold a conversation and see how one stands to it: how every verb begins."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from messaging.models import Conversation, Member
from messaging.visibility import ACTS, PRESENT, TAKES, blocked
from upscrolled.core.errors import NotAllowed, NotFound
from upscrolled.database.together import together
from upscrolled.models import Account

PAIR, GROUP = Conversation.Kind.PAIR, Conversation.Kind.GROUP
ACCEPTED, REQUEST = Member.State.ACCEPTED, Member.State.REQUEST


class Standing(NamedTuple):
    """A conversation as it stands while its lock is held, and how somebody stands to it.

    `why_not` says why they may not act at all, if so. Of a pair: `other_id` and their state, and how they `take`
    messages (`visibility.TAKES`). `present` are those to be told, in the order of their ids: members and invited.
    `sent_before` is the message that has the client id which was asked for, with its conversation.
    """

    conversation_id: int
    kind: str
    owner_id: int | None
    last_seq: int
    state: str
    from_seq: int
    read_seq: int
    why_not: str | None
    other_id: int | None
    other_state: str | None
    takes: str | None
    blocked: bool
    present: list[int]
    sent_before: int | None

    @property
    def is_group(self) -> bool:
        """Whether it is a group."""
        return self.kind == GROUP


# In a statement of its own: what the next one reads is what whoever held the lock before has left. It begins when this
# one has the lock, although both are sent together.
_LOCK = "SELECT 1 FROM messaging_conversation WHERE id = %(id)s FOR NO KEY UPDATE"
_STANDS = f"""
SELECT c.id, c.kind, c.owner_id, c.last_seq, m.state, m.from_seq, m.read_seq, {ACTS},
       p.account_id, p.state, CASE WHEN p.id IS NOT NULL THEN {TAKES} END,
       c.kind = 'pair' AND {blocked("c.low", "c.high")},
       ARRAY(SELECT y.account_id FROM messaging_member y
             WHERE y.conversation_id = c.id AND y.state IN {PRESENT} ORDER BY y.account_id),
       (SELECT x.id FROM messaging_message x WHERE x.sender_id = %(by)s AND x.client_id = %(client)s::text)
FROM messaging_conversation c
JOIN messaging_member m ON m.conversation_id = c.id AND m.account_id = %(by)s
JOIN upscrolled_account a ON a.id = m.account_id
LEFT JOIN messaging_member p ON c.kind = 'pair' AND p.conversation_id = c.id AND p.account_id <> m.account_id
LEFT JOIN upscrolled_account o ON o.id = p.account_id
LEFT JOIN messaging_inbox i ON i.account_id = p.account_id
WHERE c.id = %(id)s
"""


def hold(
    conversation_id: int, *, by: Account, client_id: str | None = None, writes: bool = False
) -> Standing:
    """Take the conversation's lock, and return how `by` stands to it now.

    Raises NotFound for who is no member (any more), and while either of a pair blocks the other. Who turned the
    request of a pair down has no conversation either, unless they write themselves.
    """
    row: dict[str, Any] = {"id": conversation_id, "by": by.id, "client": client_id}
    with connection.cursor() as locking, connection.cursor() as cursor, together():
        locking.execute(_LOCK, row)
        cursor.execute(_STANDS, row)
        found = cursor.fetchone()
    if found is None:
        raise NotFound
    stands = Standing(*found)
    if stands.blocked or stands.state in (Member.State.LEFT, Member.State.REMOVED):
        raise NotFound
    if stands.state == Member.State.DECLINED and (stands.is_group or not writes):
        raise NotFound
    return stands


def hold_to_act(
    conversation_id: int, *, by: Account, client_id: str | None = None, writes: bool = False
) -> Standing:
    """Do the same for what others notice. Raises NotAllowed too: one's account is restricted, or it is a request."""
    stands = hold(conversation_id, by=by, client_id=client_id, writes=writes)
    if stands.why_not:
        raise NotAllowed(f"This action is not allowed: {stands.why_not}")
    if stands.is_group and stands.state != ACCEPTED:
        raise NotAllowed("This action is not allowed: accept the invitation to this group first")
    return stands
