"""The public halves of the site's keys, so that anybody can verify what it signed."""

from __future__ import annotations

import base64

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import keys
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp


class PublicKey(msgspec.Struct, kw_only=True):
    """A key of the site. `public_key` is base64: 32 bytes of Ed25519, or a point of P-256 (65 bytes).

    What a retired key signed before `retired_at` stays good.
    """

    id: str
    purpose: str
    algorithm: str
    public_key: str
    created_at: str
    retired_at: str | None


class Keys(ClientView):
    """GET /api/v1/upscrolled/keys"""

    @endpoint(who="anyone", answers=list[PublicKey])
    def get(self, request: Request) -> HttpResponse:
        """List the public keys of the site, those in use first."""
        return self.render(
            [
                PublicKey(
                    id=key.id,
                    purpose=key.purpose,
                    algorithm=key.algorithm,
                    public_key=base64.b64encode(bytes(key.public)).decode(),
                    created_at=stamp(key.created_at) or "",
                    retired_at=stamp(key.retired_at),
                )
                for key in keys.published()
            ]
        )
