"""Signing up: who may, under which limits and rules, and what is kept of it.

Every door (the API, the page, an app's own screens) comes through `sign_up`, so that no rule can be walked around.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from upscrolled import challenges, limits, switches, terms
from upscrolled.core import ids, mailbox
from upscrolled.core.ages import years_between
from upscrolled.core.errors import NotAllowed, TooMany
from upscrolled.limits import Limit
from upscrolled.models import Account
from upscrolled.operations import accounts, email_domains, invites, signins
from upscrolled.operations.accounts import Entry, Problem, SignUpRefused
from upscrolled.operations.terms import accept
from upscrolled.origin import Origin

REASON_MAX: Final = 500
HALF_AN_HOUR, DAY = 1_800, 86_400
AGAIN: Final = timedelta(hours=1)  # a form that is sent again within it is the same form
_SPENT_BY_THE_FIRST: Final = {"username", "invite_code"}


class RegistrationsClosed(NotAllowed):
    """Nobody may sign up here at present."""

    safe = "This site takes no new registrations at present"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """The sign-up form. `date_of_birth` is YYYY-MM-DD; `challenge` and `solution` answer `challenges.in_force`."""

    username: str
    email: str
    password: str
    agreed: bool
    locale: str = "en"
    reason: str = ""
    date_of_birth: str = ""
    invite_code: str = ""
    challenge: str = ""
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form must hold at present, for somebody from there: for pages and for the instance entities."""

    mode: str
    min_age: int
    challenge: challenges.Challenge | None

    @property
    def reason(self) -> bool:
        """Whether people must say why they want to join."""
        return self.mode == "approval"

    @property
    def invitation(self) -> bool:
        """Whether only those with a code may join."""
        return self.mode == "invite"


def asked(country: str = "") -> Asked:
    """Return what a sign-up from that country must bring."""
    challenge = challenges.in_force() if is_defended() else None
    return Asked(switches.value("registrations"), min_age(country), challenge)


def is_defended() -> bool:
    """Say whether sign-ups are counted, their e-mail domains looked at, and something must be solved for them."""
    return switches.value("sign_up_defence") == "on"


def min_age(country: str) -> int:
    """Return the least age in years to sign up from a country (empty: unknown); 0 if nobody is asked."""
    return int(settings.MIN_AGE_BY_COUNTRY.get(country, settings.MIN_AGE))


def sign_up(*, form: NewAccount, origin: Origin, now: datetime, code: str = "") -> Account:
    """Make an account whose address is still to be confirmed, and send the link, with a code for an app that has one.

    Whether the address has an account already is not said here, but by mail to its owner (adr/0010).
    The same form sent again within an hour is the same account. Raises RegistrationsClosed, TooMany, and
    SignUpRefused with everything that is wrong at once.
    """
    wanted = asked(origin.country)
    if wanted.mode == "closed":
        raise RegistrationsClosed
    if is_defended():
        _charge(origin, form.email)
    username, email = form.username.strip(), form.email.strip()
    invited = _opens(form, wanted, now)
    rule = email_domains.action_for(email) if "@" in email else email_domains.ALLOW
    named = accounts.username_problems(username, language=form.locale)
    problems = [*named, *accounts.email_problems(email)]
    if rule == email_domains.REFUSE:
        problems.append(accounts.BLOCKED)
    problems += accounts.password_problems(form.password, username, email)
    if not form.agreed:
        problems.append(("agreement", "ERR_ACCEPTED", "must be accepted"))
    problems += [*_invite_problems(form, wanted, invited), *_reason_problems(form, wanted, invited)]
    born, age_problems = _birth(form, origin, wanted, now)
    problems += age_problems
    problems += _challenge_problems(form, origin, wanted, others=bool(problems))
    if problems:
        return _sent_again(form, code, problems, now)
    entry: Entry = {
        "awaits_approval": rule == email_domains.APPROVE or (wanted.reason and not invited),
        "sign_up_reason": form.reason.strip() if wanted.reason else "",
        "invited_by_id": invites.inviter(form.invite_code) if invited else None,
        "born_on": born if origin.country in settings.KEEP_BIRTH_DATE_COUNTRIES else None,
        "old_enough_at": now if wanted.min_age else None,
    }
    try:
        return _store(form, origin, entry, invited, now, code)
    except SignUpRefused as refusal:
        return _sent_again(form, code, refusal.problems, now)


@transaction.atomic
def _store(
    form: NewAccount, origin: Origin, entry: Entry, invited: bool, now: datetime, code: str
) -> Account:
    account = accounts.create_account(
        username=form.username.strip(),
        email=form.email.strip(),
        password=form.password,
        locale=form.locale,
        agreed_at=now,
        entry=entry,
        now=now,
    )
    accept(account=account, version=terms.in_force(now), now=now)
    signins.record(account=account, kind="sign_up", origin=origin, now=now)
    accounts.request_confirmation(account=account, now=now, code=code)
    # Last, because its row is locked until the commit and the password's hash takes long.
    if invited and not invites.use_invite(form.invite_code, now=now):
        raise SignUpRefused([_BAD_CODE])
    return account


def _sent_again(form: NewAccount, code: str, problems: list[Problem], now: datetime) -> Account:
    """Return the account that this form has made already, or raise SignUpRefused with what is wrong.

    On a bad network the answer is lost and the form sent again: its name is taken then, by itself. It is the same if
    name, address and password are, and nobody has confirmed it yet.
    """
    fields = {field for field, _code, _sentence in problems}
    if ("username", "ERR_TAKEN") in {problem[:2] for problem in problems} and fields <= _SPENT_BY_THE_FIRST:
        since = ids.first_at(now - AGAIN)
        made = Account.objects.called(form.username.strip()).filter(confirmed_at=None, pk__gte=since).first()
        # The password first, whatever the address: how long it takes tells nobody whose address it is.
        if made is not None and made.check_password(form.password) and _waits_for(made, form.email):
            if code:
                accounts.request_confirmation(account=made, now=now, code=code)
            return made
    raise SignUpRefused(problems)


def _waits_for(account: Account, email: str) -> bool:
    """Say whether an account waits for the confirmation of that address."""
    waiting = EmailAddress.objects.filter(user=account, email=email.strip().lower(), verified=False)
    return bool(waiting.exists())


def _charge(origin: Origin, email: str) -> None:
    """Count a sign-up, whatever becomes of it, against the published limits. Raises TooMany."""
    address, block = limits.address_block(origin.address), limits.wide_block(origin.address)
    charges = [
        (Limit("signup", settings.SIGN_UPS_PER_ADDRESS, HALF_AN_HOUR), address),
        (Limit("signup-block", settings.SIGN_UPS_PER_BLOCK, HALF_AN_HOUR), block),
        (Limit("signup-device", settings.SIGN_UPS_PER_DEVICE, HALF_AN_HOUR), origin.device),
    ]
    if "@" in email:
        box = mailbox.canonical(email.strip())
        charges.append((Limit("signup-mailbox", settings.SIGN_UPS_PER_MAILBOX, DAY), limits.digest(box)))
    tightest = limits.charge_each(charges)
    if tightest is not None and tightest.exceeded:
        sentence = "Too many sign-ups from here; please try again later."
        raise TooMany(sentence, retry_after=tightest.seconds_left)


_BAD_CODE: Final[Problem] = ("invite_code", "ERR_INVALID", "is unknown, used up or expired")


def _opens(form: NewAccount, wanted: Asked, now: datetime) -> bool:
    """Say whether a code comes along that opens what is closed; where all is open no use of it is taken."""
    return (
        wanted.mode in ("invite", "approval")
        and bool(form.invite_code)
        and invites.is_good(form.invite_code, now=now)
    )


def _invite_problems(form: NewAccount, wanted: Asked, invited: bool) -> list[Problem]:
    if invited or wanted.mode == "open":
        return []
    if form.invite_code:
        return [_BAD_CODE]
    return [("invite_code", "ERR_BLANK", "is needed: one joins by invitation")] if wanted.invitation else []


def _reason_problems(form: NewAccount, wanted: Asked, invited: bool) -> list[Problem]:
    length = len(form.reason.strip())
    if not wanted.reason or invited:
        return []
    if not length:
        return [("reason", "ERR_BLANK", "can't be blank")]
    if length > REASON_MAX:
        return [("reason", "ERR_TOO_LONG", f"is too long ({length}; at most {REASON_MAX})")]
    return []


def _birth(
    form: NewAccount, origin: Origin, wanted: Asked, now: datetime
) -> tuple[date | None, list[Problem]]:
    """Read the date of birth; one that is too young is remembered of the device for a day, and nothing else."""
    text, least, today = form.date_of_birth.strip(), wanted.min_age, now.astimezone(UTC).date()
    if not text:
        return None, [("date_of_birth", "ERR_BLANK", "can't be blank")] if least else []
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return None, [("date_of_birth", "ERR_INVALID", "is not a date (YYYY-MM-DD)")]
    if born > today or years_between(born, today) > 130:
        return None, [("date_of_birth", "ERR_INVALID", "is not a date of birth")]
    mark = f"under-age:{origin.device}"
    if least and (years_between(born, today) < least or limits.is_marked(mark)):
        limits.mark(mark, DAY)
        return None, [("date_of_birth", "ERR_BELOW_LIMIT", f"is below the age limit ({least} years)")]
    return born, []


def _challenge_problems(form: NewAccount, origin: Origin, wanted: Asked, *, others: bool) -> list[Problem]:
    """Check the solution, and only if nothing else is wrong: it works once, and should not be spent in vain."""
    if wanted.challenge is None:
        return []
    if not form.challenge or not form.solution:
        return [("challenge", "ERR_BLANK", "must be solved (GET /api/v1/upscrolled/signup_challenge)")]
    if others or wanted.challenge.verify(form.challenge, form.solution, origin):
        return []
    return [("challenge", "ERR_INVALID", "is not solved, too old, or was used before")]
