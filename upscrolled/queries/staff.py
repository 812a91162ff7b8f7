"""What somebody of the staff may do, asked of the rows that gave it to them; `Account.role` is for showing alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from upscrolled import roles
from upscrolled.models import Account
from upscrolled.queries.rows import rows


@dataclass(frozen=True, slots=True)
class Standing:
    """The roles that somebody has at a moment, and whether their account is suspended."""

    roles: Sequence[str] = ()
    is_suspended: bool = False

    @property
    def is_staff(self) -> bool:
        """Say whether they have any role."""
        return bool(self.roles)

    def may(self, permission: str) -> bool:
        """Say whether they may do this, in some case at least."""
        return roles.may(self.roles, permission)

    @property
    def permissions(self) -> frozenset[str]:
        """Return all that they may do."""
        return frozenset[str]().union(*(roles.ROLES[role] for role in self.roles))


_STANDING: Final = """
SELECT ARRAY(SELECT r.role::text FROM upscrolled_staff_roles(%(account)s, %(now)s) r), EXISTS (
  SELECT 1 FROM upscrolled_restriction t WHERE t.subject_kind = 'account' AND t.subject_id = %(account)s
    AND t.kind = 'account_suspended' AND t.starts_at <= now() AND (t.ends_at IS NULL OR t.ends_at > now()))
"""
_MAY: Final = "SELECT upscrolled_may(%(account)s, %(permission)s, %(now)s)"
_WHO: Final = """
SELECT DISTINCT r.account_id FROM upscrolled_staffrole r
WHERE r.role = ANY(%(roles)s::text[]) AND upscrolled_may(r.account_id, %(permission)s, %(now)s)
"""


def standing(account_id: int, *, now: datetime) -> Standing:
    """Return how somebody stands; one statement."""
    ((held, is_suspended),) = rows(_STANDING, {"account": account_id, "now": now})
    return Standing(tuple(held), is_suspended)


def may(account: Account, permission: str, *, now: datetime) -> bool:
    """Say whether somebody may do this, in some case at least; one statement."""
    facts = {"account": account.pk, "permission": permission, "now": now}
    ((answer,),) = rows(_MAY, facts)
    return bool(answer)


def who_may(permission: str, *, now: datetime) -> list[int]:
    """Return the accounts that may do this; one statement."""
    facts = {"roles": roles.who_may(permission), "permission": permission, "now": now}
    return [row[0] for row in rows(_WHO, facts)]
