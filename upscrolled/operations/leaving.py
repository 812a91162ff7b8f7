"""Leave for good: the account closes at once, may come back for a while, and is erased by the clock.

What the ground holds is erased here; what was published the feed deletes by comparing (`feed/operations/leaving.py`).
Statements of reasons, the public log and messages that others received stay. So does the row, without a person in
it: nobody takes the name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from upscrolled import acting, keeping, limits
from upscrolled.core.errors import Conflict, Invalid, TooMany
from upscrolled.models import (
    Account,
    AccountNote,
    AnnouncementRead,
    Block,
    Departure,
    DismissedSuggestion,
    Endorsement,
    Follow,
    FollowRequest,
    Import,
    LegalHold,
    MailDigest,
    Marker,
    Mute,
    Notification,
    NotificationChoice,
    NotificationSender,
    PushSubscription,
    SignInRecord,
    TermsAcceptance,
)
from upscrolled.operations import exports, signins
from upscrolled.operations.accounts import PASSWORD_MAX, close_account
from upscrolled.operations.owed_mail import owe_mail
from upscrolled.operations.relationships import unfollow
from upscrolled.pictures import ledger

ACCOUNTS_AT_ONCE, EDGES_AT_ONCE = 100, 1_000
# Whoever holds a stolen session or token must not guess the password here.
TRIES: Final = limits.Limit("leaving", 10, 3_600)
_SALT: Final = "upscrolled.leaving"
# No address that anybody has: the domain cannot exist (RFC 2606).
_NOBODY: Final = "{}@erased.invalid"
_PAIRS: Final = (AccountNote, Block, DismissedSuggestion, Endorsement, Mute)
_OWN: Final = (
    AnnouncementRead,
    Import,
    MailDigest,
    Marker,
    NotificationChoice,
    PushSubscription,
    SignInRecord,
    TermsAcceptance,
)


class WrongPassword(Invalid):
    """The password that proves the wish is not that of the account."""

    safe = "Validation failed: Password does not match"


def leave(*, account: Account, password: str, now: datetime) -> Departure:
    """Close an account at its owner's wish, who proves it by the password, and note when it will be erased.

    Every session and token ends; a mail says how to come back until then. Raises WrongPassword, and TooMany after
    too many wrong ones.
    """
    tried = limits.spend([(TRIES, str(account.pk))]).allowance
    if tried is not None and tried.exceeded:
        raise TooMany(
            f"Too many attempts; at most {TRIES.allowance}. Try again in {tried.seconds_left} seconds."
        )
    if len(password) > PASSWORD_MAX or not account.check_password(password):
        raise WrongPassword
    return _close(account, now)


@transaction.atomic
def _close(account: Account, now: datetime) -> Departure:
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    acting.as_owner(account.pk)
    departure, made = Departure.objects.get_or_create(
        account=account,
        defaults={"left_at": now, "erase_at": now + timedelta(days=settings.ACCOUNT_ERASED_DAYS)},
    )
    close_account(account=account)
    signins.end_quietly(account=account)
    if made:
        owe_mail(
            to=account.email,
            language=account.locale,
            template="account/email/left",
            facts={
                "username": account.username,
                "erased_on": f"{departure.erase_at:%Y-%m-%d}",
                "link": _link(account),
            },
            now=now,
        )
    return departure


@transaction.atomic
def come_back(*, account: Account, now: datetime) -> None:
    """Open an account again that its owner left; they sign in as before, second step included.

    Raises Conflict if it was not left, or if its time is over.
    """
    departure = Departure.objects.select_for_update().filter(account=account).first()
    if departure is None:
        raise Conflict(f"@{account.username} was not left by its owner.")
    if departure.erased_at is not None or departure.erase_at <= now:
        raise Conflict(f"The time to come back ended on {departure.erase_at:%Y-%m-%d}.")
    acting.as_owner(account.pk)
    departure.delete()
    Account.objects.filter(pk=account.pk).update(is_active=True)
    account.is_active = True


def account_of_link(key: str, *, now: datetime) -> Account | None:
    """Return the account that may come back by this link, or None if it is no link of ours or the time is over."""
    try:
        account_id, left_at = signing.loads(key, salt=_SALT)
    except signing.BadSignature:
        return None
    waiting = Departure.objects.select_related("account").filter(erased_at=None, erase_at__gt=now)
    departure = waiting.filter(account_id=account_id).first()
    if departure is None or departure.left_at.isoformat() != left_at:
        return None
    return departure.account


def erase_due(*, now: datetime) -> int:
    """Erase the accounts whose time has come; return how many are done. Asked again, it goes on where it ended.

    Who waits for the decision of an appeal, and whose media somebody has to keep by law, is erased after that.
    """
    by_law = Exists(LegalHold.objects.filter(attachment__owner=OuterRef("account"), released_at=None))
    due = Departure.objects.filter(~by_law, erased_at=None, erase_at__lte=now).order_by("account")
    erased, last = 0, 0
    while found := list(due.filter(account__gt=last).values_list("account", flat=True)[:ACCOUNTS_AT_ONCE]):
        kept = keeping.held(found)
        erased += sum(_erase(account_id, now) for account_id in found if account_id not in kept)
        last = found[-1]
    return erased


def _erase(account_id: int, now: datetime) -> bool:
    """Erase one account; False if it follows, or is followed by, more people than are let go at once."""
    if not _let_go_of_people(account_id):
        return False
    with transaction.atomic():
        departure = Departure.objects.select_for_update().filter(account=account_id, erased_at=None).first()
        if departure is None:
            return False
        account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
        signins.end_quietly(account=account)
        acting.as_owner(account_id)  # it was their wish
        _forget_what_they_kept(account_id)
        exports.forget(account, now=now)
        _make_a_tombstone(account, now)
        departure.erased_at = now
        departure.save(update_fields=["erased_at"])
    return True


def _let_go_of_people(account_id: int) -> bool:
    """End follows and requests in both directions, with their counts; say whether none is left."""
    left = EDGES_AT_ONCE
    for kind in (Follow, FollowRequest):
        edges = kind.objects.filter(Q(account=account_id) | Q(target=account_id))
        for follower, target in list(edges.values_list("account_id", "target_id")[:left]):
            unfollow(Account(id=target), by=Account(id=follower))
            left -= 1
    return left > 0


def _forget_what_they_kept(account_id: int) -> None:
    for kind in _PAIRS:
        kind.objects.filter(Q(account=account_id) | Q(target=account_id)).delete()
    for own in _OWN:
        own.objects.filter(account=account_id).delete()
    for told in (
        Notification.objects.filter(recipient=account_id),
        Notification.objects.filter(actor=account_id),
    ):
        told.delete()
    NotificationSender.objects.filter(Q(recipient=account_id) | Q(sender=account_id)).delete()
    Authenticator.objects.filter(user=account_id).delete()
    EmailAddress.objects.filter(user=account_id).delete()


def _make_a_tombstone(account: Account, now: datetime) -> None:
    for picture in (account.avatar, account.header):
        if picture:
            ledger.give_up(picture, now=now)
    # `confirmed_at` stays: a sign-up that nobody confirmed would be deleted, and the name be free.
    empty = Account(id=account.id, username=account.username, confirmed_at=account.confirmed_at)
    empty.email, empty.is_active = _NOBODY.format(account.id), False
    empty.discoverable = empty.indexable = False
    empty.set_unusable_password()
    empty.groups.clear()
    empty.user_permissions.clear()
    empty.save(force_update=True)


def _link(account: Account) -> str:
    left_at = Departure.objects.values_list("left_at", flat=True).get(account=account)
    key = signing.dumps([account.pk, left_at.isoformat()], salt=_SALT)
    return settings.PUBLIC_URL + reverse("come_back", args=[key])
