"""Who stands behind a token: one statement, run once for every request of the API."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import connection

from upscrolled import activity
from upscrolled.database import reading
from upscrolled.models import Account, Application

# In the order of the model's columns, as `from_db` takes them. What is not here (profile text, password) is
# fetched by Django when somebody asks for it, which a request of the API never needs to.
_OFTEN = {
    "id",
    "username",
    "email",
    "display_name",
    "locale",
    "locked",
    "bot",
    "discoverable",
    "indexable",
    "hide_collections",
    "default_audience",
    "default_sensitive",
    "default_language",
    "default_quoting",
    "role",
    "is_active",
    "is_staff",
    "is_superuser",
    "confirmed_at",
    "awaits_approval",
}
_COLUMNS = [field.attname for field in Account._meta.concrete_fields if field.attname in _OFTEN]

SQL = f"""
SELECT t.id, t.scope, t.application_id, coalesce(c.graph_version, 0),
       ARRAY(SELECT r.kind FROM upscrolled_restriction r
             WHERE r.subject_kind = 'account' AND r.subject_id = t.user_id
               AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())),
       {activity.HERE_TODAY}, {activity.USED_TODAY}, {", ".join(f"a.{name}" for name in _COLUMNS)}
FROM oauth2_provider_accesstoken t
LEFT JOIN upscrolled_account a ON a.id = t.user_id
LEFT JOIN upscrolled_accountcounters c ON c.account_id = t.user_id
WHERE t.token_checksum = %(digest)s AND t.expires > now()
"""
_SUSPENDED = """
SELECT 1 FROM upscrolled_restriction WHERE subject_kind = 'account' AND subject_id = %(account)s
  AND kind = 'account_suspended' AND starts_at <= now() AND (ends_at IS NULL OR ends_at > now()) LIMIT 1
"""
_FACTS = 7
_ID = _FACTS + _COLUMNS.index("id")


@dataclass(frozen=True, slots=True)
class Principal:
    """A good token: what it may do, and for whom; `account` is None for an application on its own behalf."""

    token_id: int
    scopes: str
    application_id: int | None
    account: Account | None = None
    graph_version: int = 0
    restrictions: frozenset[str] = frozenset()
    here_today: bool = True
    used_today: bool = True


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def principal(token_digest: str) -> Principal | None:
    """Return who stands behind the token, or None if it is unknown, expired or revoked.

    The first request of a day notes that its account is here, and that the token is in use (`activity`).
    """
    found = _find(token_digest)
    who = None if found is None else found.account.id if found.account else 0
    if reading.settle(who):
        found = _find(token_digest)
    if found is not None and found.account is not None and not found.here_today:
        activity.note(found.account.id)
    if found is not None and not found.used_today:
        activity.note_use(found.token_id)
    return found


def _find(token_digest: str) -> Principal | None:
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"digest": token_digest})
        row = cursor.fetchone()
    if row is None:
        return None
    account = None
    if row[_ID] is not None:
        account = Account.from_db("default", _COLUMNS, row[_FACTS:])
    return Principal(row[0], row[1], row[2], account, row[3], frozenset(row[4]), bool(row[5]), bool(row[6]))


def why_unconfirmed(account: Account) -> str:
    """Say what an account still waits for: its owner, who confirms the address, or a moderator."""
    if account.awaits_approval and EmailAddress.objects.filter(user=account, verified=True).exists():
        return "Your login is currently pending approval"
    return "Your login is missing a confirmed e-mail address"


def is_suspended(account: Account) -> bool:
    """Say whether an account is suspended at present; its owner may sign in and read why."""
    with connection.cursor() as cursor:
        cursor.execute(_SUSPENDED, {"account": account.pk})
        return cursor.fetchone() is not None


def application(application_id: int | None) -> Application | None:
    """Return the application a token was issued to."""
    return Application.objects.filter(pk=application_id).first() if application_id else None
