"""Write down for each member's devices that something changed, in a line without gaps (`models/inbox.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from messaging import happenings


def lines(when: str = "true") -> str:
    """Return what tells people in a statement, if something is so: its `line (account_id, last_seq)` says whom.

    The rows of inboxes are locked in the order of the ids, whatever conversation it is: nobody waits crosswise. They
    are the last locks that a verb takes.
    """
    return f"""line AS (
  INSERT INTO messaging_inbox AS i (account_id, last_seq)
  SELECT t.id, cardinality(%(things)s::bigint[]) FROM unnest(%(told)s::bigint[]) AS t (id) WHERE {when} ORDER BY t.id
  ON CONFLICT (account_id) DO UPDATE SET last_seq = i.last_seq + excluded.last_seq
  RETURNING account_id, last_seq
), written AS (
  INSERT INTO messaging_event (account_id, seq, kind, conversation_id, thing, created_at)
  SELECT l.account_id, l.last_seq - cardinality(%(things)s::bigint[]) + w.n, w.kind, %(conversation)s, w.thing,
         %(now)s::timestamptz
  FROM line l CROSS JOIN unnest(%(kinds)s::text[], %(things)s::bigint[]) WITH ORDINALITY AS w (kind, thing, n)
)"""


_TELL = f"WITH {lines()} SELECT account_id, last_seq FROM line"


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
    row: dict[str, Any] = {"conversation": conversation_id, "now": now, **written(accounts, things)}
    with connection.cursor() as cursor:
        cursor.execute(_TELL, row)
        last = dict(cursor.fetchall())
    announce(last, *things, conversation_id=conversation_id, by_id=by_id, new=new)


def written(told: Iterable[int], things: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Return the parameters with which `lines` tells these people of these things, beside conversation and now."""
    return {
        "told": sorted(set(told)),
        "kinds": [kind for kind, _ in things],
        "things": [thing for _, thing in things],
    }


def announce(
    last: Mapping[int, int], *things: tuple[str, int], conversation_id: int, by_id: int, new: bool = False
) -> None:
    """Tell whoever listens of what `lines` has told; `last` is the number of the last event of each account."""
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
