"""Who has come through the gate, and what they may do. The gate writes it down on the request, once."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from upscrolled.queries.staff import Standing


class Visit(HttpRequest):
    """A request that the gate has looked at."""

    standing: Standing


def admit(request: HttpRequest, standing: Standing) -> None:
    """Write down how the visitor stands."""
    cast(Visit, request).standing = standing


def standing(request: HttpRequest) -> Standing:
    """Return how the visitor stands; before the gate nobody has a role."""
    return getattr(request, "standing", Standing())


def is_staff(request: HttpRequest) -> bool:
    """Say whether the visitor has a role, or comes from outside."""
    return standing(request).is_staff


def may(request: HttpRequest, permission: str) -> bool:
    """Say whether the visitor may do this, in some case at least."""
    return standing(request).may(permission)
