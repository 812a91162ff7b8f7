"""Restriction: the one way in which anything is shown to fewer people than its author chose."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

HOLD_MAX = timedelta(hours=72)
_OF_CONTENT = ("removed", "sensitive", "age_limited", "hold")
# What can be done to what; PostgreSQL refuses anything else.
FITTING: Final[dict[str, tuple[str, ...]]] = {
    "account": ("hidden_from_discover", "uncounted", "account_limited", "account_suspended", "hold"),
    "post": (*_OF_CONTENT, "hidden_from_discover", "replies_off"),
    "message": _OF_CONTENT,
    "media": _OF_CONTENT,
    "hashtag": ("hidden_from_discover",),
    "handle": ("removed", "hold"),
}
_FITS = reduce(or_, (Q(subject_kind=subject, kind__in=kinds) for subject, kinds in FITTING.items()))


class Restriction(models.Model):
    """A row that lowers the reach of a subject, from `starts_at` until `ends_at`, for a decision's reasons.

    The ground reads these rows in `visibility.py`; only moderation, above, writes them, and its own
    migration ties `decision_id` to the decision with the statement and the notice.
    """

    class Subject(models.TextChoices):
        """What is restricted."""

        ACCOUNT = "account"
        POST = "post"
        MESSAGE = "message"
        MEDIA = "media"
        HASHTAG = "hashtag"
        HANDLE = "handle"

    class Kind(models.TextChoices):
        """What the restriction does."""

        REMOVED = "removed"
        HIDDEN_FROM_DISCOVER = "hidden_from_discover"
        SENSITIVE = "sensitive"
        AGE_LIMITED = "age_limited"
        REPLIES_OFF = "replies_off"
        UNCOUNTED = "uncounted"
        ACCOUNT_LIMITED = "account_limited"
        ACCOUNT_SUSPENDED = "account_suspended"
        HOLD = "hold"

    subject_kind = models.CharField(max_length=10, choices=Subject)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=24, choices=Kind)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    decision_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="restriction_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(kind="hold") | Q(ends_at__isnull=False, ends_at__lte=F("starts_at") + HOLD_MAX),
                name="hold_ends_within_72_hours",
            ),
            models.CheckConstraint(condition=_FITS, name="restriction_fits_its_subject"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_kind", "subject_id"], name="restriction_subject"),
            models.Index(
                fields=["subject_id"],
                name="restriction_of_acting",
                condition=Q(subject_kind="account", kind__in=["account_suspended", "hold"]),
            ),
            models.Index(
                fields=["subject_id"],
                name="restriction_of_tickets",
                condition=Q(subject_kind="account", kind="uncounted"),
            ),
            models.Index(fields=["starts_at"], name="restriction_begins"),
            models.Index(fields=["ends_at"], name="restriction_ends", condition=Q(ends_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.subject_kind} {self.subject_id}"
