"""What people of the demo keep for themselves: pins, lists, followed hashtags, filters, posts for later.

Pins and hashtags everybody has; the rest those whom a visitor signs in as first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from feed.demo.languages import LANGUAGES
from feed.operations import filters, interact, lists, pins, scheduled, tags, threads
from feed.operations.filters import Changes, Word
from feed.operations.publish import Draft, publish_post
from feed.queries import posts
from upscrolled.core.errors import NotFound
from upscrolled.models import Audience, Circle
from upscrolled.viewer import Viewer

if TYPE_CHECKING:
    from feed.demo.reactions import Told
    from upscrolled.demo.scene import Scene

LATER = timedelta(days=2)
# A post for later as the API keeps it.
_POST: dict[str, Any] = {
    "status": "",
    "visibility": "",
    "spoiler_text": "",
    "sensitive": None,
    "language": "",
    "in_reply_to_id": "",
    "quoted_status_id": "",
    "quote_approval_policy": "",
    "poll": None,
    "upscrolled": {},
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody's things: lists by title with the topic of who stands on them, a filter, two posts for later."""

    lists: tuple[tuple[str, str], ...]
    filter: tuple[str, tuple[str, ...]]
    scheduled: str
    draft: str
    friends_only: str


DESKS = {
    "alice": Desk(
        lists=(("Gardeners", "garden"), ("Good cooks", "kitchen")),
        filter=("Spiders, no thank you", ("spider", "spiders")),
        scheduled="Seed swap this Saturday by the orchard gate. Bring envelopes, leave with ideas. #gardening",
        draft="Things I have learned about tomatoes, part one of too many:",
        friends_only="A question for those who follow me only: who wants cuttings of the lemon tree?",
    ),
    "omar": Desk(
        lists=(("رفاق الطريق", "bikes"), ("مشاوير", "walks")),
        filter=("بلا حرق للنهايات", ("نهاية كتاب", "النهاية")),
        scheduled="جولة الجمعة تنطلق السابعة صباحًا من الميناء القديم. خذوا الماء والضحكة. #دراجات",
        draft="أفكار لطريق جديد، لم تكتمل بعد:",
        friends_only="سؤال لمن يتابعني فقط: من عنده مضخة صغيرة يعيرها لي هذا الأسبوع؟",
    ),
    "layla": Desk(
        lists=(("قرّاء", "books"), ("أهل الموسيقى", "music")),
        filter=("طعام قبل الغداء", ("حلوى", "كعكة")),
        scheduled="نلتقي مساء الأحد في المكتبة، وكل واحد يقرأ لنا صفحة يحبها. #قراءة",
        draft="قائمة الكتب التي أعطيتها ولم تعد:",
        friends_only="لمن يتابعني فقط: أي أغنية نختم بها السهرة؟",
    ),
    "chloe": Desk(
        lists=(("Cercle de lecture", "books"), ("Mains habiles", "crafts")),
        filter=("Pas de fins de livres", ("fin d'un livre", "la fin")),
        scheduled="Samedi, lecture à voix haute à la librairie, pour petits et grands. Entrée libre. #lecture",
        draft="Ma liste pour l'hiver, encore en désordre :",
        friends_only="Pour celles et ceux qui me suivent : qui aurait une vieille machine à coudre à prêter ?",
    ),
}


@transaction.atomic
def furnish(scene: Scene, told: Sequence[Told]) -> None:
    """Let people tidy their corner of the site at the end of the story."""
    for username in scene.people:
        own = [one for one in told if one.by == username]
        _pin(scene, username, own)
        _choose_tags(scene, username, own)
    for username, desk in DESKS.items():
        _keep_lists(scene, username, desk)
        _filter(scene, username, desk)
        _write(scene, username, desk)
        _mark(scene, username, told)


def _pin(scene: Scene, username: str, own: Sequence[Told]) -> None:
    """Pin what others liked best of one's own; those who are read most pin two."""
    by = scene.people[username]
    viewer = Viewer(by)
    begun = [one.facts.id for one in own if one.facts.in_reply_to_id is None]
    shown = [posts.get_post(viewer, post_id) for post_id in begun]
    liked = sorted((post for post in shown if post.audience == Audience.PUBLIC), key=lambda post: -post.likes)
    for post in liked[: 2 if scene.roles[username].popular > 6 else 1]:
        pins.pin(post, by=by, now=scene.now)


def _choose_tags(scene: Scene, username: str, own: Sequence[Told]) -> None:
    """Follow a hashtag of each of one's topics, and show on the profile the two that one writes most."""
    by, role = scene.people[username], scene.roles[username]
    known = LANGUAGES[role.language].topics
    for topic in role.topics:
        tags.follow_tag(known[topic].tags[0], by=by, now=scene.now)
    written = Counter(name for one in own for name in one.facts.tags)
    for name, _count in written.most_common(2):
        tags.feature_tag(name, by=by, now=scene.now)


def _keep_lists(scene: Scene, username: str, desk: Desk) -> None:
    by = scene.people[username]
    for title, topic in desk.lists:
        like_minded = [
            scene.people[name].id
            for name in scene.roles
            if name in scene.follows[username] and topic in scene.roles[name].topics
        ]
        made = lists.create_list(by=by, title=title, now=scene.now)
        lists.add_members(made, like_minded, by=by)


def _filter(scene: Scene, username: str, desk: Desk) -> None:
    title, words = desk.filter
    wanted = Changes(
        title=title,
        contexts=("home", "public", "thread"),
        action="warn",
        words=[Word(keyword=word, whole_word=True) for word in words],
    )
    filters.create_filter(wanted, by=scene.people[username])


def _write(scene: Scene, username: str, desk: Desk) -> None:
    """Say something that only followers may answer and nobody quote; leave one post for later, and one unfinished."""
    by = scene.people[username]
    publish_post(
        author=by,
        draft=Draft(desk.friends_only, replying=Circle.FOLLOWERS, quoting=Circle.NOBODY),
        now=scene.now,
    )
    later = {**_POST, "status": desk.scheduled}
    scheduled.schedule_post(later, by=by, at=scene.until + LATER, idempotency_key="", now=scene.now)
    scheduled.save_draft({"status": desk.draft, "visibility": "public"}, by=by, draft_id=None, now=scene.now)


def _mark(scene: Scene, username: str, told: Sequence[Told]) -> None:
    """Keep a few posts of others to come back to; be told no more of the last talk one was in."""
    by = scene.people[username]
    viewer = Viewer(by)
    others = [one for one in told[-80:] if one.by != username and one.facts.audience == Audience.PUBLIC]
    for one in others[:: max(1, len(others) // 4)]:
        try:
            interact.bookmark(posts.get_original(viewer, one.facts.id), by=by, now=scene.now)
        except NotFound:
            continue  # of somebody who blocks them
    answered = [one for one in told if one.by == username and one.facts.in_reply_to_id is not None]
    if answered:
        threads.mute_thread(answered[-1].facts, by=by, now=scene.now)
