"""Codes in mails: what somebody types into the app that asked, instead of opening the link of the same mail.

A session keeps the key of the mail's link, sealed with the code. So a code is good for nothing that the link is not
good for, in no other session, and a copy of the database opens nothing.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from typing import Final

from allauth.core.internal.cryptokit import generate_user_code, normalize_user_code
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ADDRESS: Final = "address"
PASSWORD: Final = "password"
SECONDS, TRIES = 15 * 60, 5
OVER: Final = gettext_lazy("This code does not work any more. Ask for another one.")
_SHORTER_THAN_A_KEY = 24


def draw() -> str:
    """Return a new code: eight consonants of twenty, as in `BCDF-GHJK`."""
    return str(generate_user_code())


def seal(request: HttpRequest, purpose: str, key: str, code: str | None = None) -> str:
    """Let a code stand for the key of a link in this session, in the place of an earlier one; return the code."""
    code = code or draw()
    request.session[_place(purpose)] = {
        "key": _lock(code).encrypt(key.encode()).decode(),
        "until": time.time() + SECONDS,
        "tries": TRIES,
    }
    return code


def seal_nothing(request: HttpRequest, purpose: str) -> None:
    """Leave a session as `seal` does, with a code that nobody is told: for an address that is nobody's."""
    seal(request, purpose, get_random_string(len("0123456789abc-abcdef-") + 32))


def unseal(request: HttpRequest, purpose: str, typed: str) -> str:
    """Return the key that a code stands for; a link's own key is returned as it is.

    Raises ValidationError: `incorrect_code` while there are tries left, else `expired_code`. Two guesses at the same
    moment may count as one, which 20^8 codes can bear.
    """
    if not is_code(typed):
        return typed
    kept = request.session.get(_place(purpose))
    if kept is None or kept["until"] < time.time():
        discard(request, purpose)
        raise ValidationError(OVER, "expired_code")
    try:
        return _lock(typed).decrypt(kept["key"]).decode()
    except InvalidToken:
        left = kept["tries"] - 1
    if left <= 0:
        discard(request, purpose)
        raise ValidationError(
            _("This code is wrong, and it was the last try. Ask for another one."), "expired_code"
        )
    request.session[_place(purpose)] = {**kept, "tries": left}
    wrong = _("This code is wrong. Tries left: %(left)d.") % {"left": left}
    raise ValidationError(wrong, "incorrect_code")


def discard(request: HttpRequest, purpose: str) -> None:
    """Forget the code of this session, if there is one."""
    request.session.pop(_place(purpose), None)


def is_code(typed: str) -> bool:
    """Say whether this is meant as a code; the keys of links are longer."""
    return len(typed.strip()) < _SHORTER_THAN_A_KEY


def _place(purpose: str) -> str:
    return f"upscrolled_code_{purpose}"


def _lock(code: str) -> Fernet:
    digest = salted_hmac("upscrolled.codes", normalize_user_code(code), algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(digest))
