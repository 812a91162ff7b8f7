"""Nouns of private conversations. A message is a row of this room and of no other: it can never be in a feed."""

from messaging.models.conversation import MEMBERS_MAX, Conversation, Member
from messaging.models.inbox import Event, Inbox, Writers
from messaging.models.message import Edit, Hidden, Message, Reaction
from messaging.models.report import Reading, Report, Reported

__all__ = [
    "MEMBERS_MAX",
    "Conversation",
    "Edit",
    "Event",
    "Hidden",
    "Inbox",
    "Member",
    "Message",
    "Reaction",
    "Reading",
    "Report",
    "Reported",
    "Writers",
]
