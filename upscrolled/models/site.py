"""What the clock works out for everybody, so that no request has to: who is followed lately, and the weeks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from upscrolled.models.account import Account


class PopularAccount(models.Model):
    """One of the accounts that were followed most lately; `score` is how many of the newest follows are theirs."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    score = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.account_id}: {self.score}"


class SiteWeek(models.Model):
    """The numbers of one week (from Monday, UTC); `logins` is how many people were here in it."""

    starts_on = models.DateField(primary_key=True)
    posts = models.IntegerField(default=0)
    logins = models.IntegerField(default=0)
    registrations = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(starts_on__iso_week_day=1), name="weeks_begin_on_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"week of {self.starts_on}"
