"""Roles that the shell gives, and what profiles say of roles. How staff give them: `moderation/operations/staffing`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from upscrolled.core.errors import Invalid
from upscrolled.models import Account, StaffRole
from upscrolled.roles import LANES_OF_LAW, ROLES

# The one place that writes these two columns: they follow from the rows, and decide nothing.
_SETTLE: Final = """
UPDATE upscrolled_account a SET role = n.role, is_staff = n.role <> ''
FROM (SELECT s.id, upscrolled_role_of(s.id, %(now)s) AS role FROM (
        SELECT r.account_id AS id FROM upscrolled_staffrole r
        UNION SELECT b.id FROM upscrolled_account b WHERE b.is_staff) s
      WHERE %(only)s::bigint IS NULL OR s.id = %(only)s::bigint) n
WHERE a.id = n.id AND (a.role, a.is_staff) IS DISTINCT FROM (n.role, n.role <> '')
"""


def settle(*, now: datetime, account: Account | None = None) -> int:
    """Have accounts (or one) say the role that they have; return how many said another. Time alone ends roles, too."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"now": now, "only": account.pk if account else None})
        return int(cursor.rowcount)


def appoint(
    account: Account, role: str, *, because: str, now: datetime, until: datetime | None = None
) -> StaffRole:
    """Give somebody a role from the server's shell, without limits but those of law; the first administrator too.

    PostgreSQL takes this from the owner of the tables alone. Raises Invalid for a role that is none.
    """
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}; the roles are {', '.join(ROLES)}.")
    given = StaffRole.objects.create(
        account=account,
        role=role,
        lanes=list(LANES_OF_LAW) if role == "legal" else [],
        because=because,
        since=now,
        until=until,
    )
    settle(now=now, account=account)
    return given
