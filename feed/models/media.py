"""Which attachments a post has."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from feed.models.post import Post
from upscrolled.models import MediaAttachment


class PostMedia(models.Model):
    """An attachment of a post; no two posts have the same one.

    `position` is its place from 0; null: an edit took it away, and only earlier versions of the post show it.
    """

    attachment = models.OneToOneField(MediaAttachment, models.CASCADE, primary_key=True, related_name="+")
    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    position = models.SmallIntegerField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["post", "position"], name="media_of_post"),
        ]

    def __str__(self) -> str:
        return f"attachment {self.attachment_id} of {self.post_id}"
