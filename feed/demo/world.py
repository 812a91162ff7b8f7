"""The posts of a synthetic world: who says, answers, shares and likes what, and all that follows from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate

from feed.demo import rows, words
from feed.demo.languages import LANGUAGES
from upscrolled.core import ids
from upscrolled.demo.world import World
from upscrolled.models import Audience

REPLIES, NAMING, UNLISTED, FOLLOWERS = 0.35, 0.6, 0.08, 0.07
RECENT = 600  # people answer and share what was written lately
NEAR = 0.75  # how many of those who like a post follow its author


@dataclass(slots=True)
class Said:
    """A post, or a share (`shared` is the post). People and posts are spoken of by their place."""

    id: int
    at: datetime
    author: int
    audience: str
    text: str = ""
    topic: str = ""
    parent: int | None = None
    shared: int | None = None
    mentions: list[int] = field(default_factory=list)


@dataclass
class Told:
    """All that happened, in the order in which it happened."""

    said: list[Said] = field(default_factory=list)
    likes: dict[tuple[int, int], datetime] = field(default_factory=dict)  # (post, who)
    replies: Counter[int] = field(default_factory=Counter)


def populate(world: World) -> None:
    """Let the people of a world talk, and write it down with everything that the operations would write."""
    told = Told()
    _talk(world, told)
    _like(world, told)
    rows.write(world, told)


# --- talking -----------------------------------------------------------------------------------------


def _talk(world: World, told: Told) -> None:
    rng, size = world.rng, world.size
    count = size.posts + size.shares
    moments = sorted(rng.random() for _ in range(count))
    sharing = set(rng.sample(range(count // 20, count), size.shares))
    talk = list(accumulate(person.talk if person.confirmed else 0.0 for person in world.people))
    authors = rng.choices(range(size.accounts), cum_weights=talk, k=count)
    shared: set[tuple[int, int]] = set()
    for number, (moment, author) in enumerate(zip(moments, authors, strict=True)):
        at = world.begins + size.story * moment
        post_id = ids.first_at(at) | number & 0x7FFF
        if number in sharing:
            _share(world, told, post_id, at, author, shared)
        else:
            _speak(world, told, post_id, at, author)


def _share(
    world: World, told: Told, post_id: int, at: datetime, author: int, shared: set[tuple[int, int]]
) -> None:
    for _ in range(200):
        original = _recent(world, told, author)
        if original is None or (author, original) in shared:
            continue
        if told.said[original].audience == Audience.FOLLOWERS:
            continue
        shared.add((author, original))
        told.said.append(Said(post_id, at, author, Audience.PUBLIC.value, shared=original))
        return
    raise RuntimeError("The world is too small for so many shares.")


def _speak(world: World, told: Told, post_id: int, at: datetime, author: int) -> None:
    rng, me = world.rng, world.people[author]
    parent = _recent(world, told, author) if told.said and rng.random() < REPLIES else None
    language = LANGUAGES[me.language]
    if parent is None:
        topic = rng.choice(words.TOPICS)
        content = "\n".join(words.post(language, topic, rng) for _ in range(rng.choice((1, 1, 2, 3))))
        told.said.append(Said(post_id, at, author, _audience(world, author), content, topic))
        return
    answered = told.said[parent]
    content = words.reply(language, answered.topic, rng)
    mentions = [answered.author] if rng.random() < NAMING else []
    if mentions:
        content = f"@{world.people[answered.author].username} {content}"
    close = answered.audience == Audience.FOLLOWERS or me.locked
    audience = Audience.FOLLOWERS if close else Audience.PUBLIC
    told.replies[parent] += 1
    told.said.append(
        Said(post_id, at, author, audience.value, content, answered.topic, parent, mentions=mentions)
    )


def _audience(world: World, author: int) -> str:
    if world.people[author].locked:
        return Audience.FOLLOWERS.value
    kinds = (Audience.UNLISTED, Audience.FOLLOWERS, Audience.PUBLIC)
    chances = (UNLISTED, FOLLOWERS, 1 - UNLISTED - FOLLOWERS)
    return world.rng.choices(kinds, chances)[0].value


def _recent(world: World, told: Told, reader: int) -> int | None:
    """Return something of late that a reader may see: rather of people they follow, rather much answered."""
    first = max(0, len(told.said) - RECENT)
    best: int | None = None
    for _ in range(6):
        number = world.rng.randrange(first, len(told.said)) if told.said else -1
        if number < 0 or told.said[number].shared is not None or not _sees(world, told, reader, number):
            continue
        liked = (told.said[number].author in world.followees[reader], told.replies[number])
        if best is None or liked > (told.said[best].author in world.followees[reader], told.replies[best]):
            best = number
    return best


def _sees(world: World, told: Told, reader: int, number: int) -> bool:
    said = told.said[number]
    if said.author == reader:
        return True
    if world.apart(reader, said.author):
        return False
    return said.audience != Audience.FOLLOWERS or (reader, said.author) in world.follows


# --- liking ------------------------------------------------------------------------------------------


def _like(world: World, told: Told) -> None:
    """Spread likes: a few posts get very many, most get one or none."""
    rng = world.rng
    originals = [number for number, said in enumerate(told.said) if said.shared is None]
    worth = list(
        accumulate(
            rng.paretovariate(1.2) * world.people[told.said[number].author].pull ** 0.5
            for number in originals
        )
    )
    confirmed = [one for one, person in enumerate(world.people) if person.confirmed]
    found: dict[tuple[int, int], datetime] = {}
    for _ in range(50):
        missing = world.size.likes - len(found)
        for number in rng.choices(originals, cum_weights=worth, k=missing):
            said = told.said[number]
            near = world.followers[said.author]
            who = rng.choice(near if near and rng.random() < NEAR else confirmed)
            if (number, who) not in found and _sees(world, told, who, number):
                at = said.at + timedelta(seconds=5 + rng.expovariate(1 / (6 * 3600)))
                found[number, who] = min(at, world.until)
        if len(found) == world.size.likes:
            break
    told.likes = dict(sorted(found.items(), key=lambda item: item[1]))
