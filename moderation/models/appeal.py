"""Appeals: a second look by somebody else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from moderation.models.case import Report
from moderation.models.decision import Decision
from upscrolled.models import Account

TEXT_MAX = 5_000


class Appeal(models.Model):
    """What the restricted account says against a decision, or a reporter against the refusal of a report.

    `account` is None for who sent a notice without one.

    That whoever decides it stands nowhere in the chain before, the database checks (`moderation_other_person`).
    """

    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="appeals")
    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="appeals")
    account = models.ForeignKey(Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    text = models.TextField()
    filed_at = models.DateTimeField()
    deadline = models.DateTimeField()
    state = models.CharField(max_length=10, default="filed")
    claimed_by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    claimed_until = models.DateTimeField(null=True)
    version = models.IntegerField(default=0)
    decided_by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(decision__isnull=False, report__isnull=True)
                | Q(decision__isnull=True, report__isnull=False),
                name="appeal_against_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(report__isnull=False),
                name="who_has_no_account_appeals_a_notice",
            ),
            models.UniqueConstraint(
                fields=["report"], condition=Q(account__isnull=True), name="one_appeal_a_notice"
            ),
            models.UniqueConstraint(fields=["decision", "account"], name="one_appeal_a_decision"),
            models.UniqueConstraint(fields=["report", "account"], name="one_appeal_a_report"),
            models.CheckConstraint(
                condition=Q(state__in=["filed", "claimed"], decided_by__isnull=True, decided_at__isnull=True)
                | (
                    Q(state__in=["upheld", "overturned"], decided_by__isnull=False, decided_at__isnull=False)
                    & Q(answer__regex=r"\S.{10,}")
                ),
                name="a_decided_appeal_has_an_answer",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["deadline", "id"], name="appeal_queue", condition=Q(state__in=["filed", "claimed"])
            ),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"


class AppealEvent(models.Model):
    """A step of an appeal: what, by whom (nobody: the clock, or who has no account), and why. Rows only come."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    actor = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    reason = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.kind} of appeal {self.appeal_id}"
