"""The surge: two weeks in which a site grew from hundreds of sign-ups a day to hundreds of thousands.

A world of this size is made inside PostgreSQL (`bulk.py`); what follows is how many of everything there are,
and the people. Chance is a hash of a row's number and the seed, never `random()`: the same seed makes the same
world, whatever plan a statement gets. Unconfirmed accounts (each hundredth) do nothing.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress

from upscrolled.demo.progress import Step
from upscrolled.demo.surge import people, relations
from upscrolled.demo.surge.story import (
    ACCOUNTS,
    ACTIVE,
    BLOCKS,
    BUSY,
    BUSY_EACH,
    CURIOUS,
    CURIOUS_FOLLOWS,
    DAY_MS,
    FAMOUS,
    FAMOUS_SHARE,
    FEW,
    HOST,
    LIKES,
    LUCKY,
    LUCKY_SHARE,
    MANY,
    MUTES,
    NAMED,
    PIONEERS,
    POSTS,
    READER,
    SIGN_UPS,
    SMALLEST,
    STORY,
    TOLD,
    Surge,
    at_day,
    moment,
    over_days,
)
from upscrolled.models import Account, AccountCounters, Block, Follow, Mute, Notification

__all__ = [
    "ACCOUNTS",
    "ACTIVE",
    "BLOCKS",
    "BUSY",
    "BUSY_EACH",
    "CURIOUS",
    "CURIOUS_FOLLOWS",
    "DAY_MS",
    "FAMOUS",
    "FAMOUS_SHARE",
    "FEW",
    "HOST",
    "LIKES",
    "LUCKY",
    "LUCKY_SHARE",
    "MANY",
    "MUTES",
    "NAMED",
    "PIONEERS",
    "POSTS",
    "READER",
    "SIGN_UPS",
    "SMALLEST",
    "STORY",
    "TABLES",
    "TOLD",
    "Surge",
    "at_day",
    "moment",
    "over_days",
    "steps",
]

TABLES = tuple(
    model._meta.db_table
    for model in (Account, AccountCounters, EmailAddress, Follow, Block, Mute, Notification)
)


def steps(surge: Surge) -> list[Step]:
    """Return what makes the people, in order. `scratch.person` is there afterwards, for the rooms above."""
    return [
        Step("who signs up, and when", lambda: people.draw(surge)),
        Step("accounts", lambda: people.write_accounts(surge)),
        Step("addresses", people.write_addresses),
        Step("who follows whom: drawn", lambda: relations.draw_follows(surge)),
        Step("who follows whom: in their order", relations.write_follows),
        Step("blocks and mutes", lambda: relations.write_apart(surge)),
        Step("numbers of each account", lambda: relations.write_numbers(surge)),
        Step("who is told of a new follower", lambda: relations.write_news(surge)),
    ]
