"""Upload: a file that arrives over time, in pieces."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from upscrolled.models.account import Account
from upscrolled.models.media import DESCRIPTION_MAX, MediaAttachment

METADATA_MAX = 4_096


class Upload(models.Model):
    """A file of so many bytes that its owner is sending, until it is an attachment or has expired.

    Over tus its bytes lie in `media/pieces.py`, whose length is the only offset there is; `key` is empty until all
    of them are there and the file is on its way into the storage. With `store_upload`, the object store's name for
    it, the owner sends the parts to the store itself, under `key`.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    owner = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    size = models.BigIntegerField()
    description = models.CharField(max_length=DESCRIPTION_MAX, db_default="")
    metadata = models.CharField(max_length=METADATA_MAX, db_default="")
    key = models.CharField(max_length=200, db_default="")
    store_upload = models.CharField(max_length=2_000, db_default="")
    attachment = models.ForeignKey(
        MediaAttachment, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(size__gt=0), name="upload_has_bytes"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner"], name="upload_of_owner"),
            models.Index(fields=["expires_at"], name="upload_expires"),
            models.Index(
                fields=["attachment"], name="upload_of_attachment", condition=Q(attachment__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"
