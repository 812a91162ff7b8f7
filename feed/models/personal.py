"""What one person keeps in the feed: pins, muted threads, lists, filters, hashtags they follow or feature."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from feed.models.post import Post
from feed.models.tag import Tag
from upscrolled.models import Account


class Pin(models.Model):
    """A post that its author shows on top of their profile."""

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-created_at"], name="pins_of_account"),
        ]

    def __str__(self) -> str:
        return f"pin of {self.post_id}"


class ThreadMute(models.Model):
    """`account` wants no notifications from the thread that the post `thread_id` began."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    thread_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "thread_id"], name="one_mute_per_thread"),
        ]

    def __str__(self) -> str:
        return f"thread {self.thread_id} for {self.account_id}"


class ReadingList(models.Model):
    """Some of the people somebody follows, read apart; `exclusive` keeps their posts out of home."""

    class Replies(models.TextChoices):
        """Whose answers the list shows: those to anybody followed, to members of the list, or none."""

        FOLLOWED = "followed"
        LIST = "list"
        NONE = "none"

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    replies = models.CharField(max_length=10, choices=Replies, default=Replies.LIST)
    exclusive = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class ListMember(models.Model):
    """`account` stands on `reading_list` for as long as the follow `follow_id` lasts.

    The end of a follow, however it comes, ends this too without a write: rows are read joined to the follow,
    and a new follow has a new id. A row that has lost its follow is replaced or removed by the next change. Whoever
    owns the list may stand on it, too, with `ONESELF` in the place of a follow.
    """

    ONESELF: ClassVar = 0

    reading_list = models.ForeignKey(ReadingList, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    follow_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reading_list", "account"], name="once_on_a_list"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} on {self.reading_list_id}"


class Filter(models.Model):
    """Words and posts that somebody does not want to meet in some contexts.

    Clients act on a match (`action`). `irreversible` filters, which only the first version of the API makes,
    hide at the server: what matches is left out of home and notifications.
    """

    class Action(models.TextChoices):
        """What a client does with a match."""

        WARN = "warn"
        HIDE = "hide"
        BLUR = "blur"

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    title = models.TextField()
    contexts = ArrayField(models.CharField(max_length=15))
    action = models.CharField(max_length=5, choices=Action, default=Action.WARN)
    irreversible = models.BooleanField(db_default=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class FilterKeyword(models.Model):
    """A word or phrase of a filter."""

    filter = models.ForeignKey(Filter, models.CASCADE, related_name="+")
    keyword = models.TextField()
    whole_word = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.keyword


class FilterPost(models.Model):
    """A single post of a filter."""

    filter = models.ForeignKey(Filter, models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["filter", "post"], name="once_in_a_filter"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} in {self.filter_id}"


class TagFollow(models.Model):
    """`account` wants posts with `tag` in home."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "tag"], name="one_tag_follow_each"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="tagfollow_from"),
            models.Index(fields=["tag", "account"], name="tagfollow_to"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} follows {self.tag_id}"


class FeaturedTag(models.Model):
    """A hashtag that somebody shows on their profile."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "tag"], name="featured_once"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} of {self.account_id}"
