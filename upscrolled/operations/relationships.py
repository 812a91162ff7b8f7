"""Follow, block, mute, and their undoing: what one account wants of another.

Each verb may be said twice and counts once; the rows that a statement really wrote decide what is counted.
Everything between the same two people happens one after the other (`graph.alone`), and counters are locked
in the order of the ids, so that a crowd that follows and blocks at the same moment neither waits crosswise
nor leaves a follow beside a block. Whoever's relations change gets a new `graph_version`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from django.db import connection, transaction

from upscrolled import acting
from upscrolled.core import languages as codes
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.graph import Step, alone, count
from upscrolled.models import Account, Notification
from upscrolled.operations.notify import drop_between, withdraw_from
from upscrolled.operations.notify import notify as tell
from upscrolled.visibility import may_interact

LANGUAGES_MAX = 50
MUTE_MAX = timedelta(days=10 * 365)
_BATCH = 500
_TOLD = (Notification.Kind.FOLLOW, Notification.Kind.FOLLOW_REQUEST)


class Someone(Protocol):
    """Whom a verb is about: an account, or a person as a page loaded them."""

    @property
    def id(self) -> int: ...


@transaction.atomic
def follow(
    target: Someone,
    *,
    by: Account,
    reposts: bool | None = None,
    notify: bool | None = None,
    languages: Sequence[str] | msgspec.UnsetType | None = msgspec.UNSET,
    now: datetime,
) -> None:
    """Follow somebody, or ask to if the account is private; following again changes the options given.

    `languages` keeps posts in other languages out of home; None or nothing means all. Raises NotAllowed (it
    is oneself, either blocks the other, one's own account is restricted), NotFound (the account is closed or
    suspended), Invalid (a language).
    """
    _require_another(target, by)
    chosen = msgspec.UNSET if languages is msgspec.UNSET else _languages(languages)
    alone(by.id, target.id)
    if reason := may_interact(by, target.id):
        raise NotAllowed(None if reason == "blocked either way" else f"This action is not allowed: {reason}")
    if (reposts, notify, chosen) != (None, None, msgspec.UNSET):
        acting.as_owner(by.id)  # a follow that stands may show less
    options = {"reposts": reposts, "notify": notify, "choose": chosen is not msgspec.UNSET}
    row = {**options, "languages": chosen or None, "by": by.id, "target": target.id, "now": now}
    (outcome,) = _one(_FOLLOW, row)
    if outcome is None:
        raise NotFound
    if outcome == "made":
        tell(target.id, Notification.Kind.FOLLOW, actor_id=by.id, now=now)
        count({by.id: Step(following=1, versions=1), target.id: Step(followers=1)})
    elif outcome == "asked":
        tell(target.id, Notification.Kind.FOLLOW_REQUEST, actor_id=by.id, now=now)
    elif outcome == "changed" and (reposts, notify, chosen) != (None, None, msgspec.UNSET):
        count({by.id: Step(versions=1)})


@transaction.atomic
def unfollow(target: Someone, *, by: Account) -> None:
    """Stop following somebody, or take the request back."""
    _end_follow(by.id, target.id, by=by)


@transaction.atomic
def remove_follower(follower: Someone, *, by: Account) -> None:
    """Make somebody stop following `by`; they are not told."""
    _end_follow(follower.id, by.id, by=by)


@transaction.atomic
def authorize_request(requester: Someone, *, by: Account, now: datetime) -> None:
    """Let somebody follow who asked to. Raises NotFound if they neither asked nor follow."""
    alone(by.id, requester.id)
    if _accept([requester.id], by=by, now=now):
        tell(by.id, Notification.Kind.FOLLOW, actor_id=requester.id, now=now)
    elif not _one(_FOLLOWS, {"by": requester.id, "target": by.id})[0]:
        raise NotFound


def authorize_all(*, by: Account, now: datetime) -> int:
    """Let everybody follow who asked to: the account is no longer private. Return how many they were."""
    accepted = 0
    while True:
        with transaction.atomic():
            waiting = _all(_WAITING, {"by": by.id, "batch": _BATCH})
            alone(by.id, *waiting)
            accepted += len(_accept(waiting, by=by, now=now))
        if len(waiting) < _BATCH:
            return accepted


@transaction.atomic
def reject_request(requester: Someone, *, by: Account) -> None:
    """Drop somebody's wish to follow; they are not told. Raises NotFound if they did not ask."""
    alone(by.id, requester.id)
    acting.as_owner(by.id)
    if not _all(_REJECT, {"requester": requester.id, "by": by.id}):
        raise NotFound
    withdraw_from(by.id, Notification.Kind.FOLLOW_REQUEST, actor_ids=[requester.id])


@transaction.atomic
def block(target: Someone, *, by: Account, now: datetime) -> None:
    """Part two people: neither sees the other, follows and requests between them end. Raises NotAllowed."""
    _require_another(target, by)
    alone(by.id, target.id)
    acting.as_owner(by.id)
    made, ended = _one(_BLOCK, {"by": by.id, "target": target.id, "now": now})
    if not made:
        return
    drop_between(by.id, target.id)
    follows, followed = int(by.id in ended), int(target.id in ended)
    count(
        {
            by.id: Step(following=-follows, followers=-followed, versions=1),
            target.id: Step(following=-followed, followers=-follows, versions=1),
        }
    )


@transaction.atomic
def unblock(target: Someone, *, by: Account) -> None:
    """Take a block back. What it ended stays ended."""
    alone(by.id, target.id)
    acting.as_owner(by.id)
    if _all(_UNBLOCK, {"by": by.id, "target": target.id}):
        count({by.id: Step(versions=1), target.id: Step(versions=1)})


@transaction.atomic
def mute(
    target: Someone,
    *,
    by: Account,
    notifications: bool = True,
    duration: timedelta | None = None,
    now: datetime,
) -> None:
    """Keep somebody out of one's lists (and notifications), for a while or for good; they are not told.

    Muting again changes both options. Raises NotAllowed for oneself, Invalid for a duration below zero or
    above ten years.
    """
    _require_another(target, by)
    if duration is not None and not timedelta(0) <= duration <= MUTE_MAX:
        raise Invalid(f"Validation failed: Duration must lie between 0 and {MUTE_MAX.days} days")
    acting.as_owner(by.id)
    row = {"by": by.id, "target": target.id, "now": now, "notifications": notifications}
    if _all(_MUTE, {**row, "expires": now + duration if duration else None}):
        count({by.id: Step(versions=1)})


@transaction.atomic
def unmute(target: Someone, *, by: Account) -> None:
    """Take a mute back."""
    acting.as_owner(by.id)
    if _all(_UNMUTE, {"by": by.id, "target": target.id}):
        count({by.id: Step(versions=1)})


# --- how -------------------------------------------------------------------------------------------


def _require_another(target: Someone, by: Account) -> None:
    if target.id == by.id:
        raise NotAllowed("This action is not allowed on your own account")


def _languages(chosen: Sequence[str] | None) -> list[str]:
    if len(chosen or ()) > LANGUAGES_MAX:
        raise Invalid(f"Validation failed: {len(chosen or ())} languages; at most {LANGUAGES_MAX}")
    parsed = {}
    for code in chosen or ():
        parsed[code] = codes.parse(code)
        if parsed[code] is None:
            raise Invalid(f"Validation failed: Language must be an ISO 639 code, not {code[:40]!r}")
    return sorted({code for code in parsed.values() if code})


_OPTIONS = """
  SET reposts = coalesce(%(reposts)s::boolean, r.reposts), notify = coalesce(%(notify)s::boolean, r.notify),
      languages = CASE WHEN %(choose)s THEN %(languages)s::varchar[] ELSE r.languages END
  WHERE r.account_id = %(by)s AND r.target_id = %(target)s RETURNING 1
"""
_NEW = """
  (account_id, target_id, created_at, reposts, notify, languages)
  SELECT %(by)s, t.id, %(now)s, coalesce(%(reposts)s::boolean, true), coalesce(%(notify)s::boolean, false),
         %(languages)s::varchar[]
  FROM target t
  WHERE NOT EXISTS (SELECT 1 FROM changed) AND NOT EXISTS (SELECT 1 FROM asked_before)
"""
_FOLLOW = f"""
WITH target AS (
  SELECT a.id, a.locked FROM upscrolled_account a
  WHERE a.id = %(target)s AND a.is_active
    AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r
                    WHERE r.subject_kind = 'account' AND r.subject_id = a.id AND r.kind = 'account_suspended'
                      AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))
), changed AS (UPDATE upscrolled_follow r {_OPTIONS}
), asked_before AS (UPDATE upscrolled_followrequest r {_OPTIONS}
), made AS (INSERT INTO upscrolled_follow {_NEW} AND NOT t.locked
            ON CONFLICT (account_id, target_id) DO NOTHING RETURNING 1
), asked AS (INSERT INTO upscrolled_followrequest {_NEW} AND t.locked
             ON CONFLICT (account_id, target_id) DO NOTHING RETURNING 1)
SELECT CASE WHEN EXISTS (SELECT 1 FROM changed) THEN 'changed'
            WHEN EXISTS (SELECT 1 FROM asked_before) THEN 'asked before'
            WHEN EXISTS (SELECT 1 FROM made) THEN 'made'
            WHEN EXISTS (SELECT 1 FROM asked) THEN 'asked' END
"""
_FOLLOWS = """
SELECT EXISTS (SELECT 1 FROM upscrolled_follow WHERE account_id = %(by)s AND target_id = %(target)s)
"""
_UNFOLLOW = """
WITH ended AS (DELETE FROM upscrolled_follow WHERE account_id = %(by)s AND target_id = %(target)s RETURNING 1
), withdrawn AS (
  DELETE FROM upscrolled_followrequest WHERE account_id = %(by)s AND target_id = %(target)s RETURNING 1
), unendorsed AS (DELETE FROM upscrolled_endorsement WHERE account_id = %(by)s AND target_id = %(target)s)
SELECT EXISTS (SELECT 1 FROM ended), EXISTS (SELECT 1 FROM withdrawn)
"""


def _end_follow(follower_id: int, target_id: int, *, by: Account) -> None:
    alone(follower_id, target_id)
    acting.as_owner(by.id)
    ended, withdrawn = _one(_UNFOLLOW, {"by": follower_id, "target": target_id})
    if ended or withdrawn:
        withdraw_from(target_id, *_TOLD, actor_ids=[follower_id])
    if ended:
        count({follower_id: Step(following=-1, versions=1), target_id: Step(followers=-1)})


_WAITING = """
SELECT account_id FROM upscrolled_followrequest WHERE target_id = %(by)s ORDER BY id LIMIT %(batch)s
"""
_ACCEPT = """
WITH asked AS (
  DELETE FROM upscrolled_followrequest WHERE target_id = %(by)s AND account_id = ANY(%(requesters)s::bigint[])
  RETURNING account_id, reposts, notify, languages)
INSERT INTO upscrolled_follow (account_id, target_id, created_at, reposts, notify, languages)
SELECT account_id, %(by)s, %(now)s, reposts, notify, languages FROM asked
ON CONFLICT (account_id, target_id) DO NOTHING RETURNING account_id
"""
_REJECT = """
DELETE FROM upscrolled_followrequest WHERE account_id = %(requester)s AND target_id = %(by)s RETURNING 1
"""


def _accept(requester_ids: list[int], *, by: Account, now: datetime) -> list[int]:
    """Turn requests into follows and return who follows now; the caller holds the locks."""
    acting.as_owner(by.id)
    accepted = _all(_ACCEPT, {"by": by.id, "requesters": requester_ids, "now": now})
    if accepted:
        withdraw_from(by.id, Notification.Kind.FOLLOW_REQUEST, actor_ids=accepted)
        steps = {requester: Step(following=1, versions=1) for requester in accepted}
        count({**steps, by.id: Step(followers=len(accepted))})
    return accepted


_BETWEEN = """
  WHERE (account_id = %(by)s AND target_id = %(target)s) OR (account_id = %(target)s AND target_id = %(by)s)
"""
_BLOCK = f"""
WITH made AS (
  INSERT INTO upscrolled_block (account_id, target_id, created_at) VALUES (%(by)s, %(target)s, %(now)s)
  ON CONFLICT (account_id, target_id) DO NOTHING RETURNING 1
), ended AS (DELETE FROM upscrolled_follow {_BETWEEN} RETURNING account_id
), withdrawn AS (DELETE FROM upscrolled_followrequest {_BETWEEN}
), unendorsed AS (DELETE FROM upscrolled_endorsement {_BETWEEN})
SELECT EXISTS (SELECT 1 FROM made), ARRAY(SELECT account_id FROM ended)
"""
_UNBLOCK = "DELETE FROM upscrolled_block WHERE account_id = %(by)s AND target_id = %(target)s RETURNING 1"
_MUTE = """
INSERT INTO upscrolled_mute AS m (account_id, target_id, created_at, notifications, expires_at)
VALUES (%(by)s, %(target)s, %(now)s, %(notifications)s, %(expires)s::timestamptz)
ON CONFLICT (account_id, target_id) DO UPDATE
SET notifications = excluded.notifications, expires_at = excluded.expires_at
WHERE (m.notifications, m.expires_at) IS DISTINCT FROM (excluded.notifications, excluded.expires_at)
RETURNING 1
"""
_UNMUTE = "DELETE FROM upscrolled_mute WHERE account_id = %(by)s AND target_id = %(target)s RETURNING 1"


def _one(statement: str, row: dict[str, Any]) -> tuple[Any, ...]:
    """Run a statement that answers one row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def _all(statement: str, row: dict[str, Any]) -> list[int]:
    """Run a statement and return the first column."""
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        return [found[0] for found in cursor.fetchall()]
