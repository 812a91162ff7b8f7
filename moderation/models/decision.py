"""Decisions with their statements of reasons, notices, strikes and what they severed.

None of these rows changes or goes; the migration `0003_the_database_refuses` has PostgreSQL refuse it, and refuse at
COMMIT a decision without its whole chain. Accounts are named without a foreign key: closing an account takes
neither the decision nor its place in the log away.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from moderation.models.case import Case
from moderation.models.policy import PolicyVersion
from upscrolled.models import Account


class Statement(models.Model):
    """The statement of reasons that the affected account reads.

    `facts`, `explanation` and `body` (the whole text as it was written, with its salt) are sealed under a key of
    the statement's own (`StatementKey`); `digest` is of salt and text, and stands in the public log.
    """

    class Source(models.TextChoices):
        """How the case came up."""

        REPORT = "report"
        NOTICE = "notice"
        TRUSTED = "trusted_flagger"
        ORDER = "order"
        OWN = "own_initiative"
        APPEAL = "appeal"

    class Ground(models.TextChoices):
        """Whether the terms or a law was broken."""

        POLICY = "policy"
        LAW = "law"

    account = models.ForeignKey(
        Account,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    language = models.CharField(max_length=8)
    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    measure = models.CharField(max_length=24)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=20, choices=Source)
    automated_detection = models.BooleanField()
    automated_decision = models.BooleanField()
    ground = models.CharField(max_length=10, choices=Ground)
    legal_reference = models.CharField(max_length=500, blank=True, default="")
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    redress = ArrayField(models.CharField(max_length=20))
    facts = models.BinaryField()
    explanation = models.BinaryField()
    body = models.BinaryField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="statement_of_account"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(language__in=["en", "ar", "fr"]), name="statement_language"),
            models.CheckConstraint(
                condition=Q(
                    source__in=["report", "notice", "trusted_flagger", "order", "own_initiative", "appeal"]
                ),
                name="statement_source",
            ),
            models.CheckConstraint(
                condition=Q(ground="policy") | Q(ground="law", legal_reference__regex=r"\S.{2,}"),
                name="statement_names_its_ground",
            ),
            models.CheckConstraint(condition=Q(redress__len__gte=1), name="statement_names_redress"),
            models.CheckConstraint(condition=~Q(measure=""), name="statement_names_its_measure"),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="statement_has_a_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"statement {self.pk}"


class StatementKey(models.Model):
    """The key of one statement; erased, it leaves a row that says when. Only the database's function erases."""

    statement = models.OneToOneField(Statement, models.PROTECT, primary_key=True, related_name="key")
    key = models.BinaryField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(key__isnull=False, erased_at__isnull=True)
                | Q(key__isnull=True, erased_at__isnull=False),
                name="statement_key_or_tombstone",
            ),
        ]

    def __str__(self) -> str:
        return f"key of statement {self.statement_id}"


class Decision(models.Model):
    """What was decided about a subject. An action that restricts has the name of its kind of restriction.

    `decided_by` is None for what a machine decided: only holds, and only until a person looks. `reverses` is the
    decision that this one takes back. `bulk` joins those that were made together.
    """

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="decisions")
    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    action = models.CharField(max_length=24)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    ends_at = models.DateTimeField(null=True)
    statement = models.OneToOneField(Statement, models.PROTECT, related_name="decision")
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        Account,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    decided_at = models.DateTimeField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    bulk = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="decision_of_subject"),
            models.Index(fields=["bulk"], name="decision_of_bulk", condition=Q(bulk__isnull=False)),
            models.Index(fields=["ends_at"], name="decision_ends", condition=Q(ends_at__isnull=False)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(action=""), name="decision_names_its_action"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=False) | Q(action__in=["hold", "restore"]),
                name="only_a_person_removes",
            ),
            models.CheckConstraint(
                condition=Q(action="restore", reverses__isnull=False)
                | (~Q(action="restore") & Q(reverses__isnull=True)),
                name="restoring_reverses",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("decided_at")), name="decision_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}: {self.action}"


class Notice(models.Model):
    """What tells the affected account; of a hashtag it is public and has no account.

    `delivery_id` is the notification with which it was sent.
    """

    statement = models.OneToOneField(Statement, models.PROTECT, related_name="notice")
    account = models.ForeignKey(
        Account,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivery_id = models.BigIntegerField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"], name="notice_unsent", condition=Q(sent_at__isnull=True, account__isnull=False)
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, delivery_id__isnull=True)
                | Q(sent_at__isnull=False, delivery_id__isnull=False),
                name="sent_is_delivered",
            ),
        ]

    def __str__(self) -> str:
        return f"notice of statement {self.statement_id}"


class Strike(models.Model):
    """What a decision weighs against an account until `expires_at`; a decision that is reversed weighs nothing."""

    decision = models.OneToOneField(Decision, models.PROTECT, primary_key=True, related_name="strike")
    account = models.ForeignKey(
        Account,
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
    )
    weight = models.PositiveSmallIntegerField()
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"strike of decision {self.decision_id}"


class SeveredFollow(models.Model):
    """A follow that a suspension ended, so that it can be restored as it was."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="severed")
    follower_id = models.BigIntegerField()
    target_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    reposts = models.BooleanField()
    notify = models.BooleanField()
    languages = ArrayField(models.CharField(max_length=8), null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["decision", "follower_id", "target_id"], name="severed_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["follower_id", "target_id"], name="severed_of_follower"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} followed {self.target_id}"


class Severing(models.Model):
    """What a decision had severed, up to a row of `SeveredFollow`, as one digest. Written by the database; rows only
    come.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+", db_index=False)
    upto = models.BigIntegerField()
    digest = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["decision", "upto"], name="severing_once"),
        ]

    def __str__(self) -> str:
        return f"what decision {self.decision_id} severed"


class EndedEffect(models.Model):
    """Says that what a decision did beside its restriction was undone: its time was up, or it was reversed."""

    decision = models.OneToOneField(Decision, models.PROTECT, primary_key=True, related_name="ended_effect")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"end of decision {self.decision_id}"
