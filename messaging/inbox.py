"""Write down for each member's devices that something changed, in a line without gaps (`models/inbox.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from messaging import happenings

# The rows of inboxes are locked in the order of the ids, whatever conversation it is: nobody waits crosswise. They
# are the last locks that a verb takes.
_TELL = """
WITH line AS (
  INSERT INTO messaging_inbox AS i (account_id, last_seq)
  SELECT t.id, cardinality(%(things)s::bigint[]) FROM unnest(%(told)s::bigint[]) AS t (id) ORDER BY t.id
  ON CONFLICT (account_id) DO UPDATE SET last_seq = i.last_seq + excluded.last_seq
  RETURNING account_id, last_seq
), written AS (
  INSERT INTO messaging_event (account_id, seq, kind, conversation_id, thing, created_at)
  SELECT l.account_id, l.last_seq - cardinality(%(things)s::bigint[]) + w.n, w.kind, %(conversation)s, w.thing, %(now)s
  FROM line l CROSS JOIN unnest(%(kinds)s::text[], %(things)s::bigint[]) WITH ORDINALITY AS w (kind, thing, n)
)
SELECT account_id, last_seq FROM line
"""


def tell(
    told: Iterable[int],
    *things: tuple[str, int],
    conversation_id: int,
    by_id: int,
    now: datetime,
    new: bool = False,
) -> None:
    """Tell these people of things that changed: (kind, id) each. The caller holds the conversation's lock."""
    accounts = sorted(set(told))
    if not accounts or not things:
        return
    row: dict[str, Any] = {"told": accounts, "conversation": conversation_id, "now": now}
    kinds, numbers = [kind for kind, _ in things], [thing for _, thing in things]
    with connection.cursor() as cursor:
        cursor.execute(_TELL, {**row, "kinds": kinds, "things": numbers})
        last = dict(cursor.fetchall())
    happenings.announce(
        *(
            happenings.Happened(
                kind=kind,
                conversation_id=conversation_id,
                thing=thing,
                by_id=by_id,
                told={account: seq - len(things) + place for account, seq in last.items()},
                new=new,
            )
            for place, (kind, thing) in enumerate(things, start=1)
        )
    )
