"""MediaAttachment: a photo, video or sound that somebody sent; the files made of it, and what uses them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from upscrolled.core import ids
from upscrolled.models.account import Account

DESCRIPTION_MAX = 1_500


class MediaAttachment(models.Model):
    """What somebody sent, from its arrival until it is deleted.

    *Work.* `due_at`: a worker is to take it from then on; null: nothing is owed. `leased_until`: one is at it until
    then, and says so again while it works. `turn` counts how often it was taken, so that a worker who lost it
    changes nothing any more; `attempts` counts within one kind of work. `looked` are the facts that ffmpeg or the
    decoder of photos told, `made` what the HLS playlists are written from.

    *Showing.* `files` names what a client is given by role, `captions` those by language, in the order in which they
    came: language, name and file. `meta` is the client API's. `open` says whether
    everybody may have it, as the policy has it for its post (`feed/openness.py`); `public` whether its files lie
    where everybody reaches them. While the two differ, moving is owed (`media/placing.py`).

    *Ending.* `attached_at` is null until a post has it; then it goes at `expires_at`. `deleted_at`: gone for
    everybody; row and files follow at once, unless a LegalHold stands.
    """

    class Kind(models.TextChoices):
        """What it is, in the client API's words."""

        IMAGE = "image"
        GIFV = "gifv"
        VIDEO = "video"
        AUDIO = "audio"
        UNKNOWN = "unknown"

    class State(models.TextChoices):
        """How far it is (`media/states.py` has the ways between them)."""

        UPLOADED = "uploaded"
        PROBING = "probing"
        PROCESSING = "processing"
        READY = "ready"
        FAILED = "failed"

    class Purpose(models.TextChoices):
        """What it was sent for."""

        POST = "post"
        MESSAGE = "message"

    id = models.BigIntegerField(primary_key=True, editable=False)
    owner = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    purpose = models.CharField(max_length=10, choices=Purpose, db_default=Purpose.POST)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, db_default=State.UPLOADED)
    percent = models.SmallIntegerField(db_default=0)
    reason = models.CharField(max_length=40, db_default="")
    sentence = models.TextField(db_default="")
    due_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    turn = models.IntegerField(db_default=0)
    attempts = models.SmallIntegerField(db_default=0)
    description = models.CharField(max_length=DESCRIPTION_MAX, db_default="")
    focus_x = models.FloatField(null=True)
    focus_y = models.FloatField(null=True)
    looked = models.JSONField(null=True)
    made = models.JSONField(null=True)
    meta = models.JSONField(db_default={})
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    duration = models.FloatField(null=True)
    blurhash = models.CharField(max_length=64, db_default="")
    colour = models.CharField(max_length=7, db_default="")
    sha256 = models.CharField(max_length=64, db_default="")
    files = models.JSONField(db_default={})
    captions = models.JSONField(db_default=[])
    open = models.BooleanField(db_default=False)
    public = models.BooleanField(db_default=False)
    attached_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(focus_x__isnull=True, focus_y__isnull=True)
                | Q(focus_x__gte=-1, focus_x__lte=1, focus_y__gte=-1, focus_y__lte=1),
                name="focus_lies_within_the_picture",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="percent_is_between_0_and_100"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "-id"], name="media_of_owner"),
            models.Index(fields=["due_at"], name="media_due", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["expires_at"],
                name="media_expires",
                condition=Q(attached_at__isnull=True, deleted_at__isnull=True),
            ),
            models.Index(fields=["id"], name="media_misplaced", condition=~Q(open=F("public"))),
            models.Index(fields=["deleted_at"], name="media_deleted", condition=Q(deleted_at__isnull=False)),
            models.Index(fields=["sha256"], name="media_sha256", condition=~Q(sha256="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def created_at(self) -> datetime:
        """When it arrived; the id carries it."""
        return ids.created_at(self.id)


class StoredFile(models.Model):
    """A file of the storage. Those that we made are named by their content, so the same is stored once an area.

    The row is there before the file and goes after it. `due_at`: it may be removed from then on if nothing uses
    it; null while something does.
    """

    class Area(models.TextChoices):
        """Who reaches it: everybody by its name, or whoever holds a signed address, or only our workers."""

        PUBLIC = "public"
        PRIVATE = "private"
        INCOMING = "incoming"

    area = models.CharField(max_length=10, choices=Area)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, db_default="")
    bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=60)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["area", "name"], name="one_row_a_stored_file"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="stored_file_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """Its key in the storage."""
        return f"{self.area}/{self.name}"


class FileUse(models.Model):
    """An attachment uses a file, in a role. How many uses a file has is how often it is needed: nothing else counts.

    As *evidence* it has what its owner replaced after moderators were shown it: out of sight, among the private ones.

    `label` tells files of one role apart: the name within the HLS directory, the language of captions. `until`:
    the use ends by itself then (a file that something better has replaced, which people may still have open).
    """

    class Role(models.TextChoices):
        """What the attachment has the file for."""

        UPLOAD = "upload"
        ORIGINAL = "original"
        SMALL = "small"
        POSTER = "poster"
        HLS = "hls"
        FALLBACK = "fallback"
        CAPTIONS = "captions"
        THUMBNAIL = "thumbnail"
        EVIDENCE = "evidence"

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    attachment = models.ForeignKey(MediaAttachment, models.CASCADE, related_name="+", db_index=False)
    role = models.CharField(max_length=10, choices=Role)
    label = models.CharField(max_length=60, db_default="")
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["attachment", "role", "label"],
                condition=Q(until__isnull=True),
                name="one_file_a_role",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["attachment"], name="file_use_of_attachment"),
            models.Index(fields=["until"], name="file_use_until", condition=Q(until__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.attachment_id}"


class MediaHash(models.Model):
    """PDQ of what an attachment shows at a second (0 for a picture): 64 hex digits, and its quality 0 to 100."""

    attachment = models.ForeignKey(MediaAttachment, models.CASCADE, related_name="+", db_index=False)
    second = models.SmallIntegerField()
    pdq = models.CharField(max_length=64)
    quality = models.SmallIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["attachment", "second"], name="one_hash_a_second"),
        ]

    def __str__(self) -> str:
        return self.pdq


class LegalHold(models.Model):
    """An order to keep an attachment: until `released_at` neither its row nor its files are removed.

    It does not keep anything in sight: what its owner deletes is gone for everybody.
    """

    attachment = models.ForeignKey(MediaAttachment, models.PROTECT, related_name="+")
    because = models.TextField()
    placed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    placed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["attachment"], condition=Q(released_at__isnull=True), name="one_standing_hold"
            ),
        ]

    def __str__(self) -> str:
        return f"hold on {self.attachment_id}"
