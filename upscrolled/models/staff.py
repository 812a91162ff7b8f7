"""Roles of the staff: who has which, where, from when until when, given by whom and why. Rows only come."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from upscrolled.models.account import Account
from upscrolled.roles import LANES_OF_LAW, ROLES, UNLIMITED

GIVEN_AT_MOST: Final = timedelta(days=366)


def _limit() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=20), default=list, blank=True)


class StaffRole(models.Model):
    """A role that somebody has. `by` is None for the server's shell, which alone gives one without an end.

    `lanes`, `kinds` (of subjects) and `languages` limit in which cases it holds; empty is no limit. It ends with
    `until`, or with the earliest `StaffRoleEnd`. `Account.role` follows from these rows, and decides nothing.
    """

    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False)
    role = models.CharField(max_length=20)
    lanes = _limit()
    kinds = _limit()
    languages = _limit()
    by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    because = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="a_role_is_known"),
            models.CheckConstraint(condition=Q(because__regex=r"\S.{2,}"), name="a_role_has_a_reason"),
            models.CheckConstraint(
                condition=Q(until=None, by=None)
                | Q(until__isnull=False, until__gt=F("since"), until__lte=F("since") + GIVEN_AT_MOST),
                name="a_role_given_by_somebody_ends_within_a_year",
            ),
            models.CheckConstraint(
                condition=Q(by=None) | ~Q(account=F("by")), name="a_role_is_given_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=~Q(role__in=list(UNLIMITED)) | Q(lanes=[], kinds=[], languages=[]),
                name="admin_and_policy_have_no_limits",
            ),
            models.CheckConstraint(
                condition=~Q(role="legal") | (~Q(lanes=[]) & Q(lanes__contained_by=list(LANES_OF_LAW))),
                name="legal_works_in_lanes_of_law",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.account_id}"


class StaffRoleEnd(models.Model):
    """That a role ends at a moment before its time, who wants so, and why. The earliest of several counts."""

    staff_role = models.ForeignKey(StaffRole, models.PROTECT, related_name="ends")
    at = models.DateTimeField()
    by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    because = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(because__regex=r"\S.{2,}"), name="a_role_ends_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"end of {self.staff_role_id}"
