"""Reviewers from outside: people without a role to whom one single case was granted, for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q

from moderation.models.case import Case
from upscrolled.models import Account

GRANTED_AT_MOST: Final = timedelta(days=30)


class ReviewGrant(models.Model):
    """One case, granted `to` somebody `by` a moderator `until` a moment, and why. It ends by itself, or by a
    `ReviewGrantEnd`. Rows only come; PostgreSQL asks them whether somebody without a role may decide.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="grants")
    to = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False)
    by = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    because = models.TextField()
    created_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(until__gt=F("created_at"), until__lte=F("created_at") + GRANTED_AT_MOST),
                name="a_grant_ends_within_30_days",
            ),
            models.CheckConstraint(condition=Q(because__regex=r"\S.{2,}"), name="a_grant_has_a_reason"),
            models.CheckConstraint(condition=~Q(to=F("by")), name="a_grant_is_for_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} granted to {self.to_id}"


class ReviewGrantEnd(models.Model):
    """That a grant was taken back before its time, by whom, and why."""

    grant = models.OneToOneField(ReviewGrant, models.PROTECT, primary_key=True, related_name="end")
    by = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    because = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(because__regex=r"\S.{2,}"), name="a_grant_ends_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"end of grant {self.grant_id}"
