"""What people bring with them: lists of other sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.api.textfile import TextFile
from upscrolled.operations import imports

if TYPE_CHECKING:
    from upscrolled.models import Import


class ImportEntity(msgspec.Struct, kw_only=True):
    """A list that is taken over: `waiting` or `done`. Of its `rows`, `done` stand now, and these were `skipped`:

    `elsewhere` (of another site), `unknown` (no such account), `refused` (blocked, oneself, a language nobody knows).
    """

    id: str
    type: str
    state: str
    rows: int
    done: int
    skipped: dict[str, int]
    asked_at: str | None


class ImportForm(serializers.Serializer[dict[str, Any]]):
    """A list as CSV, as Mastodon writes it: a file, or the text itself."""

    type = serializers.ChoiceField(choices=["following", "blocking", "muting"])
    data = TextFile(bytes_max=imports.BYTES_MAX)  # type: ignore[assignment]  # the metaclass takes it off the class


class Imports(ClientView):
    """/api/v1/upscrolled/imports"""

    @endpoint(scope="read", answers=list[ImportEntity])
    def get(self, request: Request) -> HttpResponse:
        """List what one brought in the last days, the newest first, and how far it is."""
        return self.render([_entity(one, size) for one, size in imports.imports(self.me)])

    @endpoint(scope="write", body=ImportForm, answers=ImportEntity, status=202, also=("409",))
    def post(self, request: Request) -> HttpResponse:
        """Have a list taken over: one at a time, 1,000,000 bytes and 5,000 rows at most, 400 follows a day."""
        form = self.valid(ImportForm)
        made = imports.ask_for_import(form["type"], form["data"], by=self.me, now=self.now)
        return self.render(_entity(made, len(made.rows)), status=202)


def _entity(one: Import, size: int) -> ImportEntity:
    return ImportEntity(
        id=str(one.pk),
        type=one.kind,
        state=one.state,
        rows=size,
        done=one.done,
        skipped=one.skipped,
        asked_at=stamp(one.asked_at),
    )
