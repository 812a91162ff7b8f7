"""What posts are found by, and which of them are still to be entered."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from feed.models.post import Post


class PostWords(models.Model):
    """The words of `post` in the form in which they are looked for, with its traits beside them as words of their own.

    Derived from the post, and made anew by `manage.py search_index`. It says nothing of who may see the post.
    """

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # What is entered waits in a list that every search reads through: kept short.
            GinIndex(fields=["words"], name="post_words", fastupdate=True, gin_pending_list_limit=512),
        ]

    def __str__(self) -> str:
        return f"words of {self.post_id}"


class Unindexed(models.Model):
    """A post whose words a worker has to enter (again); new posts need none of these, `feed_delivery` tells of them."""

    post_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"words of {self.post_id} to come"
