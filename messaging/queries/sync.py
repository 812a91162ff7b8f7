"""Catch up: everything that changed for somebody since a cursor, as it stands now.

The line of events says *which* things changed; each is then read once, however often it changed. So what a device
is told is always a state, never a step: told twice, or in another order, it comes to the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from messaging.models import Event
from messaging.queries import conversations, messages
from messaging.queries.conversations import ConversationFacts
from messaging.queries.messages import MessageFacts
from upscrolled.viewer import Viewer

Kind = Event.Kind


class Changes(NamedTuple):
    """What changed. `cursor` is where to go on; `more` says that there is more at once.

    `reset`: the cursor is too old (or none): read the conversations anew, and go on from `cursor`.
    `conversations` are those with another title, other members, receipts, pins …; `gone` are ids of those that the
    viewer no longer finds; `unseen` are (conversation, message) that the viewer sees no more, or never will.
    `relations` grows when the viewer or somebody else follows, blocks, mutes: who is hidden may have changed.
    """

    cursor: int
    more: bool
    reset: bool
    relations: int
    messages: list[MessageFacts]
    conversations: list[ConversationFacts]
    gone: list[int]
    unseen: list[tuple[int, int]]


_STANDS = """
SELECT coalesce((SELECT i.last_seq FROM messaging_inbox i WHERE i.account_id = %(viewer)s), 0),
       coalesce((SELECT k.graph_version FROM upscrolled_accountcounters k WHERE k.account_id = %(viewer)s), 0)
"""
_EVENTS = """
SELECT e.seq, e.kind, e.conversation_id, e.thing FROM messaging_event e
WHERE e.account_id = %(viewer)s AND e.seq > %(cursor)s AND e.seq <= %(last)s ORDER BY e.seq LIMIT %(limit)s
"""


def changes(viewer: Viewer, cursor: int | None, *, limit: int) -> Changes:
    """Return what the next `limit` events after the cursor are about; without a cursor, where the line ends now."""
    row: dict[str, Any] = {"viewer": viewer.id, "cursor": cursor, "limit": limit}
    with connection.cursor() as statement:
        statement.execute(_STANDS, row)
        last, relations = statement.fetchone()
        if cursor is None or cursor > last:
            return _reset(last, relations)
        statement.execute(_EVENTS, {**row, "last": last})
        events = statement.fetchall()
    # Numbers have no gaps: if the next one is missing, it was there and is gone.
    if cursor < last and (not events or events[0][0] != cursor + 1):
        return _reset(last, relations)
    reached = events[-1][0] if events else cursor
    changed = {thing: number for _seq, kind, number, thing in events if kind == Kind.MESSAGE}
    touched = {number for _seq, kind, number, _thing in events if kind != Kind.MESSAGE}
    seen = messages.several(viewer, changed)
    found = conversations.several(viewer, {*touched, *changed.values()})
    standing = {each.id for each in found}
    return Changes(
        cursor=reached,
        more=reached < last,
        reset=False,
        relations=relations,
        messages=sorted(seen.values(), key=lambda each: (each.conversation_id, each.seq)),
        conversations=found,
        gone=sorted({*touched, *changed.values()} - standing),
        unseen=[(number, thing) for thing, number in changed.items() if thing not in seen],
    )


def _reset(last: int, relations: int) -> Changes:
    return Changes(last, False, True, relations, [], [], [], [])
