"""The story of the demo: three weeks of posts, answers, likes and shares, in the order in which they happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction

from feed import usage
from feed.demo import desks, pictures, words
from feed.demo.languages import LANGUAGES
from feed.demo.reactions import POLL_LASTS, Story, Told, ask, expect, react, who_may_see
from feed.operations.publish import Draft, Parent, publish_post
from feed.post_types.poll import Question
from feed.queries import posts
from upscrolled.demo.cast import Role
from upscrolled.demo.scene import STORY, Scene
from upscrolled.models import Audience
from upscrolled.viewer import Viewer

ANSWERS, THREADS, WARNINGS, QUOTES = 0.5, 0.035, 0.03, 0.08
TALK = timedelta(hours=30)  # how long people go on about a post
NEWS, NEWS_LAST = "walks", timedelta(hours=2)  # of what topic they are, and for how long before the end
_WITH = {"ar": "مع", "en": "with", "fr": "avec"}
_BATCH = 250  # posts in one transaction: fewer commits, and one wake-up of the worker for all of them


def seed(scene: Scene) -> None:
    """Let three weeks pass."""
    story = Story(scene)
    moments, news = _moments(scene), _news(scene)
    polls = _polls(moments)
    moments = sorted([*moments, *news])
    for start in range(0, len(moments), _BATCH):
        with transaction.atomic():
            for moment in moments[start : start + _BATCH]:
                react(story, until=moment)
                scene.pass_time(moment)
                if moment in polls:
                    _ask(story, *polls[moment])
                elif moment in news:
                    _publish(story, news[moment][0], NEWS, news[moment][1], audience=Audience.PUBLIC)
                else:
                    _speak(story)
    with transaction.atomic():
        react(story, until=scene.until)
    desks.furnish(scene, story.told)
    usage.recount(now=scene.until)  # or there were no trends until the clock first counts


def _polls(moments: Sequence[datetime]) -> dict[datetime, tuple[str, int]]:
    """Return when posts are polls, by language and number of the question: each is asked once."""
    asked = [(code, number) for number in range(len(LANGUAGES["en"].polls)) for code in LANGUAGES]
    return {moments[len(moments) * (place + 1) // (len(asked) + 1)]: poll for place, poll in enumerate(asked)}


def _news(scene: Scene) -> dict[datetime, tuple[str, str]]:
    """Return when the news of the last hours are told, by whom and how; each by somebody else."""
    told = [
        (role.username, text)
        for code, language in LANGUAGES.items()
        for role, text in zip(_speakers(scene, code), language.news, strict=False)
    ]
    scene.rng.shuffle(told)
    return {scene.until - NEWS_LAST * (place + 1) / (len(told) + 1): one for place, one in enumerate(told)}


def _speakers(scene: Scene, code: str) -> list[Role]:
    """Return who speaks a language to everybody, the most read first."""
    roles = [role for role in scene.roles.values() if role.language == code and not role.locked]
    return sorted(roles, key=lambda role: -role.popular)


def _moments(scene: Scene) -> list[datetime]:
    """Return when posts are written: more of them lately, the last a few minutes before the end."""
    others = len(desks.DESKS) + sum(len(language.news) for language in LANGUAGES.values())
    chances = sorted(scene.rng.random() ** 0.6 for _ in range(max(1, scene.posts - others)))
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
    elif chance < THREADS + WARNINGS + QUOTES and (quoted := _somebody_to_quote(story, username)):
        text = rng.choice(language.quotes)
        _publish(story, username, quoted.topic, text, parts={"quote": quoted.facts.id})
    else:
        topic = rng.choice(roles[username].topics if rng.random() < 0.85 else words.TOPICS)
        text = words.post(language, topic, rng)
        friends = [name for name in roles if name in story.scene.follows[username]]
        if friends and rng.random() < 0.06:
            text = f"{text}\n{_WITH[roles[username].language]} @{rng.choice(friends)}"
        seen = pictures.some(story.scene, username, topic, len(story.told))
        _publish(story, username, topic, text, audience=_audience(rng), parts=seen)


def _ask(story: Story, code: str, number: int) -> None:
    """Somebody of that language who cares for the topic asks everybody."""
    topic, text, options = LANGUAGES[code].polls[number]
    roles = [role for role in story.scene.roles.values() if role.language == code and not role.locked]
    asking = max(roles, key=lambda role: (topic in role.topics, role.popular, story.rng.random()))
    several = number == len(LANGUAGES[code].polls) - 1
    question = Question(options, int(POLL_LASTS.total_seconds()), multiple=several)
    told = _publish(story, asking.username, topic, text, parts={"poll": question})
    ask(story, told)


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


def _somebody_to_quote(story: Story, username: str) -> Told | None:
    """Choose a post of somebody else's that is for everybody, rather one of somebody popular."""
    near = [
        told
        for told in story.told[-60:]
        if told.facts.audience == Audience.PUBLIC
        and told.facts.in_reply_to_id is None
        and not told.facts.parts
        and username in who_may_see(story, told)
    ]
    weights = [story.scene.roles[told.by].popular for told in near]
    return story.rng.choices(near, weights)[0] if near else None


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
        near = [name for name in who_may_see(story, parent) if roles[name].language == language]
        if not near:
            _begin(story)
            return
        username = rng.choice(near)
        text = words.reply(LANGUAGES[language], parent.topic, rng)
    if rng.random() < 0.35 or parent.by != (original or parent).by:
        text = f"@{parent.by} {text}"
    audience = Audience.FOLLOWERS if parent.facts.audience == Audience.FOLLOWERS else ""
    _publish(story, username, parent.topic, text, audience=audience, reply_to=parent)


def _publish(
    story: Story,
    username: str,
    topic: str,
    text: str,
    *,
    warning: str = "",
    audience: str = "",
    reply_to: Told | None = None,
    parts: Mapping[str, Any] | None = None,
) -> Told:
    scene = story.scene
    author = scene.people[username]
    parent = Parent(reply_to.facts.id, reply_to.facts.author_id) if reply_to else None
    draft = Draft(text, audience=audience, warning=warning, reply_to=parent, parts=parts or {})
    post_id = publish_post(author=author, draft=draft, now=scene.now)
    told = Told(posts.get_post(Viewer(author), post_id), username, topic, scene.now)
    story.told.append(told)
    expect(story, told)
    return told
