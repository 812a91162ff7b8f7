"""Uploads straight into the object store, where the site has one: /api/v1/upscrolled/uploads/multipart"""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled.api.attachments import MediaAttachment, attachment
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.signup import Empty
from upscrolled.limits import MEDIA
from upscrolled.operations import multipart
from upscrolled.queries import media
from upscrolled.shedding import Importance


class UploadPart(msgspec.Struct, kw_only=True):
    """A part of a file: PUT its `size` bytes to `url`; null: it is there."""

    number: int
    size: int
    url: str | None


class MultipartUpload(msgspec.Struct, kw_only=True):
    """An upload into the object store: its parts, in the order of the file."""

    id: str
    size: int
    part_size: int
    expires_at: str
    media_id: str | None
    parts: list[UploadPart]


class MultipartForm(serializers.Serializer[dict[str, Any]]):
    """The file that will come: how many bytes, what kind, and its alternative text."""

    size = serializers.IntegerField()
    kind = serializers.ChoiceField(
        choices=["image", "video", "audio"], required=False, allow_null=True, default=None
    )
    description = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, default=None, trim_whitespace=False
    )


class Multipart(ClientView):
    """POST /api/v1/upscrolled/uploads/multipart"""

    @endpoint(
        scope="write:media",
        answers=MultipartUpload,
        body=MultipartForm,
        limit=MEDIA,
        importance=Importance.WRITING,
    )
    def post(self, request: Request) -> HttpResponse:
        """Announce a file; the answer says where each part goes. 404 where the site has no object store."""
        form = self.valid(MultipartForm)
        begun = multipart.begin(
            owner=self.me,
            size=form["size"],
            kind=form["kind"] or "",
            description=form["description"] or "",
            now=self.now,
        )
        return self.render(_entity(begun))


class OneMultipart(ClientView):
    """GET, DELETE /api/v1/upscrolled/uploads/multipart/:id"""

    @endpoint(scope="write:media", answers=MultipartUpload)
    def get(self, request: Request, upload_id: str) -> HttpResponse:
        """Which parts have come, and new addresses for those that have not."""
        return self.render(_entity(multipart.look(self.id_of(upload_id), by=self.me, now=self.now)))

    @endpoint(scope="write:media", answers=Empty)
    def delete(self, request: Request, upload_id: str) -> HttpResponse:
        """Give the upload up; its parts are removed."""
        multipart.give_up(self.id_of(upload_id), by=self.me, now=self.now)
        return self.render(Empty())


class CompleteMultipart(ClientView):
    """POST /api/v1/upscrolled/uploads/multipart/:id/complete"""

    @endpoint(scope="write:media", answers=MediaAttachment, status=202, importance=Importance.WRITING)
    def post(self, request: Request, upload_id: str) -> HttpResponse:
        """Put the parts together. What is missing, or has another length than announced, is named."""
        row = multipart.complete(self.id_of(upload_id), by=self.me, now=self.now)
        return self.render(
            attachment(media.get_media(self.viewer, row.pk), to=self.viewer, now=self.now), status=202
        )


def _entity(told: multipart.Parts) -> MultipartUpload:
    return MultipartUpload(
        id=str(told.id),
        size=told.size,
        part_size=multipart.PART_BYTES,
        expires_at=told.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        media_id=None if told.attachment_id is None else str(told.attachment_id),
        parts=[UploadPart(number=each.number, size=each.size, url=each.address) for each in told.parts],
    )
