"""Reports, the cases that they open, and what is frozen as evidence."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from upscrolled.models import Account


class Case(models.Model):
    """What one subject and near copies of it (`CaseCopy`) are looked at for; at most one is unfinished.

    `account_id` is whose subject it is. `cluster` is a name that cases about the very same text share: a copy that
    comes while somebody looks at the first has a case of its own. `place` orders the queue: lanes of law by their
    deadlines first, then by falling priority; `factors` explains it (`triage.py`). A claim is a lease: `version`
    rises with each, so whoever lost one cannot go on with it. States and their order stand in `states.py`.
    """

    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    account = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    cluster = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, default="open")
    lane = models.CharField(max_length=12, default="ordinary")
    policy = models.CharField(max_length=30)
    source = models.CharField(max_length=20, default="report")
    deadline = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    place = models.FloatField(default=0.0)
    factors = models.JSONField(default=dict)
    inclusion_probability = models.FloatField(null=True)
    claimed_by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    claimed_until = models.DateTimeField(null=True)
    second_opinion = models.BooleanField(default=False)
    version = models.IntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=~Q(state="decided"),
                name="one_unfinished_case",
            ),
            models.CheckConstraint(
                condition=Q(state="claimed", claimed_by__isnull=False, claimed_until__isnull=False)
                | (~Q(state="claimed") & Q(claimed_by__isnull=True, claimed_until__isnull=True)),
                name="a_claimed_case_has_a_holder",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "id"], name="case_queue", condition=Q(state="open")),
            models.Index(fields=["claimed_until"], name="case_leases", condition=Q(state="claimed")),
            models.Index(fields=["account", "-id"], name="case_of_account"),
            models.Index(fields=["subject_id"], name="case_of_message", condition=Q(subject_kind="message")),
            models.Index(fields=["subject_id"], name="case_of_media", condition=Q(subject_kind="media")),
            models.Index(
                fields=["cluster"], name="case_cluster", condition=~Q(state="decided") & ~Q(cluster="")
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class CaseCopy(models.Model):
    """What is decided with a case's subject: a near copy, by whomever, or a message of the same report."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="copies", db_index=False)
    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    account = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    joined_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "subject_kind", "subject_id"], name="a_copy_joins_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_kind", "subject_id"], name="copy_of_a_case"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} in case {self.case_id}"


class CaseBand(models.Model):
    """One of the numbers by which near copies of an unfinished case's subject are found (`near.py`).

    Made when the case is opened, gone when it is decided; it can be made again from the evidence.
    """

    pk = models.CompositePrimaryKey("band", "case")
    band = models.BigIntegerField()
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"band {self.band} of case {self.case_id}"


class CaseEvent(models.Model):
    """A step of a case: what, by whom (nobody: the clock), and why. Rows only come."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    actor = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    reason = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.kind} of case {self.case_id}"


class Report(models.Model):
    """What somebody told the moderators about an account and, perhaps, some of its posts or media; or about a hashtag.

    `reporter` is None for people without an account. `reason` is the key of a policy. `outcome` stays empty until
    the case is decided; `received_told_at` and `outcome_told_at` say when the reporter was told.
    """

    class Category(models.TextChoices):
        """Mastodon's four categories."""

        SPAM = "spam"
        LEGAL = "legal"
        VIOLATION = "violation"
        OTHER = "other"

    class Outcome(models.TextChoices):
        """What became of it."""

        UPHELD = "upheld"
        REFUSED = "refused"

    reporter = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    target = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    hashtag_id = models.BigIntegerField(null=True)
    post_ids = ArrayField(models.BigIntegerField(), default=list)
    media_ids = ArrayField(models.BigIntegerField(), db_default=[])
    rule_ids = ArrayField(models.TextField(), default=list)
    category = models.CharField(max_length=10, choices=Category, default=Category.OTHER)
    comment = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    reason = models.CharField(max_length=30, db_default="other")
    cases = ArrayField(models.BigIntegerField(), db_default=[])
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, db_default="")
    decided_at = models.DateTimeField(null=True)
    received_told_at = models.DateTimeField(null=True)
    outcome_told_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["target", "-id"], name="report_of_target"),
            models.Index(
                fields=["id"],
                name="report_untold",
                condition=Q(outcome_told_at__isnull=True) & ~Q(outcome="") & Q(reporter__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Evidence(models.Model):
    """A subject as it was when it was reported: text, versions, media by content. Rows only come."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence")
    taken_at = models.DateTimeField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "digest"], name="evidence_once_a_case"),
        ]

    def __str__(self) -> str:
        return f"evidence of case {self.case_id}"
