"""Nouns of the feed."""

from feed.models.candidate import Candidate, Uncounted
from feed.models.card import Card, CardBan, CardSite, PostCard
from feed.models.interaction import Bookmark, Like
from feed.models.media import PostMedia
from feed.models.outbox import Delivery, IdempotencyKey
from feed.models.personal import (
    FeaturedTag,
    Filter,
    FilterKeyword,
    FilterPost,
    ListMember,
    Pin,
    ReadingList,
    TagFollow,
    ThreadMute,
)
from feed.models.poll import Poll, PollVote
from feed.models.pool import DiscoverChoice, FrozenPool, HiddenPost, Impressions, PoolAudit
from feed.models.post import Post, PostCounters, PostEdit, QuoteState, SideCount
from feed.models.scheduled import ScheduledPost
from feed.models.tag import Link, LinkDay, PostLink, PostTag, Tag, TagDay
from feed.models.words import PostWords, Unindexed

__all__ = [
    "Bookmark",
    "Candidate",
    "Card",
    "CardBan",
    "CardSite",
    "Delivery",
    "DiscoverChoice",
    "FeaturedTag",
    "Filter",
    "FilterKeyword",
    "FilterPost",
    "FrozenPool",
    "HiddenPost",
    "IdempotencyKey",
    "Impressions",
    "Like",
    "Link",
    "LinkDay",
    "ListMember",
    "Pin",
    "Poll",
    "PollVote",
    "PoolAudit",
    "Post",
    "PostCard",
    "PostCounters",
    "PostEdit",
    "PostLink",
    "PostMedia",
    "PostTag",
    "PostWords",
    "QuoteState",
    "ReadingList",
    "ScheduledPost",
    "SideCount",
    "Tag",
    "TagDay",
    "TagFollow",
    "ThreadMute",
    "Uncounted",
    "Unindexed",
]
