"""Notification: one person is told one thing, once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from upscrolled.models.account import Account


class Notification(models.Model):
    """A row of somebody's list. Ids are small integers, because clients read them as numbers.

    `subject_id` is the id of the post that this is about, if any: a number, since posts live in a
    room above. Of what moderation tells, it is the statement or the report, and the actor is the recipient; so it
    is of a post for later that could not be published, by the number of its row. Of private messages it is the
    conversation, or the message that is a mention.
    """

    class Kind(models.TextChoices):
        """Why somebody is told."""

        MENTION = "mention"
        LIKE = "like"
        REPOST = "repost"
        FOLLOW = "follow"
        FOLLOW_REQUEST = "follow_request"
        POST = "post"
        EDIT = "edit"
        POLL = "poll"
        QUOTE = "quote"
        QUOTED_EDIT = "quoted_edit"
        SIGN_UP = "sign_up"
        MODERATION_WARNING = "moderation_warning"
        REPORT = "report"
        MESSAGE = "message"
        NOT_PUBLISHED = "not_published"

    recipient = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    actor = models.ForeignKey(Account, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    subject_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["recipient", "actor", "kind", "subject_id"],
                nulls_distinct=False,
                name="told_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recipient", "-id"], name="notification_list"),
            models.Index(fields=["recipient", "kind", "-id"], name="notification_of_kind"),
            models.Index(fields=["subject_id"], name="notification_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"
