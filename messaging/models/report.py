"""Report: the messages that somebody shows the moderators, copied when they do; and who read them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from upscrolled.models import Account


class Report(models.Model):
    """Messages that somebody shows the moderators, with what they say to it.

    `handed_at` is null until moderation has taken it up: the row is what is owed.
    """

    reporter = models.ForeignKey(Account, models.PROTECT, related_name="+")
    target = models.ForeignKey(Account, models.PROTECT, related_name="+")
    conversation_id = models.BigIntegerField()
    category = models.CharField(max_length=10)
    rule_ids = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"], name="message_report_owed", condition=models.Q(handed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk} of messages"


class Reported(models.Model):
    """A message as it stood when it was reported: neither an edit nor a deletion changes what moderators see.

    Its media are not copied: they stay while `attachments` names them (`operations/media.py`).
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="messages", db_index=False)
    message_id = models.BigIntegerField()
    conversation_id = models.BigIntegerField()
    body = models.BinaryField()
    key_id = models.CharField(max_length=16)
    attachments = ArrayField(models.BigIntegerField(), db_default=[])

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["report", "message_id"], name="reported_once_a_report"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["message_id"], name="reported_message"),
            models.Index(fields=["key_id"], name="reported_key"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} in {self.report_id}"


class Reading(models.Model):
    """A moderator read a reported message. Rows are only ever added."""

    reported = models.ForeignKey(Reported, models.PROTECT, related_name="+")
    reader = models.ForeignKey(Account, models.PROTECT, related_name="+")
    because = models.TextField()
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.reader_id} read {self.reported_id}"
