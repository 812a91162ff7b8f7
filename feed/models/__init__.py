"""Nouns of the feed."""

from feed.models.candidate import Candidate
from feed.models.interaction import Bookmark, Like
from feed.models.outbox import Delivery, IdempotencyKey
from feed.models.post import Post, PostCounters, PostEdit
from feed.models.tag import PostTag, Tag

__all__ = [
    "Bookmark",
    "Candidate",
    "Delivery",
    "IdempotencyKey",
    "Like",
    "Post",
    "PostCounters",
    "PostEdit",
    "PostTag",
    "Tag",
]
