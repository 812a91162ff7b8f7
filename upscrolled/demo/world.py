"""A synthetic world for measurements: people and what stands between them, written in bulk.

What the operations would have written is written here too (counters, versions, notifications), so that the
product cannot tell the difference; `manage.py audit_counts` finds none. All of it, ids included, follows from
the seed and the moment `until`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from allauth.account.models import EmailAddress

from upscrolled.core import ids
from upscrolled.demo import bulk
from upscrolled.models import Account, AccountCounters, Notification

LANGUAGES = (("en", 50), ("ar", 30), ("fr", 20))
PRIVATE, HIDDEN, UNCONFIRMED, WAITING = 0.05, 0.03, 0.01, 0.15
BLOCKS, MUTES = 0.1, 0.2  # of each, for one account
SHARES_OFF, BELLS = 0.02, 0.01
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is. `follows` is the mean for one account; shares come on top of the posts."""

    accounts: int = 1_000
    posts: int = 20_000
    shares: int = 6_000
    follows: int = 20
    likes: int = 60_000
    story: timedelta = timedelta(days=30)


SIZES = {"small": Size()}


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody of the world; `pull` is how many come to read them, `talk` how much they write."""

    id: int
    username: str
    language: str
    pull: float
    talk: float
    locked: bool
    hidden: bool
    confirmed: bool


@dataclass
class World:
    """What the rooms build a world from. People are spoken of by their place in `people`."""

    rng: Random
    until: datetime
    password_hash: str
    size: Size
    people: list[Resident] = field(default_factory=list)
    follows: dict[Pair, bool] = field(default_factory=dict)  # (who, whom): whether the bell is on
    asked: set[Pair] = field(default_factory=set)
    blocks: set[Pair] = field(default_factory=set)
    mutes: dict[Pair, bool] = field(default_factory=dict)  # (who, whom): notifications too
    followers: list[list[int]] = field(default_factory=list)
    followees: list[list[int]] = field(default_factory=list)

    @property
    def begins(self) -> datetime:
        """When the first post is written; people have met by then."""
        return self.until - self.size.story

    def apart(self, one: int, other: int) -> bool:
        """Say whether either blocks the other."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def may_tell(self, recipient: int, actor: int) -> bool:
        """Say whether somebody is told what another did, by the rules of `operations/notify.py`."""
        return (
            recipient != actor and not self.apart(recipient, actor) and not self.mutes.get((recipient, actor))
        )


def populate(world: World) -> None:
    """Make the people, what they think of each other, and what they were told of it."""
    _meet(world)
    _relate(world)
    now = world.begins - timedelta(days=1)
    _write_people(world)
    _write_pairs(world, now)


# --- who there is ------------------------------------------------------------------------------------


def _meet(world: World) -> None:
    rng, size = world.rng, world.size
    codes, chances = [code for code, _ in LANGUAGES], [chance for _, chance in LANGUAGES]
    joined = world.begins - timedelta(days=30)
    for number in range(size.accounts):
        world.people.append(
            Resident(
                id=ids.first_at(joined + number * timedelta(minutes=1)) | number & 0x7FFF,
                username=f"person{number:04}",
                language=rng.choices(codes, chances)[0],
                pull=min(rng.paretovariate(1.05), 150.0),
                talk=min(rng.paretovariate(1.3), 30.0),
                locked=rng.random() < PRIVATE,
                hidden=rng.random() < HIDDEN,
                confirmed=rng.random() >= UNCONFIRMED,
            )
        )


def _relate(world: World) -> None:
    rng, size = world.rng, world.size
    everybody = range(size.accounts)
    confirmed = [one for one in everybody if world.people[one].confirmed]
    for pairs, rate in ((world.blocks, BLOCKS), (world.mutes, MUTES)):
        for _ in range(round(size.accounts * rate)):
            pair = (rng.choice(confirmed), rng.randrange(size.accounts))
            if pair[0] == pair[1]:
                continue
            if isinstance(pairs, dict):
                pairs[pair] = rng.random() < 0.7
            else:
                pairs.add(pair)
    pull = list(accumulate(person.pull for person in world.people))
    for one in confirmed:
        wanted = min(int(rng.lognormvariate(0, 1) * size.follows / 1.3), size.accounts // 3)
        for other in set(rng.choices(everybody, cum_weights=pull, k=wanted)):
            if other == one or world.apart(one, other):
                continue
            if world.people[other].locked and rng.random() < WAITING:
                world.asked.add((one, other))
            else:
                world.follows[one, other] = rng.random() < BELLS
    world.followers = [[] for _ in everybody]
    world.followees = [[] for _ in everybody]
    for one, other in world.follows:
        world.followers[other].append(one)
        world.followees[one].append(other)


# --- writing it down ---------------------------------------------------------------------------------


def _write_people(world: World) -> None:
    Account.objects.bulk_create(_account(world, person) for person in world.people)
    EmailAddress.objects.bulk_create(
        EmailAddress(
            user_id=person.id,
            email=f"{person.username}@people.example",
            primary=True,
            verified=person.confirmed,
        )
        for person in world.people
    )
    changes = Counter(one for one, _ in [*world.follows, *world.blocks, *world.mutes])
    changes.update(other for _, other in world.blocks)
    AccountCounters.objects.bulk_create(
        AccountCounters(
            account_id=person.id,
            followers=len(world.followers[number]),
            following=len(world.followees[number]),
            graph_version=1 + changes[number],
        )
        for number, person in enumerate(world.people)
    )


def _account(world: World, person: Resident) -> Account:
    joined = ids.created_at(person.id)
    return Account(
        id=person.id,
        username=person.username,
        email=f"{person.username}@people.example",
        password=world.password_hash,
        display_name=f"Person {person.username[-4:]}",
        note="Somebody of a world that is made to be measured.",
        locale=person.language,
        default_language=person.language,
        locked=person.locked,
        discoverable=not person.hidden,
        confirmed_at=joined if person.confirmed else None,
        agreed_at=joined,
    )


def _write_pairs(world: World, now: datetime) -> None:
    """Write each kind of pair; follows and requests tell their target, as long as nobody was muted."""
    id_of = [person.id for person in world.people]
    edge = ("account_id", "target_id", "created_at")
    options = ("reposts", "notify")
    bulk.copy(
        "upscrolled_follow",
        (*edge, *options),
        (
            (id_of[one], id_of[other], now, world.rng.random() >= SHARES_OFF, bell)
            for (one, other), bell in world.follows.items()
        ),
    )
    bulk.copy(
        "upscrolled_followrequest",
        (*edge, *options),
        ((id_of[one], id_of[other], now, True, False) for one, other in sorted(world.asked)),
    )
    bulk.copy(
        "upscrolled_block", edge, ((id_of[one], id_of[other], now) for one, other in sorted(world.blocks))
    )
    bulk.copy(
        "upscrolled_mute",
        (*edge, "notifications"),
        ((id_of[one], id_of[other], now, told) for (one, other), told in world.mutes.items()),
    )
    bulk.copy(
        "upscrolled_notification",
        ("recipient_id", "actor_id", "kind", "created_at"),
        ((id_of[other], id_of[one], kind, now) for one, other, kind in _told(world)),
    )


def _told(world: World) -> Iterator[tuple[int, int, str]]:
    for pairs, kind in (
        (list(world.follows), Notification.Kind.FOLLOW),
        (sorted(world.asked), Notification.Kind.FOLLOW_REQUEST),
    ):
        for one, other in pairs:
            if world.may_tell(other, one):
                yield one, other, kind.value
