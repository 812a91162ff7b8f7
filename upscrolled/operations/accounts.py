"""Accounts: make one, confirm its address, change its columns, close it. Signing up is `registration`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import translation

from upscrolled import acting, mail, screening
from upscrolled.core import ids, text
from upscrolled.core.errors import Invalid, NotAllowed
from upscrolled.models import Account, AccountCounters
from upscrolled.models.account import (
    DISPLAY_NAME_MAX,
    DISPLAY_NAME_STORED,
    FIELD_NAME_MAX,
    FIELD_VALUE_MAX,
    FIELDS_MAX,
    NOTE_MAX,
    NOTE_STORED,
    USERNAME_MAX,
    Audience,
    username_form,
)
from upscrolled.operations import access, email_domains, staffing
from upscrolled.operations.approval import tell_staff
from upscrolled.operations.owed_mail import owe_mail

EMAIL_MAX, PASSWORD_MAX = 254, 1_024
# Names that would let somebody speak for the house.
_RESERVED = """
abuse admin administrator help hostmaster info mod moderation moderator moderators noreply official owner
postmaster privacy root security staff support sysadmin system team upscrolled webmaster
"""
RESERVED = frozenset(_RESERVED.split())
Problem = tuple[str, str, str]
BLOCKED: Problem = ("email", "ERR_BLOCKED", "is of a provider that is not accepted here")


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


class Entry(TypedDict, total=False):
    """What a sign-up leaves in the account beside the profile (see `Account`)."""

    awaits_approval: bool
    sign_up_reason: str
    invited_by_id: int | None
    born_on: date | None
    old_enough_at: datetime | None


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
    shows_application: bool
    default_audience: str
    default_sensitive: bool
    default_language: str
    default_quoting: str
    locale: str
    pronouns: str
    place_id: int | None
    avatar_description: str
    header_description: str
    reading: dict[str, Any]


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
    entry: Entry | None = None,
    **profile: Unpack[ProfileChanges],
) -> Account:
    """Make an account with its counters and its address, and send nothing: for sign-up, shell and demo.

    `password_hash` spares the slow hash where many accounts share a password. Reserved names are allowed
    here. `role` is one of the staff's, without an end, which only the shell may give. An address may be named by
    several accounts until one confirms it (adr/0010).
    Raises SignUpRefused for a name that is taken or malformed, a malformed address, and with `confirmed` for an
    address that is another's; Invalid for the rest.
    """
    named = username_problems(username, language=profile.get("locale", ""))
    problems = [p for p in named if p[1] != "ERR_RESERVED"] + email_problems(email)
    if confirmed and not problems and Account.objects.reached_at(email) is not None:
        problems.append(("email", "ERR_TAKEN", "has already been taken"))
    if problems:
        raise SignUpRefused(problems)
    account = Account(
        id=ids.at(now),
        username=username,
        email=email,
        password=password_hash or make_password(password),
        confirmed_at=now if confirmed else None,
        agreed_at=agreed_at,
        **(entry or {}),
    )
    _apply(account, profile)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(error) from error
    screening.seen(account.id, _screened(account), is_new=True)
    AccountCounters.objects.create(account=account)
    EmailAddress.objects.create(user=account, email=email.lower(), primary=True, verified=confirmed)
    if role:
        staffing.appoint(account, role, because="made so from the shell", now=now)
        account.role, account.is_staff = role, True
    return account


def request_confirmation(*, account: Account, now: datetime, code: str = "") -> None:
    """Send the confirmation link (again), and a code beside it. Nothing if it is confirmed."""
    address = EmailAddress.objects.filter(user=account).first()
    if address is not None and not account.is_confirmed and not address.verified:
        send_confirmation(address=address, code=code, now=now)


def send_confirmation(*, address: EmailAddress, now: datetime, code: str = "") -> None:
    """Owe the mail that confirms an address: a link, and a code for the app that asked."""
    facts = {"account_id": address.user_id, "address_id": address.pk}
    language, secret = address.user.locale, {"code": code} if code else None
    owe_mail(
        to=address.email, language=language, template=mail.CONFIRMATION, facts=facts, secret=secret, now=now
    )


@transaction.atomic
def confirm_email(*, account: Account, now: datetime) -> bool:
    """Mark the account's address as confirmed; return whether the account is whole by this.

    It is not if it was before, or if it waits for approval: then the staff is told that somebody waits.
    Raises NotAllowed if somebody else has confirmed the address meanwhile.
    """
    try:
        with transaction.atomic():
            named = EmailAddress.objects.filter(user=account, email=account.email.lower())
            named.update(verified=True, primary=True)
            unconfirmed = Account.objects.filter(pk=account.pk, confirmed_at=None)
            confirmed = unconfirmed.filter(awaits_approval=False).update(confirmed_at=now)
    except IntegrityError:
        raise NotAllowed("This address belongs to another account") from None
    if confirmed:
        account.confirmed_at = now
    elif account.awaits_approval and not account.is_confirmed:
        tell_staff(account=account, now=now)
    return bool(confirmed)


@transaction.atomic
def change_unconfirmed_email(*, account: Account, email: str) -> None:
    """Correct the address of an account that never confirmed one. Raises SignUpRefused, NotAllowed.

    Whether another account has the new address is not said: the mail that follows tells its owner.
    """
    if account.is_confirmed or _address_is_confirmed(account):
        raise NotAllowed("This method is only available while the e-mail is awaiting confirmation")
    email = email.strip()
    if email.lower() == account.email.lower():
        return
    rule = email_domains.action_for(email) if "@" in email else email_domains.ALLOW
    problems = email_problems(email)
    if rule == email_domains.REFUSE:
        problems.append(BLOCKED)
    if problems:
        raise SignUpRefused(problems)
    account.email = email
    account.awaits_approval = account.awaits_approval or rule == email_domains.APPROVE
    account.save(update_fields=["email", "awaits_approval"])
    # A new row, not a changed one: links name the row, and the old address' link must confirm nothing.
    EmailAddress.objects.filter(user=account).delete()
    EmailAddress.objects.create(user=account, email=email.lower(), primary=True, verified=False)


@transaction.atomic
def change_columns(*, account: Account, **changes: Unpack[ProfileChanges]) -> Account:
    """Store changed columns of a profile; `profiles.edit_profile` is the verb that people use.

    Raises Invalid, naming the limit and the actual value.
    """
    changed = _apply(account, changes)
    if changed:
        acting.as_owner(account.pk)
        account.save(update_fields=changed)
        if not screening.WRITTEN.isdisjoint(changed):
            screening.seen(account.id, _screened(account), is_new=False)
    return account


@transaction.atomic
def close_account(*, account: Account) -> None:
    """Close an account at its owner's wish: nobody signs in with it any more, and every token ends."""
    acting.as_owner(account.pk)
    account.is_active = False
    account.save(update_fields=["is_active"])
    access.revoke_all(account=account)


def language_of(locale: str | None) -> str:
    """Return the language of ours that a locale such as `pt-BR` or `fr_CA` comes nearest to, else English."""
    try:
        return translation.get_supported_language_variant((locale or "").replace("_", "-"))
    except LookupError:
        return settings.LANGUAGE_CODE


def username_problems(username: str, *, language: str = "") -> list[Problem]:
    """Return what is wrong with a name: form, reserved, taken; refused at the door, in the writer's language."""
    if not username:
        return [("username", "ERR_BLANK", "can't be blank")]
    if len(username) > USERNAME_MAX:
        return [("username", "ERR_TOO_LONG", f"is too long ({len(username)}; at most {USERNAME_MAX})")]
    try:
        username_form(username)
    except ValidationError:
        return [("username", "ERR_INVALID", "must contain only letters from a to z, numbers and underscores")]
    if username.lower() in RESERVED:
        return [("username", "ERR_RESERVED", "is reserved")]
    if reason := screening.why_refused("handle", username, language=language):
        return [("username", "ERR_BLOCKED", reason)]
    if Account.objects.named(username) is not None:
        return [("username", "ERR_TAKEN", "has already been taken")]
    return []


def email_problems(email: str) -> list[Problem]:
    """Return what is wrong with the form of an address; whether somebody has it is nobody's business."""
    if not email:
        return [("email", "ERR_BLANK", "can't be blank")]
    if len(email) > EMAIL_MAX:
        return [("email", "ERR_TOO_LONG", f"is too long ({len(email)}; at most {EMAIL_MAX})")]
    try:
        validate_email(email)
    except ValidationError:
        return [("email", "ERR_INVALID", "is not a valid e-mail address")]
    return []


def password_problems(password: str, username: str, email: str) -> list[Problem]:
    """Return what is wrong with a password for whoever has that name and address."""
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


def _address_is_confirmed(account: Account) -> bool:
    return bool(EmailAddress.objects.filter(user=account, verified=True).exists())


def _taken(error: IntegrityError) -> SignUpRefused:
    """Name the field that somebody else took between our look and our write."""
    field = "email" if "one_account_per_address" in str(error) else "username"
    return SignUpRefused([(field, "ERR_TAKEN", "has already been taken")])


# How long a text may be as people count: an Arabic letter with its vowel sign is one, and so is a family of emojis.
# Beyond the last number, which is how many code points are stored, it is counted by code points.
_TEXTS = (("display_name", DISPLAY_NAME_MAX, DISPLAY_NAME_STORED), ("note", NOTE_MAX, NOTE_STORED))


def _screened(account: Account) -> dict[str, str]:
    return screening.said(account.username, account.display_name, account.note, account.fields)


def _apply(account: Account, changes: ProfileChanges) -> list[str]:
    """Set what is given, after checking it, and return the names of what was set."""
    language = language_of(changes.get("locale", account.locale))
    for name, limit, most in _TEXTS:
        written = str(changes.get(name, ""))
        length = text.length(written) if len(written) <= most else len(written)
        if length > limit:
            raise Invalid(f"Validation failed: {name} has {length} characters; at most {limit}")
        field = "name" if name == "display_name" else "bio"
        if reason := screening.why_refused(field, written, language=language):
            raise Invalid(f"Validation failed: {name} {reason}")
    values: dict[str, Any] = dict(changes)
    if "fields" in values:
        values["fields"] = _checked_fields(values["fields"], language)
    if values.get("default_audience", "") not in ("", *Audience.values):
        raise Invalid(f"Validation failed: there is no audience {values['default_audience']!r}")
    if "locale" in values:
        values["locale"] = language_of(values["locale"])
    for name, value in values.items():
        setattr(account, name, value)
    return list(values)


def _checked_fields(fields: list[dict[str, str]], language: str) -> list[dict[str, str]]:
    kept = [field for field in fields if field.get("name") or field.get("value")]
    if len(kept) > FIELDS_MAX:
        raise Invalid(f"Validation failed: {len(kept)} profile fields; at most {FIELDS_MAX}")
    for field in kept:
        for part, limit in (("name", FIELD_NAME_MAX), ("value", FIELD_VALUE_MAX)):
            length = len(field.get(part, ""))
            if length > limit:
                raise Invalid(f"Validation failed: a field's {part} has {length} characters; at most {limit}")
        said = f"{field.get('name', '')} {field.get('value', '')}"
        if reason := screening.why_refused("bio", said, language=language):
            raise Invalid(f"Validation failed: fields {reason}")
    return [{"name": field.get("name", ""), "value": field.get("value", "")} for field in kept]
