"""What is told on streams, beyond the Mastodon API: the payloads of events of this site's own (docs/live.md).

`cursor` is the number of the event in the listener's line of changes, as `/conversations/sync` counts them: a device
that had the one before is up to date with this one; one that did not asks there for what it lacks.
"""

from __future__ import annotations

import msgspec

from messaging.api.entities import ConversationMember, Message, PrivateConversation


class MessageTold(msgspec.Struct, kw_only=True):
    """`upscrolled.message`: a message is new, or changed: edited, deleted, answered with an emoji."""

    cursor: str
    message: Message


class MessageGone(msgspec.Struct, kw_only=True):
    """`upscrolled.message.gone`: the listener sees this message no more, or never will."""

    cursor: str
    conversation_id: str
    message_id: str


class MemberTold(msgspec.Struct, kw_only=True):
    """`upscrolled.member`: somebody joined, left (`left`), or has read further."""

    cursor: str
    conversation_id: str
    member: ConversationMember


class ConversationTold(msgspec.Struct, kw_only=True):
    """`upscrolled.conversation`: it is new or has another title or owner; or the listener read, muted, accepted it."""

    cursor: str
    conversation: PrivateConversation


class ConversationGone(msgspec.Struct, kw_only=True):
    """`upscrolled.conversation.gone`: the listener finds it no more."""

    cursor: str
    id: str


class SomebodyTypes(msgspec.Struct, kw_only=True):
    """`upscrolled.typing`: somebody types, now; said again every few seconds, kept nowhere."""

    conversation_id: str
    account_id: str
