"""Who may set a clock or ask for a look before others: authorities with orders, and flaggers that the law appoints."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from moderation.models.case import Case
from upscrolled.models import Account


class LegalOrder(models.Model):
    """An order of an authority about one subject. Rows only come; what became of it is what became of its case.

    `law` is the legal basis that the statement of reasons names, `countries` how far the order reaches (none:
    everywhere), `deadline` when its clock runs out.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=20)
    authority = models.CharField(max_length=200)
    reference = models.CharField(max_length=100)
    law = models.CharField(max_length=300)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    demand = models.TextField()
    received_at = models.DateTimeField()
    deadline = models.DateTimeField()
    entered_by = models.ForeignKey(
        Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    entered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["authority", "reference", "case"], name="an_order_is_entered_once"
            ),
            models.CheckConstraint(condition=Q(law__regex=r"\S.{2,}"), name="an_order_names_its_law"),
            models.CheckConstraint(
                condition=Q(deadline__gt=F("received_at")), name="an_order_ends_after_it_came"
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.reference} of {self.authority}"


class TrustedFlagger(models.Model):
    """An organisation that a Digital Services Coordinator appointed (Article 22), and the account it reports with.

    `until` is set when it is a trusted flagger no more, `ended_because` says why.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="+")
    name = models.CharField(max_length=200)
    appointed_by = models.CharField(max_length=200)
    area = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended_because = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(ended_because__regex=r"\S.{2,}"),
                name="a_flagger_ends_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name
