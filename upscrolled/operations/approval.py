"""Sign-ups that somebody has to let in: who waits, let them in, turn them away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from upscrolled.core import ids
from upscrolled.core.errors import NotAllowed
from upscrolled.models import Account, Notification
from upscrolled.operations.owed_mail import owe_mail

BECAUSE_MAX = 1_000
# It is their work: no block and no mute stands between.
_TELL_STAFF = """
INSERT INTO upscrolled_notification (recipient_id, actor_id, kind, subject_id, created_at)
SELECT a.id, %(actor)s::bigint, %(kind)s::text, NULL, %(now)s::timestamptz
FROM upscrolled_account a
WHERE a.is_staff AND a.is_active AND a.id <> %(actor)s
ORDER BY a.id
ON CONFLICT (recipient_id, actor_id, kind, subject_id) DO NOTHING
"""


def tell_staff(*, account: Account, now: datetime) -> None:
    """Tell everybody of the staff that somebody waits, once and in one statement."""
    row: dict[str, Any] = {"actor": account.pk, "kind": str(Notification.Kind.SIGN_UP), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_TELL_STAFF, row)


def waiting(*, limit: int) -> list[Account]:
    """Return who waits with a confirmed address, the longest first."""
    return list(_waiting().order_by("id")[:limit])


@transaction.atomic
def approve(*, account: Account, now: datetime) -> None:
    """Let somebody in, and mail it. Who has not confirmed the address is whole once that is done.

    Raises NotAllowed if the account does not wait.
    """
    waits = Account.objects.select_for_update().filter(pk=account.pk, awaits_approval=True)
    if not waits.exists():
        raise NotAllowed(f"@{account.username} does not wait for approval.")
    confirmed = EmailAddress.objects.filter(user=account, verified=True).exists()
    account.awaits_approval, account.confirmed_at = False, now if confirmed else None
    account.save(update_fields=["awaits_approval", "confirmed_at"])
    if confirmed:
        _tell(account, "account/email/approved", {"username": account.username}, now)


def approve_all(*, older_than: datetime, now: datetime) -> int:
    """Let in everybody who signed up before a moment and confirmed the address; return how many."""
    waits = _waiting().filter(pk__lt=ids.first_at(older_than)).order_by("id")
    names = list(waits.values_list("pk", flat=True))
    for pk in names:
        approve(account=Account.objects.get(pk=pk), now=now)
    return len(names)


@transaction.atomic
def reject(*, account: Account, because: str, now: datetime) -> None:
    """Turn somebody away, with the reason by mail if the address is confirmed; the account and its name are gone.

    Raises NotAllowed if the account does not wait, or no reason is given.
    """
    because = because.strip()
    if not because or len(because) > BECAUSE_MAX:
        raise NotAllowed(f"The reason has {len(because)} characters; it must have 1 to {BECAUSE_MAX}.")
    if not Account.objects.select_for_update().filter(pk=account.pk, awaits_approval=True).exists():
        raise NotAllowed(f"@{account.username} does not wait for approval.")
    if EmailAddress.objects.filter(user=account, verified=True).exists():  # else it may be anybody's mailbox
        _tell(account, "account/email/rejected", {"username": account.username, "because": because}, now)
    account.delete()


def _waiting() -> QuerySet[Account]:
    confirmed = Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))
    return Account.objects.filter(confirmed, awaits_approval=True)


def _tell(account: Account, template: str, facts: dict[str, str], now: datetime) -> None:
    owe_mail(to=account.email, language=account.locale, template=template, facts=facts, now=now)
