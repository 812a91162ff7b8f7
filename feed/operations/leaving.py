"""What people who left have published and kept in this room goes once the ground has erased them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from feed.models import (
    Bookmark,
    DiscoverChoice,
    FeaturedTag,
    Filter,
    HiddenPost,
    IdempotencyKey,
    ListMember,
    Post,
    ReadingList,
    ScheduledPost,
    TagFollow,
    ThreadMute,
)
from feed.operations.revise import delete_post
from upscrolled import acting
from upscrolled.core.errors import NotFound
from upscrolled.models import Account, Departure

ACCOUNTS_AT_ONCE, POSTS_AT_ONCE = 100, 500
_OWN: Final = (
    Bookmark,
    DiscoverChoice,
    FeaturedTag,
    Filter,
    HiddenPost,
    IdempotencyKey,
    ListMember,
    ReadingList,
    ScheduledPost,
    TagFollow,
    ThreadMute,
)


def empty_erased(*, now: datetime) -> int:
    """Delete posts, shares and media of erased accounts, at most POSTS_AT_ONCE; return how many posts went.

    Nobody tells: the rows of `Departure` say who is erased and not empty yet.
    """
    count = 0
    waiting = Departure.objects.filter(erased_at__isnull=False, emptied_at=None).select_related("account")
    for departure in waiting.order_by("account")[:ACCOUNTS_AT_ONCE]:
        count += _delete_posts(departure.account, POSTS_AT_ONCE - count, now)
        if count >= POSTS_AT_ONCE:
            break
        _empty(departure, now)
    return count


@transaction.atomic
def _empty(departure: Departure, now: datetime) -> None:
    acting.as_owner(departure.account_id)  # it was their wish
    for own in _OWN:
        own.objects.filter(account=departure.account_id).delete()
    Departure.objects.filter(pk=departure.pk, emptied_at=None).update(emptied_at=now)


def _delete_posts(account: Account, at_most: int, now: datetime) -> int:
    posts = Post.objects.filter(author=account, deleted_at=None).order_by("-id")
    count = 0
    for post_id in list(posts.values_list("pk", flat=True)[:at_most]):
        try:
            delete_post(post_id, by=account, now=now, with_media=True)
        except NotFound:  # another worker was first
            continue
        count += 1
    return count
