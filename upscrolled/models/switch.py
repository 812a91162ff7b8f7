"""Switch: what the operator turned, in force without a restart; and the record of every turn."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from upscrolled.models.account import Account


class Switch(models.Model):
    """The present value of a switch that was ever turned. One without a row stands at its default.

    Which switches there are, and what they mean, is declared in `upscrolled/switches.py`.
    """

    name = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=40)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    because = models.TextField()

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class SwitchTurn(models.Model):
    """One turn of a switch: who, when, from what, to what, why. Rows are only ever added.

    `turned_by` is null for whoever has the server's shell.
    """

    name = models.CharField(max_length=40)
    before = models.CharField(max_length=40)
    after = models.CharField(max_length=40)
    turned_at = models.DateTimeField()
    turned_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    because = models.TextField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["name", "-id"], name="turns_of_switch")]

    def __str__(self) -> str:
        return f"{self.name}: {self.before} to {self.after}"
