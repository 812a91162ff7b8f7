"""What is kept because moderators were shown it: media and pictures, for as long as a case has evidence of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from upscrolled.models.media import MediaAttachment
from upscrolled.models.picture import Picture


class KeptMedia(models.Model):
    """An attachment of a reported post: neither its row nor its files are removed while the row stands.

    It keeps nothing in sight, and unlike a LegalHold it keeps nobody's account from being erased. `case_id` is the
    number by which moderation knows what it is kept for.
    """

    attachment = models.ForeignKey(MediaAttachment, models.PROTECT, related_name="+")
    case_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case_id", "attachment"], name="media_kept_once_a_case"),
        ]

    def __str__(self) -> str:
        return f"{self.attachment_id} for case {self.case_id}"


class KeptPicture(models.Model):
    """The same of a picture of a profile."""

    picture = models.ForeignKey(Picture, models.PROTECT, related_name="+")
    case_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case_id", "picture"], name="picture_kept_once_a_case"),
        ]

    def __str__(self) -> str:
        return f"{self.picture_id} for case {self.case_id}"
