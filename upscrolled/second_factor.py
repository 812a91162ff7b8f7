"""Second factors and passkeys: whose site they are for, and how their secrets are kept."""

from __future__ import annotations

import base64
import logging
import secrets
from urllib.parse import urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, is_mfa_enabled
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode

from upscrolled.models import Account

log = logging.getLogger(__name__)


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth's second factors ask us."""

    def get_totp_issuer(self) -> str:
        """Return the name under which authenticator apps list us."""
        return str(settings.SITE_NAME)

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """Return the name beside the code; an address there would be read over people's shoulders."""
        assert isinstance(user, Account)
        return user.username

    def encrypt(self, text: str) -> str:
        """Keep secrets such that a copy of the database is not enough to have them."""
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret. With SECRET_KEY lost it is lost too: what stands in then is one that nobody knows."""
        try:
            return _keys().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("A second factor cannot be read: SECRET_KEY is not the one it was stored under.")
            return base64.b32encode(secrets.token_bytes(20)).decode()  # an empty secret would be everybody's

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the party that passkeys are for: the site's own host, whatever the request's Host header said."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": settings.SITE_NAME}


def _keys() -> MultiFernet:
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in known])


def _key(secret: str | bytes) -> bytes:
    digest = salted_hmac("upscrolled.second_factor", "key", secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)


def spend_codes_once() -> None:
    """Have a code of an authenticator app taken once for as long as it could be taken.

    The library remembers a code for half a minute and in the cache; a code is good for three times that
    (MFA_TOTP_TOLERANCE), and the cache may be away.
    """
    totp.TOTP._mark_code_used = _spend


def _spend(kept: totp.TOTP, code: str) -> bool:
    """Take the step that a good code is of, unless it or a later one was taken before (RFC 6238 §5.2)."""
    secret = decrypt(kept.instance.data["secret"])
    steps = [
        step
        for step in totp.yield_hotp_counters_from_time()
        if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, step)))
    ]
    if not steps:  # its time ended this very moment
        return False
    unspent = Q(data__step__isnull=True) | Q(data__step__lt=max(steps))
    claimed = Authenticator.objects.filter(unspent, pk=kept.instance.pk)
    return bool(claimed.update(data={**kept.instance.data, "step": max(steps)}))


def proven_at(request: HttpRequest) -> float | None:
    """Return when this session last gave a second factor (seconds since 1970), or None if it never did."""
    records = get_authentication_records(request, request.user)
    given = [record["at"] for record in records if record.get("method") == "mfa"]
    return max(given) if given else None


def asking(request: HttpRequest, *, then: str) -> str:
    """Return the address of the page that asks for a second factor, or for setting one up, and leads on to `then`."""
    assert isinstance(request.user, Account)
    page = "mfa_reauthenticate" if is_set_up(request.user) else "mfa_activate_totp"
    return f"{resolve_url(page)}?{urlencode({'next': then})}"


def is_set_up(account: Account) -> bool:
    """Say whether somebody has a second factor at all."""
    return bool(is_mfa_enabled(account))
