"""Where an account is signed in: the tokens of its applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import connection

from upscrolled.models import Account

AT_MOST: Final = 200
# The device is that of the newest sign-in before the token was made: the one it was made on.
_SQL = """
SELECT t.id, t.scope, t.created, (t.updated AT TIME ZONE 'UTC')::date, a.name, coalesce(a.website, ''),
       coalesce(s.user_agent, '')
FROM oauth2_provider_accesstoken t
LEFT JOIN upscrolled_application a ON a.id = t.application_id
LEFT JOIN LATERAL (
  SELECT r.user_agent FROM upscrolled_signinrecord r
  WHERE r.account_id = t.user_id AND r.created_at <= t.created ORDER BY r.id DESC LIMIT 1) s ON TRUE
WHERE t.user_id = %(account)s AND t.expires > now()
ORDER BY t.id DESC LIMIT %(at_most)s
"""


@dataclass(frozen=True, slots=True)
class TokenInUse:
    """A token of an account, without the token; `used_on` is the last day (UTC) it was used on."""

    id: int
    scopes: str
    created_at: datetime
    used_on: date
    application: str | None
    website: str
    user_agent: str


def tokens_of(account: Account) -> list[TokenInUse]:
    """Return an account's tokens, newest first, AT_MOST of them."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"account": account.pk, "at_most": AT_MOST})
        return [TokenInUse(*row) for row in cursor.fetchall()]
