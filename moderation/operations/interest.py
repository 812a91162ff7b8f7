"""Who may not look at a case, because they have to do with whom it is about."""

from __future__ import annotations

from typing import Final

from django.db import connection

from upscrolled.core.errors import NotAllowed
from upscrolled.models import Account


class ConflictOfInterest(NotAllowed):
    """The moderator is, follows, blocks or was reported by whose case it is, or reported it."""

    safe = "This case is not for you: it is about somebody you have to do with"


_WITH: Final = """(
  {whose} = %(by)s
  OR EXISTS (SELECT 1 FROM upscrolled_follow f WHERE f.account_id = %(by)s AND f.target_id = {whose})
  OR EXISTS (SELECT 1 FROM moderation_severedfollow s WHERE s.follower_id = %(by)s AND s.target_id = {whose}
             AND NOT EXISTS (SELECT 1 FROM moderation_endedeffect e WHERE e.decision_id = s.decision_id))
  OR EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = %(by)s AND b.target_id = {whose})
  OR EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = {whose} AND b.target_id = %(by)s)
  OR EXISTS (SELECT 1 FROM moderation_report r WHERE r.reporter_id = {whose} AND r.target_id = %(by)s))"""
# Of a case `c`: whose it or a copy in it is, who follows them (or did until a suspension ended it) or is blocked either
# way, who was reported by them, who reported it.
INTERESTED: Final = f"""(
  coalesce({_WITH.format(whose="c.account_id")}, false)
  OR EXISTS (SELECT 1 FROM moderation_casecopy y
             WHERE y.case_id = c.id AND {_WITH.format(whose="y.account_id")})
  OR EXISTS (SELECT 1 FROM moderation_report r WHERE r.reporter_id = %(by)s AND c.id = ANY(r.cases)))"""
_IN_CASE: Final = f"SELECT 1 FROM moderation_case c WHERE c.id = %(case)s AND {INTERESTED}"
_WITH_ACCOUNT: Final = f"SELECT 1 WHERE {_WITH.format(whose='%(account)s::bigint')}"


def require_none(by: Account, case_id: int) -> None:
    """Raise ConflictOfInterest if a moderator has to do with whom a case is about."""
    _refuse(_IN_CASE, {"case": case_id, "by": by.id})


def require_none_with(by: Account, account_id: int | None) -> None:
    """Raise ConflictOfInterest if a moderator has to do with that account."""
    if account_id is not None:
        _refuse(_WITH_ACCOUNT, {"account": account_id, "by": by.id})


def _refuse(sql: str, facts: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        if cursor.fetchone() is not None:
            raise ConflictOfInterest
