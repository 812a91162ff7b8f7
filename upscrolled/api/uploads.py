"""Upload photos, videos and sounds; see how far they are; change and delete them before a post has them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled.api.attachments import MediaAttachment, attachment
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.picturefield import PictureField
from upscrolled.api.signup import Empty
from upscrolled.api.spool import Spool
from upscrolled.core.errors import DomainError, Invalid
from upscrolled.limits import MEDIA
from upscrolled.media.shown import MediaFacts
from upscrolled.media.states import State
from upscrolled.operations import attachments, upload
from upscrolled.operations.attachments import Focus
from upscrolled.operations.profiles import LIMITS
from upscrolled.queries import media
from upscrolled.shedding import Importance

if TYPE_CHECKING:
    from upscrolled import models


class NotProcessed(DomainError):
    """The file could not be made into something that can be shown; the sentence says why."""

    status = 422


class AboutForm(serializers.Serializer[dict[str, Any]]):
    """What is said of a file: alternative text, focal point, and a picture that stands for a video or sound."""

    description = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, default=None, trim_whitespace=False
    )
    focus = serializers.CharField(required=False, allow_blank=True, allow_null=True, default=None)
    thumbnail = PictureField(required=False, allow_null=True, default=None)

    def validate_focus(self, value: str | None) -> Focus | None:
        """Read a point as clients write it: "x,y", both from -1 to 1."""
        try:
            return Focus.read(value) if value else None
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class UploadForm(AboutForm):
    """A file, and what is said of it."""

    file = serializers.FileField(allow_empty_file=True)


class _Uploading(ClientView):
    body_max = upload.bytes_max() + LIMITS.picture_bytes + upload.FORM_MAX

    def take(self, request: Request, *, at_once: bool) -> HttpResponse:
        """Take the file of the form. It flows to the disk; it is refused while it does if it is too large."""
        request._request.upload_handlers = [Spool(request._request)]
        row = self._accept(self.valid(UploadForm), at_once=at_once)
        if at_once:
            upload.process_now(row)
        return self.show(media.get_media(self.viewer, row.pk), working=202)

    def _accept(self, form: dict[str, Any], *, at_once: bool) -> models.MediaAttachment:
        file = form["file"]
        if not isinstance(file, TemporaryUploadedFile):
            raise Invalid("Validation failed: file must be a file of a multipart form")
        return upload.accept(
            owner=self.me,
            sent=Path(file.temporary_file_path()),
            description=form["description"] or "",
            focus=form["focus"],
            thumbnail=form["thumbnail"],
            at_once=at_once,
            now=self.now,
        )

    def show(self, found: MediaFacts, *, working: int) -> HttpResponse:
        """Show an attachment; `working` is the status while it is processed. Raises NotProcessed."""
        if found.state == State.FAILED:
            raise NotProcessed(found.sentence, details=_details(found))
        status = 200 if found.state == State.READY else working
        return self.render(attachment(found, to=self.viewer, now=self.now), status=status)


def _details(found: MediaFacts) -> dict[str, Any]:
    return {"file": [{"error": f"ERR_{found.reason.upper()}", "description": found.sentence}]}


class V2Media(_Uploading):
    """POST /api/v2/media"""

    @endpoint(
        scope="write:media",
        answers=MediaAttachment,
        body=UploadForm,
        status=202,
        limit=MEDIA,
        importance=Importance.WRITING,
    )
    def post(self, request: Request) -> HttpResponse:
        """Upload a file. It is processed afterwards: ask for it until `url` is there, which takes photos a second."""
        return self.take(request, at_once=False)


class V1Media(_Uploading):
    """POST /api/v1/media"""

    @endpoint(
        scope="write:media",
        answers=MediaAttachment,
        body=UploadForm,
        limit=MEDIA,
        importance=Importance.WRITING,
    )
    def post(self, request: Request) -> HttpResponse:
        """Upload a file as older applications do: a photo is processed before the answer, for the rest it is 202."""
        return self.take(request, at_once=True)


class OneMedia(_Uploading):
    """GET, PUT, DELETE /api/v1/media/:id"""

    body_max = LIMITS.picture_bytes * 4 // 3 + upload.FORM_MAX

    @endpoint(scope="write:media", answers=MediaAttachment, importance=Importance.WRITING)
    def get(self, request: Request, media_id: str) -> HttpResponse:
        """An upload of one's own: 206 while it is processed, 200 when it can be posted, 422 if it cannot be shown."""
        return self.show(media.get_media(self.viewer, self.id_of(media_id)), working=206)

    @endpoint(scope="write:media", answers=MediaAttachment, body=AboutForm)
    def put(self, request: Request, media_id: str) -> HttpResponse:
        """Change description, focal point or thumbnail before it is posted."""
        number, form = self.id_of(media_id), self.valid(AboutForm)
        attachments.change(
            number,
            by=self.me,
            description=form["description"],
            focus=form["focus"],
            thumbnail=form["thumbnail"],
            now=self.now,
        )
        return self.show(media.get_media(self.viewer, number), working=206)

    @endpoint(scope="write:media", answers=Empty)
    def delete(self, request: Request, media_id: str) -> HttpResponse:
        """Delete an upload that no post has; one that is still processed is cancelled."""
        attachments.delete(self.id_of(media_id), by=self.me, now=self.now)
        return self.render(Empty())


class Retry(_Uploading):
    """POST /api/v1/upscrolled/media/:id/retry"""

    @endpoint(scope="write:media", answers=MediaAttachment, also=("409",))
    def post(self, request: Request, media_id: str) -> HttpResponse:
        """Have an upload processed again that failed by the site's fault."""
        number = self.id_of(media_id)
        attachments.retry(number, by=self.me, now=self.now)
        return self.show(media.get_media(self.viewer, number), working=200)
