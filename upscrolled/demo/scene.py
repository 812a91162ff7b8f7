"""The scene of the demo: who is there, whom they follow, and the clock of the story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from upscrolled.demo import house, looks
from upscrolled.demo.cast import CAST, STAFF, Role
from upscrolled.models import Account
from upscrolled.operations import accounts, relationships

PASSWORD = "hello-salam-bonjour"
MET, STORY = timedelta(days=28), timedelta(days=21)
FOLLOWS, FRIENDS = 13, 2
_JOINING = timedelta(days=40)


@dataclass
class Scene:
    """What the rooms build the demo from.

    For one seed the same people say the same things in the same order and at the same distances in time;
    `until`, the moment at which the story ends, moves all of it. Only the lower 16 bits of ids, which keep
    processes apart, are drawn anew each time.
    """

    rng: Random
    until: datetime
    password_hash: str
    posts: int = 1_000
    people: dict[str, Account] = field(default_factory=dict)
    staff: dict[str, Account] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    follows: dict[str, set[str]] = field(default_factory=dict)
    apart: set[frozenset[str]] = field(default_factory=set)
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.until - _JOINING

    def pass_time(self, until: datetime) -> None:
        """Move the clock on; it never goes back."""
        self.now = max(self.now, until)

    def followers(self, username: str) -> list[str]:
        """Return who follows somebody, in the order of the cast."""
        return [name for name in self.roles if username in self.follows[name]]


@transaction.atomic
def seed(scene: Scene) -> None:
    """Bring the people in, and let them find each other."""
    _join(scene)
    looks.dress(scene)
    _follow(scene)
    _part(scene)
    house.furnish(scene)
    scene.pass_time(scene.until - STORY)


def _join(scene: Scene) -> None:
    step = (_JOINING - MET) / (len(CAST) + len(STAFF))
    for username, display_name, note, role in STAFF:
        scene.staff[username] = _account(
            scene, username, display_name=display_name, note=note, locale="en", role=role
        )
        scene.pass_time(scene.now + step)
    for person in CAST:
        scene.roles[person.username] = person
        scene.follows[person.username] = set()
        scene.people[person.username] = _account(
            scene,
            person.username,
            display_name=person.display_name,
            note=person.note,
            locale=person.language,
            locked=person.locked,
            discoverable=not person.hidden,
        )
        scene.pass_time(scene.now + step)


def _account(
    scene: Scene,
    username: str,
    *,
    display_name: str,
    note: str,
    locale: str,
    role: str = "",
    locked: bool = False,
    discoverable: bool = True,
) -> Account:
    return accounts.create_account(
        username=username,
        email=f"{username}@people.example",
        password_hash=scene.password_hash,
        confirmed=True,
        role=role,
        agreed_at=scene.now,
        now=scene.now,
        display_name=display_name,
        note=note,
        locale=locale,
        default_language=locale,
        locked=locked,
        discoverable=discoverable,
    )


def _follow(scene: Scene) -> None:
    """Everybody follows about a dozen people, private accounts let most of them in."""
    pairs = [(name, other) for name in scene.roles for other in _wanted(scene, name)]
    scene.rng.shuffle(pairs)
    for name, other in pairs:
        scene.pass_time(scene.now + (MET - STORY) / (len(pairs) + 1))
        me, them = scene.people[name], scene.people[other]
        relationships.follow(them, by=me, now=scene.now)
        if them.locked:
            if scene.rng.random() < 0.3:
                continue  # still waiting for an answer
            relationships.authorize_request(me, by=them, now=scene.now)
        scene.follows[name].add(other)


def _wanted(scene: Scene, name: str) -> list[str]:
    """Choose whom somebody wants to read: popular people, those of their language and their interests."""
    me = scene.roles[name]
    others = [role for role in scene.roles.values() if role.username != name]
    chosen: list[str] = []
    for _ in range(scene.rng.randint(FOLLOWS - 5, FOLLOWS + 5)):
        weights = [0.0 if role.username in chosen else role.popular * _closeness(me, role) for role in others]
        chosen.append(scene.rng.choices(others, weights)[0].username)
    return chosen


def _closeness(one: Role, other: Role) -> float:
    shared = len(set(one.topics) & set(other.topics))
    return (4.0 if one.language == other.language else 1.0) * (1 + 2 * shared)


def _part(scene: Scene) -> None:
    """A few people mute or block somebody, so that both can be tried."""
    names = list(scene.roles)
    for index in range(6):
        one, other = scene.rng.sample(names[10:], 2)
        pair = frozenset((one, other))
        if pair in scene.apart:
            continue
        if index % 2:
            relationships.mute(scene.people[other], by=scene.people[one], now=scene.now)
            continue
        relationships.block(scene.people[other], by=scene.people[one], now=scene.now)
        scene.apart.add(pair)
        scene.follows[one].discard(other)
        scene.follows[other].discard(one)
