"""What an app's account screen is told of whoever is signed in."""

from __future__ import annotations

from typing import Any

from allauth.headless.adapter import DefaultHeadlessAdapter
from django.contrib.auth.base_user import AbstractBaseUser

from upscrolled import access
from upscrolled.models import Account


class Person(DefaultHeadlessAdapter):  # type: ignore[misc]
    """The library's user with its id as text, as everywhere in the API, and what the account waits for."""

    def serialize_user(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Return the account; `waits_for` is null once it is whole."""
        told: dict[str, Any] = super().serialize_user(user)
        assert isinstance(user, Account)
        whole = user.is_confirmed
        return {
            **told,
            "id": str(user.pk),
            "waits_for": None if whole else access.why_unconfirmed(user),
            "suspended": access.is_suspended(user),
        }
