"""What listeners are told of conversations, each as they may see it at the moment they are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from messaging import streams
from messaging.api import entities
from messaging.api.told import (
    ConversationGone,
    ConversationTold,
    MemberTold,
    MessageGone,
    MessageTold,
    SomebodyTypes,
)
from messaging.queries import conversations, messages
from upscrolled.models import Account
from upscrolled.streaming import tellers
from upscrolled.streaming.channels import reaches
from upscrolled.streaming.tellers import Ears, Place, Told
from upscrolled.streams import Event, position
from upscrolled.viewer import Viewer

GONE: Final = ".gone"
TYPED_LATELY: Final = timedelta(seconds=10)  # who comes back later is not told that somebody typed


def tell_messages(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell of messages that are new, changed or gone; one statement for all of them and all who listen."""
    listening = {account for event in events for account in event.to if _places(ears, account)}
    if not listening:
        return
    seen = messages.to_many(listening, {event.about["thing"] for event in events})
    now = datetime.now(UTC)
    for event, account, number in _each(events, listening):
        message = seen.get(account, {}).get(event.about["thing"])
        if message is None:
            place, thing = str(event.about["conversation"]), str(event.about["thing"])
            gone = MessageGone(cursor=number, conversation_id=place, message_id=thing)
            yield _told(event, ears, account, streams.MESSAGE + GONE, gone)
        else:
            told = MessageTold(cursor=number, message=entities.message(message, now=now))
            yield _told(event, ears, account, streams.MESSAGE, told)


def tell_members(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell of others how they stand to a conversation: receipts too; of oneself, how it looks now."""
    for event in events:
        member = event.about["thing"]
        listening = {account for account in event.to if _places(ears, account)}
        others = conversations.member_for(listening - {member}, event.about["conversation"], member)
        for _, account, number in _each([event], listening):
            if account == member:
                yield _conversation(event, ears, account, number)
            elif account in others:
                shown = entities.member(others[account])
                conversation = str(event.about["conversation"])
                told = MemberTold(cursor=number, conversation_id=conversation, member=shown)
                yield _told(event, ears, account, streams.MEMBER, told)


def tell_conversations(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell each who listens how a conversation looks to them now."""
    for event in events:
        listening = {account for account in event.to if _places(ears, account)}
        for _, account, number in _each([event], listening):
            yield _conversation(event, ears, account, number)


def tell_typing(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell that somebody types, to whoever may still see them there; what was long ago is not told at all."""
    oldest = (datetime.now(UTC) - TYPED_LATELY).timestamp() * 1_000
    for event in events:
        listening = {account for account in event.to if _places(ears, account)}
        if not listening or (position(event.id) or (0, 0))[0] < oldest:
            continue
        conversation, member = event.about["conversation"], event.about["thing"]
        for account in conversations.member_for(listening, conversation, member):
            told = SomebodyTypes(conversation_id=str(conversation), account_id=str(member))
            yield _told(event, ears, account, streams.TYPING, told)


# --- how -------------------------------------------------------------------------------------------


def _places(ears: Ears, account: int) -> list[Place]:
    """Where somebody hears of their conversations."""
    places = ears.on("messages", account) + ears.on("user", account)
    return [place for place in places if reaches(place[0].scopes, streams.MESSAGE)]


def _each(events: Sequence[Event], listening: set[int]) -> Iterator[tuple[Event, int, str]]:
    """Go through events and those who listen, with the number of the event in the line of each."""
    for event in events:
        for account, number in zip(event.to, event.about["numbers"], strict=True):
            if account in listening:
                yield event, account, str(number)


def _conversation(event: Event, ears: Ears, account: int, number: str) -> Told:
    viewer = Viewer(Account(id=account))
    found = conversations.several(viewer, [event.about["conversation"]])
    if not found:
        gone = ConversationGone(cursor=number, id=str(event.about["conversation"]))
        return _told(event, ears, account, streams.CONVERSATION + GONE, gone)
    shown = entities.conversation(found[0], viewer, now=datetime.now(UTC))
    told = ConversationTold(cursor=number, conversation=shown)
    return _told(event, ears, account, streams.CONVERSATION, told)


def _told(event: Event, ears: Ears, account: int, name: str, payload: msgspec.Struct) -> Told:
    return Told(event, _places(ears, account), name, msgspec.json.encode(payload).decode())


tellers.register(streams.MESSAGE, teller=tell_messages)
tellers.register(streams.MEMBER, teller=tell_members)
tellers.register(streams.CONVERSATION, teller=tell_conversations)
tellers.register(streams.TYPING, teller=tell_typing)
