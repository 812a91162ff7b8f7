"""What is owed to listeners and phones, and how somebody wants to be told."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from upscrolled.models.account import Account


class OwedEvent(models.Model):
    """An event that has to be told: written with what happened, deleted once it stands in the stream.

    `subject_id` is the id of the post or notification it is about, `recipient_id` the account it is for, if for one.
    """

    name = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    recipient_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.name} of {self.subject_id}"


class PushSubscription(models.Model):
    """Where a phone is told while its application is closed; one for each access token.

    `service` is web (Web Push), apns or fcm; with the last two `endpoint` is the phone's token there, without keys.

    `token_id` is a number, for tokens are the toolkit's rows: nothing is pushed for one that is there no longer.
    `alerts` are the kinds of notifications it wants; `policy` says whose: all, followed, follower, none. `standard`
    means RFC 8291; without it the draft before that (aesgcm). `withdraws`: it wants to know what was read elsewhere.
    `key_id` is the key (VAPID) that it was given, which it trusts for as long as it lives.
    """

    token_id = models.BigIntegerField(unique=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    service = models.CharField(max_length=4, db_default="web")
    endpoint = models.TextField()
    p256dh = models.BinaryField()
    auth = models.BinaryField()
    standard = models.BooleanField()
    alerts = ArrayField(models.CharField(max_length=20), default=list)
    policy = models.CharField(max_length=10, default="all")
    withdraws = models.BooleanField(default=False)
    key_id = models.CharField(max_length=16)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"push for token {self.token_id}"


class PushDelivery(models.Model):
    """A push that is owed; `withdraws` takes back one that was sent, since it was read elsewhere.

    With a `conversation_id` that is said of this conversation's alone.
    """

    subscription = models.ForeignKey(PushSubscription, models.CASCADE, related_name="+", db_index=False)
    notification_id = models.BigIntegerField()
    withdraws = models.BooleanField(default=False)
    conversation_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "notification_id", "withdraws"], name="pushed_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["due_at"], name="push_due")]

    def __str__(self) -> str:
        return f"push of {self.notification_id}"


class NotificationChoice(models.Model):
    """How somebody wants to be told: whose notifications are set aside or dropped, what is pushed, and when not.

    The five policies are accept, filter or drop. `unwanted` are kinds that are not pushed to any phone. Quiet hours
    are minutes of the day in `zone`; equal ones mean that there are none.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    not_following = models.CharField(max_length=6, default="accept")
    not_followers = models.CharField(max_length=6, default="accept")
    new_accounts = models.CharField(max_length=6, default="accept")
    private_mentions = models.CharField(max_length=6, default="accept")
    limited_accounts = models.CharField(max_length=6, default="accept")
    unwanted = ArrayField(models.CharField(max_length=20), default=list)
    quiet_from = models.SmallIntegerField(default=0)
    quiet_until = models.SmallIntegerField(default=0)
    zone = models.CharField(max_length=60, default="UTC")

    def __str__(self) -> str:
        return f"choices of {self.account_id}"


class MailDigest(models.Model):
    """Somebody who wants mails about what they have not read; nobody has one who did not ask for it.

    `every` is daily or weekly. `told_id` is the newest notification that a mail has told of.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    every = models.CharField(max_length=6)
    due_at = models.DateTimeField()
    told_id = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["due_at"], name="digest_due")]

    def __str__(self) -> str:
        return f"{self.every} mail to {self.account_id}"


class NotificationSender(models.Model):
    """What somebody decided of one sender: to hear them although a policy sets them aside, or not to be asked.

    `dismissed_at`: what they sent until then is not shown as a request any more.
    """

    recipient = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    sender = models.ForeignKey(Account, models.CASCADE, related_name="+")
    accepted = models.BooleanField(default=False)
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["recipient", "sender"], name="one_word_on_each_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient_id} on {self.sender_id}"
