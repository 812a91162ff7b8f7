"""Accounts: sign up, confirm the address, close."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any, TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import translation

from upscrolled import tasks
from upscrolled.core import ids
from upscrolled.core.errors import Invalid, NotAllowed
from upscrolled.models import Account, AccountCounters
from upscrolled.models.account import (
    DISPLAY_NAME_MAX,
    FIELD_NAME_MAX,
    FIELD_VALUE_MAX,
    FIELDS_MAX,
    NOTE_MAX,
    USERNAME_MAX,
    Audience,
    username_form,
)
from upscrolled.operations import access

EMAIL_MAX, PASSWORD_MAX = 254, 1_024
ROLES = ("", "moderator", "admin")
# Names that would let somebody speak for the house.
_RESERVED = """
abuse admin administrator help hostmaster info mod moderation moderator moderators noreply official owner
postmaster privacy root security staff support sysadmin system team upscrolled webmaster
"""
RESERVED = frozenset(_RESERVED.split())
Problem = tuple[str, str, str]


class RegistrationsClosed(NotAllowed):
    """Nobody may sign up here at present."""

    safe = "This site takes no new registrations at present"


class SignUpRefused(Invalid):
    """A field of the form cannot stand; `problems` are (field, Mastodon's code, sentence)."""

    def __init__(self, problems: list[Problem]) -> None:
        details: dict[str, list[dict[str, str]]] = {}
        for field, code, sentence in problems:
            details.setdefault(field, []).append({"error": code, "description": sentence})
        said = ", ".join(
            f"{field.replace('_', ' ').capitalize()} {sentence}" for field, _, sentence in problems
        )
        super().__init__(f"Validation failed: {said}", details=details)
        self.problems = problems


class ProfileChanges(TypedDict, total=False):
    """What an owner may change about the account; a key that is absent stays as it is."""

    display_name: str
    note: str
    fields: list[dict[str, str]]
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    hide_collections: bool
    default_audience: str
    default_sensitive: bool
    default_language: str
    locale: str


def sign_up(*, username: str, email: str, password: str, agreed: bool, locale: str, now: datetime) -> Account:
    """Make an account whose address is still to be confirmed, and send the link.

    Raises SignUpRefused with everything that is wrong at once, RegistrationsClosed.
    """
    if settings.REGISTRATIONS != "open":
        raise RegistrationsClosed
    username, email = username.strip(), email.strip()
    problems = [*_username_problems(username), *_email_problems(email)]
    problems += _password_problems(password, username, email)
    if not agreed:
        problems.append(("agreement", "ERR_ACCEPTED", "must be accepted"))
    if problems:
        raise SignUpRefused(problems)
    account = create_account(
        username=username, email=email, password=password, locale=locale, agreed_at=now, now=now
    )
    request_confirmation(account=account)
    return account


@transaction.atomic
def create_account(
    *,
    username: str,
    email: str,
    now: datetime,
    password: str | None = None,
    password_hash: str | None = None,
    confirmed: bool = False,
    role: str = "",
    agreed_at: datetime | None = None,
    **profile: Unpack[ProfileChanges],
) -> Account:
    """Make an account with its counters and its address, and send nothing: for sign-up, shell and demo.

    `password_hash` spares the slow hash where many accounts share a password. Reserved names are allowed
    here. Raises SignUpRefused for a name or an address that is taken or malformed, Invalid for the rest.
    """
    problems = [p for p in _username_problems(username) if p[1] != "ERR_RESERVED"] + _email_problems(email)
    if problems:
        raise SignUpRefused(problems)
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}; the roles are moderator and admin.")
    account = Account(
        id=ids.at(now),
        username=username,
        email=email,
        password=password_hash or make_password(password),
        role=role,
        is_staff=role != "",
        confirmed_at=now if confirmed else None,
        agreed_at=agreed_at,
    )
    _apply(account, profile)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(error) from error
    AccountCounters.objects.create(account=account)
    EmailAddress.objects.create(user=account, email=email.lower(), primary=True, verified=confirmed)
    return account


def request_confirmation(*, account: Account) -> None:
    """Send the confirmation link (again), once the transaction stands. Nothing if it is confirmed."""
    if account.is_confirmed:
        return
    # A broker that is away must not undo the sign-up: the link can be asked for again.
    transaction.on_commit(lambda: tasks.send_confirmation.delay(account_id=account.id), robust=True)


@transaction.atomic
def confirm_email(*, account: Account, now: datetime) -> bool:
    """Mark the account's address as confirmed; False if it was already."""
    EmailAddress.objects.filter(user=account, email__iexact=account.email).update(verified=True, primary=True)
    confirmed = Account.objects.filter(pk=account.pk, confirmed_at=None).update(confirmed_at=now)
    if confirmed:
        account.confirmed_at = now
    return bool(confirmed)


@transaction.atomic
def change_unconfirmed_email(*, account: Account, email: str) -> None:
    """Correct the address of an account that never confirmed one. Raises SignUpRefused, NotAllowed."""
    if account.is_confirmed:
        raise NotAllowed("This method is only available while the e-mail is awaiting confirmation")
    email = email.strip()
    if email.lower() == account.email.lower():
        return
    if problems := _email_problems(email):
        raise SignUpRefused(problems)
    account.email = email
    try:
        with transaction.atomic():
            account.save(update_fields=["email"])
    except IntegrityError as error:
        raise _taken(error) from error
    # A new row, not a changed one: links name the row, and the old address' link must confirm nothing.
    EmailAddress.objects.filter(user=account).delete()
    EmailAddress.objects.create(user=account, email=email.lower(), primary=True, verified=False)


def change_columns(*, account: Account, **changes: Unpack[ProfileChanges]) -> Account:
    """Store changed columns of a profile; `profiles.edit_profile` is the verb that people use.

    Raises Invalid, naming the limit and the actual value.
    """
    changed = _apply(account, changes)
    if changed:
        account.save(update_fields=changed)
    return account


@transaction.atomic
def close_account(*, account: Account) -> None:
    """Close an account at its owner's wish: nobody signs in with it any more, and every token ends."""
    account.is_active = False
    account.save(update_fields=["is_active"])
    access.revoke_all(account=account)


def language_of(locale: str | None) -> str:
    """Return the language of ours that a locale such as `pt-BR` or `fr_CA` comes nearest to, else English."""
    try:
        return translation.get_supported_language_variant((locale or "").replace("_", "-"))
    except LookupError:
        return settings.LANGUAGE_CODE


def require_date(text: str) -> None:
    """Check a date of birth. It is not stored: nothing here is decided by it. Raises SignUpRefused."""
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        raise SignUpRefused([("date_of_birth", "ERR_INVALID", "is not a date (YYYY-MM-DD)")]) from None


def _username_problems(username: str) -> list[Problem]:
    if not username:
        return [("username", "ERR_BLANK", "can't be blank")]
    if len(username) > USERNAME_MAX:
        return [("username", "ERR_TOO_LONG", f"is too long ({len(username)}; at most {USERNAME_MAX})")]
    try:
        username_form(username)
    except ValidationError:
        return [("username", "ERR_INVALID", "must contain only letters, numbers and underscores")]
    if username.lower() in RESERVED:
        return [("username", "ERR_RESERVED", "is reserved")]
    if Account.objects.named(username) is not None:
        return [("username", "ERR_TAKEN", "has already been taken")]
    return []


def _email_problems(email: str) -> list[Problem]:
    if not email:
        return [("email", "ERR_BLANK", "can't be blank")]
    if len(email) > EMAIL_MAX:
        return [("email", "ERR_TOO_LONG", f"is too long ({len(email)}; at most {EMAIL_MAX})")]
    try:
        validate_email(email)
    except ValidationError:
        return [("email", "ERR_INVALID", "is not a valid e-mail address")]
    if Account.objects.reached_at(email) is not None:
        return [("email", "ERR_TAKEN", "has already been taken")]
    return []


def _password_problems(password: str, username: str, email: str) -> list[Problem]:
    if not password:
        return [("password", "ERR_BLANK", "can't be blank")]
    if len(password) > PASSWORD_MAX:
        return [("password", "ERR_TOO_LONG", f"is too long ({len(password)}; at most {PASSWORD_MAX})")]
    try:
        validate_password(password, Account(username=username, email=email))
    except ValidationError as error:
        codes = {"password_too_short": "ERR_TOO_SHORT"}
        return [
            (
                "password",
                codes.get(str(problem.code), "ERR_INVALID"),
                f"is refused. {' '.join(problem.messages)}",
            )
            for problem in error.error_list
        ]
    return []


def _taken(error: IntegrityError) -> SignUpRefused:
    """Name the field that somebody else took between our look and our write."""
    field = "email" if "one_account_per_address" in str(error) else "username"
    return SignUpRefused([(field, "ERR_TAKEN", "has already been taken")])


def _apply(account: Account, changes: ProfileChanges) -> list[str]:
    """Set what is given, after checking it, and return the names of what was set."""
    texts = (("display_name", DISPLAY_NAME_MAX), ("note", NOTE_MAX))
    for name, limit in texts:
        length = len(str(changes.get(name, "")))
        if length > limit:
            raise Invalid(f"Validation failed: {name} has {length} characters; at most {limit}")
    values: dict[str, Any] = dict(changes)
    if "fields" in values:
        values["fields"] = _checked_fields(values["fields"])
    if values.get("default_audience", "") not in ("", *Audience.values):
        raise Invalid(f"Validation failed: there is no audience {values['default_audience']!r}")
    if "locale" in values:
        values["locale"] = language_of(values["locale"])
    for name, value in values.items():
        setattr(account, name, value)
    return list(values)


def _checked_fields(fields: list[dict[str, str]]) -> list[dict[str, str]]:
    kept = [field for field in fields if field.get("name") or field.get("value")]
    if len(kept) > FIELDS_MAX:
        raise Invalid(f"Validation failed: {len(kept)} profile fields; at most {FIELDS_MAX}")
    for field in kept:
        for part, limit in (("name", FIELD_NAME_MAX), ("value", FIELD_VALUE_MAX)):
            length = len(field.get(part, ""))
            if length > limit:
                raise Invalid(f"Validation failed: a field's {part} has {length} characters; at most {limit}")
    return [{"name": field.get("name", ""), "value": field.get("value", "")} for field in kept]
