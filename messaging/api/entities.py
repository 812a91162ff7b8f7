"""Shapes of conversations and messages, filled from facts loaded for a page."""

from __future__ import annotations

from datetime import datetime

import msgspec

from messaging.queries.conversations import ConversationFacts, MemberFacts
from messaging.queries.messages import MessageFacts
from upscrolled.api import entities as ground
from upscrolled.api.attachments import MediaAttachment, attachment
from upscrolled.api.entities import Account, stamp, stamp_of_id
from upscrolled.viewer import Viewer


class MessageReaction(msgspec.Struct, kw_only=True):
    """An emoji in answer to a message, and who gave it."""

    emoji: str
    account_ids: list[str]


class Message(msgspec.Struct, kw_only=True):
    """A message. `seq` is its place in the conversation, which never changes.

    `client_id` is told to its sender only. `text` is null where it is not shown: `deleted_at` says that it was deleted
    for all, `withheld` that a decision of the moderators keeps it (its sender still reads it), neither of them that
    the site lost the key. Addresses of `attachments` are signed for a while: read the message anew when they are over.
    Messages are sealed where they are stored, but this is not end-to-end encryption: whoever
    runs the site can read messages that are reported.
    """

    id: str
    conversation_id: str
    seq: int
    account_id: str
    client_id: str | None
    text: str | None
    in_reply_to_id: str | None
    created_at: str
    edited_at: str | None
    deleted_at: str | None
    withheld: bool
    reactions: list[MessageReaction]
    attachments: list[MediaAttachment]


class ConversationMember(msgspec.Struct, kw_only=True):
    """Somebody in a conversation: `request` (asked, and has not answered), `accepted`, `declined`.

    `read_seq` is the number up to which they have read; null where either of you shows no receipts.
    """

    account_id: str
    state: str
    read_seq: int | None


class PrivateConversation(msgspec.Struct, kw_only=True):
    """A conversation, as its member sees it: a `pair` or a `group`.

    `state` is the viewer's own: `request` waits to be accepted or declined. `unread_count` ends at 100. `members` has
    the viewer too, `accounts` has everybody else.
    """

    id: str
    kind: str
    title: str | None
    state: str
    owner_id: str | None
    invited_by_id: str | None
    last_seq: int
    read_seq: int
    unread_count: int
    muted_until: str | None
    pinned: bool
    archived: bool
    members: list[ConversationMember]
    accounts: list[Account]
    last_message: Message | None


class MessageVersion(msgspec.Struct, kw_only=True):
    """What a message said, and since when."""

    text: str | None
    created_at: str


class Gone(msgspec.Struct, kw_only=True):
    """A message that the viewer sees no more."""

    conversation_id: str
    message_id: str


class ConversationChanges(msgspec.Struct, kw_only=True):
    """What changed after a cursor, as it stands now; `cursor` is where to go on, at once if there is `more`.

    `reset`: there was no cursor, or it is older than a month: read the conversations anew, then go on from `cursor`.
    `gone` are conversations that the viewer no longer finds. `relations` grows when follows, blocks and mutes change:
    then who is hidden may have changed, and the conversations are best read anew.
    """

    cursor: str
    more: bool
    reset: bool
    relations: str
    messages: list[Message]
    conversations: list[PrivateConversation]
    gone: list[str]
    unseen: list[Gone]


class FoundMessages(msgspec.Struct, kw_only=True):
    """Messages that hold all the words, the last active conversation first.

    A search opens a bounded number of messages: `next` goes on from there, also after a page that found nothing, until
    it is null.
    """

    messages: list[Message]
    next: str | None


class UnreadConversations(msgspec.Struct, kw_only=True):
    """Conversations with something unread that are not muted, and requests that wait; both counts end at 100."""

    conversations: int
    requests: int


class MessageSettings(msgspec.Struct, kw_only=True):
    """How the viewer takes messages.

    `writers`: who may begin a conversation, or add the viewer to a group: `everyone` (a request, from people whom the
    viewer does not follow), `followed` (only those whom the viewer follows), `nobody`. Who shows no `receipts` (or
    `typing`) sees none of others. `end_to_end_encrypted` is false: operators can read messages that are reported.
    """

    writers: str
    receipts: bool
    typing: bool
    end_to_end_encrypted: bool = False


class MessageReport(msgspec.Struct, kw_only=True):
    """A report of messages, as the one who filed it sees it. Moderators read these messages and no others."""

    id: str
    category: str
    comment: str
    created_at: str
    message_ids: list[str]
    rule_ids: list[str]
    target_account: Account


def message(facts: MessageFacts, *, now: datetime) -> Message:
    """Return the entity of a message; addresses of its media are signed for a while."""
    given: dict[str, list[str]] = {}
    for emoji, account_id in facts.reactions:
        given.setdefault(emoji, []).append(str(account_id))
    return Message(
        id=str(facts.id),
        conversation_id=str(facts.conversation_id),
        seq=facts.seq,
        account_id=str(facts.sender_id),
        client_id=facts.client_id or None,
        text=facts.text,
        in_reply_to_id=str(facts.reply_to_id) if facts.reply_to_id else None,
        created_at=stamp_of_id(facts.id),
        edited_at=stamp(facts.edited_at),
        deleted_at=stamp(facts.deleted_at),
        withheld=facts.withheld,
        reactions=[MessageReaction(emoji=emoji, account_ids=ids) for emoji, ids in given.items()],
        attachments=[attachment(each, to=None, now=now) for each in facts.attachments],
    )


def member(facts: MemberFacts) -> ConversationMember:
    """Return the entity of a member."""
    return ConversationMember(account_id=str(facts.account_id), state=facts.state, read_seq=facts.read_seq)


def conversation(facts: ConversationFacts, viewer: Viewer, *, now: datetime) -> PrivateConversation:
    """Return the entity of a conversation, whose people are loaded."""
    return PrivateConversation(
        id=str(facts.id),
        kind=facts.kind,
        title=facts.title,
        state=facts.state,
        owner_id=str(facts.owner_id) if facts.owner_id else None,
        invited_by_id=str(facts.invited_by_id) if facts.invited_by_id else None,
        last_seq=facts.last_seq,
        read_seq=facts.read_seq,
        unread_count=facts.unread,
        muted_until=stamp(facts.muted_until),
        pinned=facts.pinned,
        archived=facts.archived,
        members=[member(each) for each in facts.members],
        accounts=[ground.account(viewer.person(each)) for each in facts.others(viewer)],
        last_message=message(facts.last_message, now=now) if facts.last_message else None,
    )
