"""What people in the demo say: the shape of one language's texts, and how a sentence is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

TOPICS = (
    "garden", "kitchen", "books", "bikes", "photos", "code", "music", "school", "sky", "sea", "crafts", "walks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """What there is to say of one thing. `{thing}`, `{place}` and `{n}` are filled in anew each time."""

    tags: tuple[str, ...]
    things: tuple[str, ...]
    posts: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language.

    A thread is told in several posts by the same person; a poll is a question with its answers, and the last one
    takes several. `quotes` stand above a post that is quoted. `news` is what the town talks of on the last day: each
    of them is said by somebody else, so that there are trends.
    """

    places: tuple[str, ...]
    openings: tuple[str, ...]
    closings: tuple[str, ...]
    topics: dict[str, Topic]
    replies: tuple[str, ...]
    thanks: tuple[str, ...]
    warnings: tuple[tuple[str, str], ...]
    polls: tuple[tuple[str, str, tuple[str, ...]], ...]
    quotes: tuple[str, ...]
    news: tuple[str, ...]
    threads: tuple[tuple[str, tuple[str, ...]], ...]


def post(words: Words, topic: str, rng: Random) -> str:
    """Say something about a topic, usually with a hashtag or two."""
    known = words.topics[topic]
    said = _filled(rng.choice(known.posts), words, known, rng)
    if rng.random() < 0.25:
        said = f"{_filled(rng.choice(words.openings), words, known, rng)} {said}"
    if rng.random() < 0.3:
        said = f"{said} {rng.choice(words.closings)}"
    wanted = rng.choices((0, 1, 2), (3, 5, 2))[0]
    tags = " ".join(f"#{tag}" for tag in rng.sample(known.tags, min(wanted, len(known.tags))))
    return f"{said}\n\n{tags}" if tags else said


def reply(words: Words, topic: str, rng: Random) -> str:
    """Answer somebody who spoke of a topic."""
    known = words.topics[topic]
    pool = known.answers if rng.random() < 0.45 else words.replies
    return _filled(rng.choice(pool), words, known, rng)


def _filled(text: str, words: Words, topic: Topic, rng: Random) -> str:
    # From 3 on, because Arabic counts one and two in other words.
    said = text.format(thing=rng.choice(topic.things), place=rng.choice(words.places), n=rng.randint(3, 9))
    return said[:1].upper() + said[1:]
