"""Suspend an account. Without an end it also loses its follows, which are remembered and come back with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from moderation.actions.base import ACCOUNTS, Action
from moderation.models import Decision
from upscrolled.graph import Step, count

BATCH: Final = 500
# Each is remembered by a trigger of `upscrolled_follow`, with every suspension that ends it: whichever is over last
# restores it.
_SEVER: Final = """
DELETE FROM upscrolled_follow WHERE id IN (
  SELECT f.id FROM upscrolled_follow f WHERE f.account_id = %(account)s OR f.target_id = %(account)s
  ORDER BY f.id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
RETURNING account_id, target_id
"""
# Who blocked, closed or was suspended meanwhile is followed by nobody again.
_MEND: Final = """
INSERT INTO upscrolled_follow (account_id, target_id, created_at, reposts, notify, languages)
SELECT s.follower_id, s.target_id, s.created_at, s.reposts, s.notify, s.languages
FROM moderation_severedfollow s
JOIN upscrolled_account a ON a.id = s.follower_id AND a.is_active
JOIN upscrolled_account b ON b.id = s.target_id AND b.is_active
WHERE s.decision_id = %(decision)s AND s.id > %(above)s AND s.id <= %(upto)s
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block x
                  WHERE (x.account_id = s.follower_id AND x.target_id = s.target_id)
                     OR (x.account_id = s.target_id AND x.target_id = s.follower_id))
  AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'account'
                  AND r.subject_id IN (s.follower_id, s.target_id) AND r.kind = 'account_suspended'
                  AND r.starts_at <= %(now)s AND (r.ends_at IS NULL OR r.ends_at > %(now)s))
ON CONFLICT (account_id, target_id) DO NOTHING
RETURNING account_id, target_id
"""
_UPTO: Final = """
SELECT max(id) FROM (SELECT id FROM moderation_severedfollow
                     WHERE decision_id = %(decision)s AND id > %(above)s ORDER BY id LIMIT %(batch)s) AS next
"""


@dataclass(frozen=True, slots=True)
class Suspend(Action):
    """The one action that does more than its row."""

    def settle(self, decision: Decision, *, now: datetime) -> None:
        """Sever the account's follows, some at a time; nothing for a suspension that ends by itself."""
        if decision.ends_at is not None:
            return
        facts = {"account": decision.subject_id, "batch": BATCH}
        met = {decision.subject_id}
        while pairs := self._step(_SEVER, facts, -1):
            met.update(*pairs)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT moderation_tally_severed(%(accounts)s::bigint[])", {"accounts": sorted(met)}
            )

    def undo(self, decision: Decision, *, now: datetime) -> None:
        """Restore the follows that were severed, but where somebody blocked, closed or was suspended meanwhile."""
        facts: dict[str, Any] = {"decision": decision.pk, "above": 0, "batch": BATCH, "now": now}
        while (upto := _number(_UPTO, facts)) is not None:
            self._step(_MEND, {**facts, "upto": upto}, 1)
            facts["above"] = upto

    @transaction.atomic
    def _step(self, statement: str, facts: dict[str, Any], step: int) -> list[tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, facts)
            pairs: list[tuple[int, int]] = cursor.fetchall()
        steps: dict[int, Step] = {}
        for follower, target in pairs:
            for account, change in (
                (follower, Step(following=step, versions=1)),
                (target, Step(followers=step)),
            ):
                steps[account] = Step(*map(sum, zip(steps.get(account, Step()), change, strict=True)))
        if steps:
            count(steps)
        return pairs


ACTION = Suspend(
    "account_suspended",
    subjects=ACCOUNTS,
    mastodon="suspend",
    dsa="DECISION_ACCOUNT_SUSPENDED",
    settles=True,
)


def _number(statement: str, facts: dict[str, Any]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        row = cursor.fetchone()
    found: int | None = row[0] if row is not None else None
    return found
