"""How people of the demo react: what is said is remembered, and who likes, shares, edits or votes, and when."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import NamedTuple

from feed import poll_ends
from feed.facts import PostFacts
from feed.operations import interact, revise, vote
from feed.post_types.poll import PollFacts
from feed.post_types.text import Words
from feed.queries import posts
from upscrolled.demo.scene import Scene
from upscrolled.models import Audience
from upscrolled.viewer import Viewer

EDITS = 0.02
POLL_LASTS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Told:
    """A post as the story remembers it."""

    facts: PostFacts
    by: str
    topic: str
    at: datetime


class Answer(NamedTuple):
    """Somebody is going to react to a post. Ordered by time; `number` breaks ties the same way each time."""

    at: datetime
    number: int
    verb: str
    by: str
    told: Told


@dataclass
class Story:
    """What has been told so far, and what is still to come."""

    scene: Scene
    told: list[Told] = field(default_factory=list)
    coming: list[Answer] = field(default_factory=list)
    unfinished: deque[tuple[Told, tuple[str, ...]]] = field(default_factory=deque)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def rng(self) -> Random:
        return self.scene.rng


def expect(story: Story, told: Told) -> None:
    """Decide now who is going to react to a post, and when."""
    rng, scene = story.rng, story.scene
    public = told.facts.audience != Audience.FOLLOWERS
    mean = scene.roles[told.by].popular * (0.85 if told.facts.in_reply_to_id is None else 0.25)
    readers = scene.followers(told.by)
    if public:
        readers += rng.sample(list(scene.roles), 6)
    crowd = [name for name in dict.fromkeys(readers) if name in who_may_see(story, told)]
    rng.shuffle(crowd)
    likes = min(len(crowd), int(rng.expovariate(1 / mean)))
    shares = int(rng.expovariate(1 / (0.45 * mean))) if public else 0
    for name in crowd[:likes]:
        _plan(story, "like", name, told)
        if rng.random() < 0.07:
            _plan(story, "bookmark", name, told)
    for name in crowd[: min(shares, likes)]:
        _plan(story, "repost", name, told)
    if rng.random() < EDITS:
        _plan(story, "edit", told.by, told)


def ask(story: Story, told: Told) -> None:
    """Decide who is going to vote in a poll that was just opened, and that its end is told."""
    crowd = who_may_see(story, told)
    for name in story.rng.sample(crowd, min(len(crowd), story.rng.randint(12, 30))):
        _plan(story, "vote", name, told)
    _plan(story, "end", told.by, told, at=told.at + POLL_LASTS)


def _plan(story: Story, verb: str, by: str, told: Told, at: datetime | None = None) -> None:
    soon = timedelta(seconds=20 + story.rng.expovariate(1 / (3 * 3600)))
    heappush(story.coming, Answer(at or story.scene.now + soon, next(story.numbers), verb, by, told))


def react(story: Story, *, until: datetime) -> None:
    """Let happen what was expected before this moment."""
    while story.coming and story.coming[0].at <= until:
        answer = heappop(story.coming)
        story.scene.pass_time(answer.at)
        _do(story.scene, answer)


def _do(scene: Scene, answer: Answer) -> None:
    by, post = scene.people[answer.by], answer.told.facts
    match answer.verb:
        case "like":
            interact.like(post, by=by, now=scene.now)
        case "bookmark":
            interact.bookmark(post, by=by, now=scene.now)
        case "repost":
            interact.repost(post, by=by, audience=Audience.PUBLIC, now=scene.now)
        case "vote" if scene.now < answer.told.at + POLL_LASTS:
            vote.vote(post, by=by, choices=_choices(scene, answer), now=scene.now)
        case "end":
            poll_ends.announce(now=scene.now, at_most=1)
        case "edit":
            before = posts.source(Viewer(by), post.id)
            text = f"{before.text} 🙂"
            edit = revise.Edit({"text": Words(text, before.warning)})
            revise.edit_post(post.id, by=by, edit=edit, now=scene.now)


def _choices(scene: Scene, answer: Answer) -> list[int]:
    """Choose among the answers, the first ones more often."""
    poll: PollFacts = answer.told.facts.attached["poll"]
    ranks = [1 / (2 + number) for number in range(len(poll.options))]
    wanted = scene.rng.randint(1, 2) if poll.multiple else 1
    return list({*scene.rng.choices(range(len(poll.options)), ranks, k=wanted)})


def who_may_see(story: Story, told: Told) -> list[str]:
    """Return who may see a post and is not its author, in the order of the cast."""
    scene = story.scene
    near = scene.followers(told.by) if told.facts.audience == Audience.FOLLOWERS else list(scene.roles)
    return [name for name in near if name != told.by and frozenset((name, told.by)) not in scene.apart]
