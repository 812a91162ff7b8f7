"""What stands in the public log beside decisions: steps of sealing, crisis mode, answers that restrict nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from moderation.models.case import Case
from upscrolled.models import Account

SEAL_BASES = ("bank_hit", "terror_order", "court_order", "child_abuse_inquiry")


class PublicAct(models.Model):
    """An entry of the public log that is no decision: canonical JSON without any identity, and its leaf hash.

    `ref` is the row that it tells of; it is not in the entry. Rows only come.
    """

    kind = models.CharField(max_length=12)
    ref = models.BigIntegerField()
    data = models.TextField()
    hash = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "ref"], name="an_act_is_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class SealStep(models.Model):
    """A step by which the statements of a case are kept from whom they concern until a moment, on a legal basis.

    Without `by` it is automatic: a hit in a bank of child abuse or terror, for a day. With it, one person proposes and
    another `confirms`; only then it binds. PostgreSQL checks who may, for how long, and that the log tells of it.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="seals")
    basis = models.CharField(max_length=20)
    reference = models.CharField(max_length=200)
    until = models.DateTimeField()
    by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    confirms = models.OneToOneField("self", models.PROTECT, null=True, related_name="confirmed_by")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(basis__in=SEAL_BASES), name="a_seal_has_a_legal_basis"),
            models.CheckConstraint(condition=Q(reference__regex=r"\S.{2,}"), name="a_seal_names_its_paper"),
            models.CheckConstraint(
                condition=Q(basis="bank_hit", by__isnull=True, confirms__isnull=True)
                | (~Q(basis="bank_hit") & Q(by__isnull=False)),
                name="only_a_bank_seals_by_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"seal step {self.pk} of case {self.case_id}"


class Crisis(models.Model):
    """A time in which so much comes in that the moderators work by other rules, which everybody can read.

    It ends by itself; sooner by a `CrisisEnd`. `begun_by` is None for the server's shell. Rows only come.
    """

    because = models.TextField()
    begun_by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + timedelta(hours=72)),
                name="a_crisis_ends_within_72_hours",
            ),
            models.CheckConstraint(condition=Q(because__regex=r"\S.{9,}"), name="a_crisis_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"crisis {self.pk}"


class CrisisEnd(models.Model):
    """That a crisis is over, and whether somebody ended it before its time (`by` None: the clock or the shell)."""

    crisis = models.OneToOneField(Crisis, models.PROTECT, primary_key=True, related_name="end")
    by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"end of crisis {self.crisis_id}"
