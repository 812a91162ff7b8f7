"""At the door: the mode of a rule where an operator chose another, and how often each rule was met."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from upscrolled.models import Account


class ScreenMode(models.Model):
    """The mode in which a rule works, in place of the one it was shipped with."""

    rule = models.CharField(max_length=60, primary_key=True)
    mode = models.CharField(max_length=10)
    because = models.TextField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rule}: {self.mode}"


class ScreenTurn(models.Model):
    """That a rule works in another mode from then on: who (None: the server's shell), and why. Rows only come.

    PostgreSQL refuses a `ScreenMode` without one.
    """

    rule = models.CharField(max_length=60)
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    because = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        Account, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )

    def __str__(self) -> str:
        return f"{self.rule}: {self.before} to {self.after}"


class ScreenHits(models.Model):
    """How often a rule was met on a day; what was written is not kept."""

    rule = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    mode = models.CharField(max_length=10)
    field = models.CharField(max_length=10)
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rule", "version", "mode", "field", "day"], name="hits_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.rule} on {self.day}"


class ProfileWritten(models.Model):
    """When somebody last wrote their name or bio anew, after they came; when they came their number says."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.account_id} wrote at {self.at}"


class RuleRehearsal(models.Model):
    """What the rules at the door would have met in what was written from `since` until `until`.

    It is worked on in batches, each of which is a transaction: `part` is where it stands (empty: at its end) and
    `after` the last number there that was looked at, so whoever goes on knows where. `rules` are the versions that
    were asked. `met` has for each rule how often it was met, and a few of what met it by field and number: what they
    say is read from where it stands.
    """

    rules = models.JSONField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    part = models.CharField(max_length=10, blank=True)
    after = models.BigIntegerField(default=0)
    looked_at = models.JSONField(default=dict)
    met = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(finished_at__isnull=True), name="one_rehearsal_runs"
            ),
            models.CheckConstraint(
                condition=models.Q(part="", finished_at__isnull=False)
                | (~models.Q(part="") & models.Q(finished_at__isnull=True)),
                name="a_rehearsal_ends_at_its_end",
            ),
        ]

    def __str__(self) -> str:
        return f"rehearsal from {self.since} until {self.until}"


class ScreenedTag(models.Model):
    """Up to which hashtag the clock has looked."""

    upto = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"hashtags up to {self.upto}"
