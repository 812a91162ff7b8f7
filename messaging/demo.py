"""Demo data of messaging: two who know each other, a request, and a group that plans a walk."""

from __future__ import annotations

from datetime import timedelta

from messaging.operations import conversations, keeping, messages
from messaging.operations.messages import Draft
from upscrolled.demo.scene import Scene

_TALK = (
    ("omar", "هل رأيت صور الخبز التي نشرها أوسكار؟"),
    ("alice", "Three of them. I am hungry now."),
    ("omar", "The oven of my street opens at six. Shall I bring you one tomorrow?"),
    ("alice", "Yes please! And I bring the tea."),
)
_WALK = (
    ("chloe", "On se retrouve au pont à dix heures ?"),
    ("alice", "Ten is fine. It may rain, so bring boots."),
    ("layla", "سأحضر التمر والماء."),
)


def seed(scene: Scene) -> None:
    """Let a few of the demo's people write to each other; they end just before the story does."""
    now = scene.until - timedelta(hours=2)
    people = scene.people
    pair = conversations.begin_pair(people["omar"].id, by=people["alice"], now=now)
    conversations.accept(pair, by=people["omar"], now=now)
    sent = [_say(scene, pair, name, text, place) for place, (name, text) in enumerate(_TALK)]
    messages.react(sent[-1], by=people["omar"], emoji="❤️", now=now + timedelta(minutes=30))
    keeping.read(pair, up_to=3, by=people["alice"], now=now + timedelta(minutes=30))
    others = [people[name].id for name in ("chloe", "layla", "omar")]
    group = conversations.begin_group(others, title="The river walk", by=people["alice"], now=now)
    for name in ("chloe", "layla"):  # omar has not answered yet
        conversations.accept(group, by=people[name], now=now)
    for place, (name, text) in enumerate(_WALK):
        _say(scene, group, name, text, place)
    stranger = next(
        person
        for name, person in people.items()
        if name not in scene.follows["alice"]
        and "alice" not in scene.follows[name]
        and frozenset(("alice", name)) not in scene.apart
        and name not in ("alice", "omar")
    )
    request = conversations.begin_pair(people["alice"].id, by=stranger, now=now)
    messages.send(
        request,
        by=stranger,
        draft=Draft("Hello Alice, may I use your picture of the bridge for a poster?", "demo-request"),
        now=now,
    )


def _say(scene: Scene, conversation_id: int, name: str, text: str, place: int) -> int:
    moment = scene.until - timedelta(hours=2) + timedelta(minutes=3 * place)
    draft = Draft(text, f"demo-{conversation_id}-{place}")
    return messages.send(conversation_id, by=scene.people[name], draft=draft, now=moment).id
