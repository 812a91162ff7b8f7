"""Delete one's account from an application."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.operations import leaving


class Left(msgspec.Struct, kw_only=True):
    """The account is closed. Until `erased_at` the link in the mail opens it again; then it is erased."""

    left_at: str | None
    erased_at: str | None


class LeavingForm(serializers.Serializer[Any]):
    """The password once more."""

    password = serializers.CharField(max_length=10_000, trim_whitespace=False)


class DeleteAccount(ClientView):
    """POST /api/v1/upscrolled/account/delete"""

    @endpoint(scope="write:accounts", body=LeavingForm, answers=Left, restricted=True)
    def post(self, request: Request) -> HttpResponse:
        """Delete one's account: it closes at once, every session and token ends, and later it is erased."""
        departure = leaving.leave(account=self.me, now=self.now, **self.valid(LeavingForm))
        return self.render(Left(left_at=stamp(departure.left_at), erased_at=stamp(departure.erase_at)))
