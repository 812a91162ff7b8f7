"""What one person keeps for themselves: notes on others, recommendations, reading positions, news they have read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from upscrolled.models.account import Account
from upscrolled.models.relationship import _Edge


class AccountNote(_Edge):
    """A private remark of `account` about `target`."""

    text = models.TextField()

    class Meta(_Edge.Meta):
        pass


class Endorsement(_Edge):
    """`account` recommends `target` on their profile."""

    class Meta(_Edge.Meta):
        pass


class DismissedSuggestion(_Edge):
    """`account` does not want `target` suggested again."""

    class Meta(_Edge.Meta):
        pass


class Marker(models.Model):
    """How far `account` has read in a timeline, shared by all their devices."""

    class Timeline(models.TextChoices):
        """Lists that remember a position."""

        HOME = "home"
        NOTIFICATIONS = "notifications"

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    timeline = models.CharField(max_length=15, choices=Timeline)
    last_read_id = models.BigIntegerField()
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "timeline"], name="one_marker_per_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.timeline} of {self.account_id}"


class Announcement(models.Model):
    """News of the house for everybody signed in, from `starts_at` until `ends_at` where these are set."""

    text = models.TextField()
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    all_day = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:40]


class AnnouncementRead(models.Model):
    """`account` has read this news."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "announcement"], name="news_read_once"),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} read by {self.account_id}"


class AnnouncementReaction(models.Model):
    """`account` answers news of the house with an emoji."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="+")
    name = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "announcement", "name"], name="one_reaction_each"),
        ]

    def __str__(self) -> str:
        return self.name


class AnnouncementTally(models.Model):
    """How many answer news of the house with this emoji: a number of its own, since everybody may answer."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="tallies", db_index=False)
    name = models.CharField(max_length=20)
    count = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["announcement", "name"], name="one_tally_per_emoji"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"


class HouseRule(models.Model):
    """A rule of the house, as people read it when they sign up and report; `texts` by language."""

    position = models.IntegerField(default=0)
    texts = models.JSONField(default=dict)
    hints = models.JSONField(default=dict, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.texts.get("en", self.pk))
