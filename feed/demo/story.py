"""The story of the demo: three weeks of posts, answers, likes and shares, in the order in which they happen."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import NamedTuple

from django.db import transaction

from feed.demo import words
from feed.demo.arabic import ARABIC
from feed.demo.english import ENGLISH
from feed.demo.french import FRENCH
from feed.facts import PostFacts
from feed.operations import interact, revise
from feed.operations.publish import Draft, Parent, publish_post
from feed.post_types.text import Words
from feed.queries import posts
from upscrolled.demo.scene import STORY, Scene
from upscrolled.models import Audience
from upscrolled.viewer import Viewer

LANGUAGES = {"ar": ARABIC, "en": ENGLISH, "fr": FRENCH}
ANSWERS, THREADS, WARNINGS, EDITS = 0.5, 0.035, 0.03, 0.01
TALK = timedelta(hours=30)  # how long people go on about a post
_WITH = {"ar": "مع", "en": "with", "fr": "avec"}
_BATCH = 250  # posts in one transaction: fewer commits, and one wake-up of the worker for all of them


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


def seed(scene: Scene) -> None:
    """Let three weeks pass."""
    story = Story(scene)
    moments = _moments(scene)
    for start in range(0, len(moments), _BATCH):
        with transaction.atomic():
            for moment in moments[start : start + _BATCH]:
                _react(story, until=moment)
                scene.pass_time(moment)
                _speak(story)
    with transaction.atomic():
        _react(story, until=scene.until)


def _moments(scene: Scene) -> list[datetime]:
    """Return when posts are written: more of them lately, the last a few minutes before the end."""
    chances = sorted(scene.rng.random() ** 0.6 for _ in range(scene.posts))
    return [scene.until - STORY * (1 - chance * 0.9998) for chance in chances]


# --- speaking ----------------------------------------------------------------------------------------


def _speak(story: Story) -> None:
    if story.unfinished:
        before, parts = story.unfinished.popleft()
        _continue_with(story, _publish(story, before.by, before.topic, parts[0], reply_to=before), parts[1:])
        return
    parent = _somebody_to_answer(story) if story.rng.random() < ANSWERS else None
    if parent is not None:
        _answer(story, parent)
    else:
        _begin(story)


def _begin(story: Story) -> None:
    """Somebody says something new."""
    rng, roles = story.rng, story.scene.roles
    username = rng.choices(list(roles), [role.popular + 2 for role in roles.values()])[0]
    language = LANGUAGES[roles[username].language]
    chance = rng.random()
    if chance < THREADS:
        topic, parts = rng.choice(language.threads)
        _continue_with(story, _publish(story, username, topic, parts[0]), parts[1:])
    elif chance < THREADS + WARNINGS:
        warning, text = rng.choice(language.warnings)
        _publish(story, username, rng.choice(roles[username].topics), text, warning=warning)
    else:
        topic = rng.choice(roles[username].topics if rng.random() < 0.85 else words.TOPICS)
        text = words.post(language, topic, rng)
        friends = [name for name in roles if name in story.scene.follows[username]]
        if friends and rng.random() < 0.06:
            text = f"{text}\n{_WITH[roles[username].language]} @{rng.choice(friends)}"
        _publish(story, username, topic, text, audience=_audience(rng))


def _continue_with(story: Story, before: Told, parts: tuple[str, ...]) -> None:
    """Let the author go on with a thread when the next post is due."""
    if parts:
        story.unfinished.append((before, parts))


def _audience(rng: Random) -> str:
    """Return an audience, or nothing for the author's own choice."""
    return rng.choices(("", Audience.UNLISTED, Audience.FOLLOWERS), (88, 5, 7))[0]


def _somebody_to_answer(story: Story) -> Told | None:
    """Choose a post of the last hours, rather a new one, rather one of somebody popular."""
    now = story.scene.now
    recent = [told for told in story.told[-120:] if now - told.at < TALK]
    if not recent:
        return None
    weights = [
        story.scene.roles[told.by].popular / (1 + (now - told.at) / timedelta(hours=3)) for told in recent
    ]
    return story.rng.choices(recent, weights)[0]


def _answer(story: Story, parent: Told) -> None:
    """Somebody who may see the post answers it; now and then the author thanks for an answer."""
    rng, roles = story.rng, story.scene.roles
    asked = parent.facts.in_reply_to_id is not None and rng.random() < 0.4
    original = next((t for t in reversed(story.told) if t.facts.id == parent.facts.in_reply_to_id), None)
    if asked and original is not None and original.by != parent.by:
        username, text = original.by, rng.choice(LANGUAGES[roles[original.by].language].thanks)
        text = text.format(n=rng.randint(3, 9))
    else:
        language = roles[parent.by].language
        near = [name for name in _who_may_see(story, parent) if roles[name].language == language]
        if not near:
            _begin(story)
            return
        username = rng.choice(near)
        text = words.reply(LANGUAGES[language], parent.topic, rng)
    if rng.random() < 0.35 or parent.by != (original or parent).by:
        text = f"@{parent.by} {text}"
    audience = Audience.FOLLOWERS if parent.facts.audience == Audience.FOLLOWERS else ""
    _publish(story, username, parent.topic, text, audience=audience, reply_to=parent)


def _who_may_see(story: Story, told: Told) -> list[str]:
    """Return who may see a post and is not its author, in the order of the cast."""
    scene = story.scene
    near = scene.followers(told.by) if told.facts.audience == Audience.FOLLOWERS else list(scene.roles)
    return [name for name in near if name != told.by and frozenset((name, told.by)) not in scene.apart]


def _publish(
    story: Story,
    username: str,
    topic: str,
    text: str,
    *,
    warning: str = "",
    audience: str = "",
    reply_to: Told | None = None,
) -> Told:
    scene = story.scene
    author = scene.people[username]
    parent = Parent(reply_to.facts.id, reply_to.facts.author_id) if reply_to else None
    draft = Draft(text, audience=audience, warning=warning, reply_to=parent)
    post_id = publish_post(author=author, draft=draft, now=scene.now)
    told = Told(posts.get_post(Viewer(author), post_id), username, topic, scene.now)
    story.told.append(told)
    _expect(story, told)
    return told


# --- reacting ----------------------------------------------------------------------------------------


def _expect(story: Story, told: Told) -> None:
    """Decide now who is going to react to a post, and when."""
    rng, scene = story.rng, story.scene
    public = told.facts.audience != Audience.FOLLOWERS
    mean = scene.roles[told.by].popular * (0.85 if told.facts.in_reply_to_id is None else 0.25)
    readers = scene.followers(told.by)
    if public:
        readers += rng.sample(list(scene.roles), 6)
    crowd = [name for name in dict.fromkeys(readers) if name in _who_may_see(story, told)]
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


def _plan(story: Story, verb: str, by: str, told: Told) -> None:
    at = story.scene.now + timedelta(seconds=20 + story.rng.expovariate(1 / (3 * 3600)))
    heappush(story.coming, Answer(at, next(story.numbers), verb, by, told))


def _react(story: Story, *, until: datetime) -> None:
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
        case "edit":
            before = posts.source(Viewer(by), post.id)
            text = f"{before.text} 🙂"
            edit = revise.Edit({"text": Words(text, before.warning)})
            revise.edit_post(post.id, by=by, edit=edit, now=scene.now)
