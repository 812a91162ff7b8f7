"""Whose tickets count, whose media lie in the open: kept in step with what befalls accounts, by comparing.

Nobody tells the feed. An account that closes, is suspended, goes on hold or is uncounted by a decision (a like ring)
gives no tickets (docs/ranking.md), and gives them again when a restriction ends, if only because its time is up. The
rows of `Uncounted` say whose tickets are out; the clock compares them with how accounts stand, and for those who differ
counts again what they have touched, and compares their media with the policy. Who differs may like and share meanwhile,
by statements that do not see the new row yet: so it is counted once more when those have ended.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from feed import candidates, openness

log = logging.getLogger(__name__)

_POSTS_AT_ONCE = 500
PATIENCE, LOOK_EVERY = 5.0, 0.02  # seconds
_SILENT = """
  SELECT a.id FROM upscrolled_account a WHERE NOT a.is_active
  UNION
  SELECT a.id FROM upscrolled_restriction r JOIN upscrolled_account a ON a.id = r.subject_id
  WHERE r.subject_kind = 'account' AND r.kind IN ('account_suspended', 'hold')
    AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
  UNION
  SELECT a.id FROM upscrolled_restriction r JOIN upscrolled_account a ON a.id = r.subject_id
  WHERE r.subject_kind = 'account' AND r.kind = 'uncounted'
    AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())"""
# Both sides have an index that holds nobody else, so this reads nothing of those who are well.
_CHANGED = f"""
WITH silent AS ({_SILENT})
(SELECT s.id, true FROM silent s
 WHERE NOT EXISTS (SELECT 1 FROM feed_uncounted u WHERE u.account_id = s.id) LIMIT %(limit)s)
UNION ALL
(SELECT u.account_id, false FROM feed_uncounted u
 WHERE NOT EXISTS (SELECT 1 FROM silent s WHERE s.id = u.account_id) LIMIT %(limit)s)
"""
_LEAVE = """
INSERT INTO feed_uncounted (account_id, since) VALUES (%(account)s, %(now)s) ON CONFLICT DO NOTHING
"""
_RETURN = "DELETE FROM feed_uncounted WHERE account_id = %(account)s"
_TOUCHED = """
SELECT c.post_id FROM feed_candidate c WHERE c.post_id IN (
  SELECT l.post_id FROM feed_like l WHERE l.account_id = %(account)s
  UNION SELECT p.in_reply_to_id FROM feed_post p WHERE p.author_id = %(account)s AND p.deleted_at IS NULL
  UNION SELECT p.repost_of_id FROM feed_post p WHERE p.author_id = %(account)s AND p.deleted_at IS NULL)
ORDER BY c.post_id
"""
# Whose transactions may have read the rows of `Uncounted` as they were before.
_BEGUN_BEFORE = """
SELECT EXISTS (SELECT 1 FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < %(moment)s)
"""


def settle(*, now: datetime, at_most: int = 100) -> int:
    """See to accounts whose standing has changed; return how many there were."""
    changed = _rows(_CHANGED, {"limit": at_most})
    touched = {account_id: _see_to(account_id, silent=silent, now=now) for account_id, silent in changed}
    if touched:
        _let_others_end()
    for account_id, before in touched.items():
        _count_again({*before, *_touched(account_id)})
    return len(changed)


@transaction.atomic
def _see_to(account_id: int, *, silent: bool, now: datetime) -> list[int]:
    """Write down how somebody stands, count again what they have touched, and return it."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE if silent else _RETURN, {"account": account_id, "now": now})
    touched = _touched(account_id)
    _count_again(touched)
    openness.of_account(account_id, now=now)
    return touched


def _touched(account_id: int) -> list[int]:
    return [row[0] for row in _rows(_TOUCHED, {"account": account_id})]


def _count_again(post_ids: Iterable[int]) -> None:
    ordered = sorted(post_ids)
    for start in range(0, len(ordered), _POSTS_AT_ONCE):
        candidates.recount(ordered[start : start + _POSTS_AT_ONCE])


def _let_others_end() -> None:
    """Wait until every transaction has ended that began before this moment; for a long one only for a while."""
    ((moment,),) = _rows("SELECT clock_timestamp()", {})
    ends = time.monotonic() + PATIENCE
    while _rows(_BEGUN_BEFORE, {"moment": moment})[0][0]:
        if time.monotonic() > ends:
            log.info("Tickets are counted again beside a transaction that lasts.")
            return
        time.sleep(LOOK_EVERY)


def _rows(sql: str, params: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[Any] = cursor.fetchall()
        return rows
