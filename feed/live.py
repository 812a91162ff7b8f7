"""What listeners are told of posts, notifications, conversations, each as they may see it when they are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import msgspec

from feed.api import conversations, directs
from feed.api import notifications as shown
from feed.api.presenter import Presenter
from feed.queries import filters, live
from feed.queries import notifications as queries
from feed.queries.live import Met, Scene
from upscrolled.core import text
from upscrolled.models import Account
from upscrolled.streaming import tellers
from upscrolled.streaming.channels import reaches
from upscrolled.streaming.tellers import Ears, Place, Told
from upscrolled.streams import Event
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface

# Where filters find what is told on a surface.
_CONTEXT = {Surface.HOME: "home", Surface.PUBLIC: "public", Surface.TAG: "public"}


def tell_posts(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell of posts that were published, edited or deleted."""
    for event in events:
        yield from _tell_post(event, ears)


def _tell_post(event: Event, ears: Ears) -> Iterator[Told]:
    post_id, deleted = event.about["id"], event.name == "delete"
    scene = live.find(post_id, deleted=deleted)
    if scene is None:
        return
    places = sorted(_places(event, scene, ears), key=lambda place: place[0].country)
    for country, there in groupby(places, key=lambda place: place[0].country):
        elsewhere = live.find(post_id, country=country, deleted=deleted) if country else scene
        if elsewhere is not None:
            yield from _tell_places(event, elsewhere, list(there))


def _places(event: Event, scene: Scene, ears: Ears) -> list[tuple[Any, Any, Surface]]:
    """Return where the post would stand: listener, channel, surface. Whether they may see it is asked next."""
    found: list[tuple[Place, Surface]] = []
    for account in live.home_of(scene, [int(key) for key in ears.keys("user")]):
        found += [(place, Surface.HOME) for place in ears.on("user", account)]
    owners = live.lists_with(scene, [int(key) for key in ears.keys("list")])
    for list_id, owner in owners.items():
        found += [(place, Surface.HOME) for place in ears.on("list", list_id) if place[0].account_id == owner]
    if scene.is_public_original:
        found += [(place, Surface.PUBLIC) for place in ears.on("public")]
    if scene.post.repost_of_id is None:
        for name in {text.tag_name(tag) for tag in scene.post.tags}:
            found += [(place, Surface.TAG) for place in ears.on("hashtag", name)]
    return [
        (listener, channel, surface)
        for (listener, channel), surface in found
        if channel.kind.source != "user" or reaches(listener.scopes, event.name)
    ]


def _tell_places(event: Event, scene: Scene, places: list[tuple[Any, Any, Surface]]) -> Iterator[Told]:
    now = datetime.now(UTC)
    met = live.meet(scene, {listener.account_id for listener, _, _ in places})
    whose = {account: each for each in met for account in each.accounts}
    together: dict[tuple[Met, Surface], list[Place]] = {}
    for listener, channel, surface in places:
        together.setdefault((whose[listener.account_id], surface), []).append((listener, channel))
    for (each, surface), heard in together.items():
        if not each.sees(surface) or each.leaves_out(_CONTEXT[surface], now):
            continue
        if event.name == "delete":
            yield Told(event, heard, event.name, str(scene.post.id))
            continue
        status = Presenter(each.viewer, mine=each.mine).status(each.post)
        if not (status.reblog or status).media_attachments:
            heard = [place for place in heard if not place[1].kind.only_media]
        if heard:
            yield Told(event, heard, event.name, msgspec.json.encode(status).decode())


def tell_notifications(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell people what concerns them: those of one person are loaded together."""
    theirs: dict[tuple[int, str], dict[int, Event]] = {}
    for event in events:
        for listener, _ in _listening(ears, event.to[0]):
            theirs.setdefault((event.to[0], listener.country), {})[event.about["id"]] = event
    if not theirs:
        return
    viewers = live.viewers({account for account, _ in theirs})
    now = datetime.now(UTC)
    for (account, country), by_id in theirs.items():
        viewer = viewers.get(account)
        if viewer is None:
            continue
        viewer.country = country
        wanted = filters.wanted(viewer, shown.CONTEXT, now=now)
        present = Presenter(viewer)
        heard = [place for place in _listening(ears, account) if place[0].country == country]
        for told in queries.some(viewer, by_id, wanted=wanted):
            if told.kind in queries.ASKED_ONLY:  # nobody can ask a stream for a type
                continue
            for entity in shown.entities([told], present):
                payload = msgspec.json.encode(entity).decode()
                yield Told(by_id[told.id], heard, "notification", payload)


def tell_merged(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell people that more stands in their list than before; the payload is Mastodon's, and says nothing."""
    for event in events:
        heard = _listening(ears, event.to[0])
        if heard:
            yield Told(event, heard, event.name, "1")


def _listening(ears: Ears, account: int) -> list[Place]:
    places = ears.on("user", account) + ears.on("user:notification", account)
    return [place for place in places if reaches(place[0].scopes, "notification")]


def tell_conversations(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell people of their private conversations in Mastodon's words; of messages that changed, what they are now."""
    theirs: dict[int, list[Event]] = {}
    for event in events:
        for account in event.to:
            if _on_direct(ears, account):
                theirs.setdefault(account, []).append(event)
    for account, concerning in theirs.items():
        viewer, heard = Viewer(Account(id=account)), _on_direct(ears, account)
        found = conversations.told(viewer, {event.about["id"] for event in concerning})
        changed = {event.about["message"] for event in concerning} - {0}
        messages = {int(each.id): each for each in directs.several(viewer, changed, deleted=False)}
        for event in concerning:
            conversation, message = found.get(event.about["id"]), messages.get(event.about["message"])
            if conversation is None:
                continue
            yield Told(event, heard, event.name, msgspec.json.encode(conversation).decode())
            if message is not None:
                yield Told(event, heard, "status.update", msgspec.json.encode(message).decode())
            elif event.about["message"]:
                yield Told(event, heard, "delete", str(event.about["message"]))


def _on_direct(ears: Ears, account: int) -> list[Place]:
    return [place for place in ears.on("direct", account) if reaches(place[0].scopes, "conversation")]


tellers.register("update", "status.update", "delete", teller=tell_posts)
tellers.guard("list", asks=live.owns_list)
tellers.register("notification", teller=tell_notifications)
tellers.register("notifications_merged", teller=tell_merged)
tellers.register("conversation", teller=tell_conversations)
