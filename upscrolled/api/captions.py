"""Captions of a video: an extension, since Mastodon has none."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled.api.attachments import MediaAttachment, MediaCaption, attachment
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.textfile import TextFile
from upscrolled.operations import captions
from upscrolled.queries import media


class CaptionForm(serializers.Serializer[dict[str, Any]]):
    """Captions in one language, under the name that players show for it."""

    file = TextFile(bytes_max=captions.BYTES_MAX)
    language = serializers.CharField()
    name = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")


class Captions(ClientView):
    """GET, POST /api/v1/upscrolled/media/:id/captions"""

    @endpoint(scope="write:media", answers=list[MediaCaption])
    def get(self, request: Request, media_id: str) -> HttpResponse:
        """The captions of a video of one's own."""
        found = media.get_media(self.viewer, self.id_of(media_id))
        return self.render(attachment(found, to=self.viewer, now=self.now).upscrolled.captions)

    @endpoint(scope="write:media", answers=MediaAttachment, body=CaptionForm)
    def post(self, request: Request, media_id: str) -> HttpResponse:
        """Add captions in a language (WebVTT or SRT), or replace them; before or after it is posted."""
        number = self.id_of(media_id)
        media.get_media(self.viewer, number)
        form = self.valid(CaptionForm)
        captions.add(
            number,
            form["file"].encode(),
            language=form["language"],
            name=form["name"] or "",
            by=self.me,
            now=self.now,
        )
        return self.render(attachment(media.get_media(self.viewer, number), to=self.viewer, now=self.now))


class OneCaption(ClientView):
    """DELETE /api/v1/upscrolled/media/:id/captions/:language"""

    @endpoint(scope="write:media", answers=MediaAttachment)
    def delete(self, request: Request, media_id: str, language: str) -> HttpResponse:
        """Take the captions in a language away."""
        number = self.id_of(media_id)
        captions.remove(number, language=language, by=self.me, now=self.now)
        return self.render(attachment(media.get_media(self.viewer, number), to=self.viewer, now=self.now))
