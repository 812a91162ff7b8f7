"""What a phone is told of a notification, as its owner may see it when it is sent."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from django.conf import settings

from feed.queries import filters, live
from feed.queries import notifications as queries
from feed.queries.notifications import Told
from upscrolled.models import Account
from upscrolled.push import words
from upscrolled.push.ledger import Owed
from upscrolled.push.notes import Note

# Kinds in the words of the client API, by which they are chosen; `feed/api/notifications.py` takes them from here.
TYPES: Final = {
    "mention": "mention",
    "like": "favourite",
    "repost": "reblog",
    "follow": "follow",
    "follow_request": "follow_request",
    "post": "status",
    "edit": "update",
    "sign_up": "admin.sign_up",
    "poll": "poll",
    "quote": "quote",
    "quoted_edit": "quoted_update",
    "moderation_warning": "moderation_warning",
    "report": "upscrolled.report",
    "message": "upscrolled.message",
    "not_published": "upscrolled.not_published",
}
# What each is called where it is shown. A message is what Mastodon calls a mention in a direct post: applications know
# what to do with that, and ours know it by its conversation.
SHOWN: Final = TYPES | {"message": TYPES["mention"]}
_READ: Final = "upscrolled.read"
_CONVERSATION_READ: Final = "upscrolled.conversation_read"
_BREAK: Final = re.compile(r"<br ?/?>|</p>")
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Message:
    """What is sealed for a phone, and how urgent it is to wake it (RFC 8030 §5.3).

    `note` is what Apple's or Google's service may read of it.
    """

    payload: bytes
    urgency: str
    note: Note


def messages(owed: Iterable[Owed], *, now: datetime) -> dict[int, Message]:
    """Return the messages by delivery; what its owner may not, or wants no longer, see is left out."""
    by_account: dict[int, list[Owed]] = {}
    for each in owed:
        if each.kind and not each.withdraws:
            by_account.setdefault(each.account_id, []).append(each)
    viewers = live.viewers(by_account)
    locales = dict(Account.objects.filter(id__in=by_account).values_list("id", "locale"))
    found = {}
    for account_id, pushes in by_account.items():
        viewer = viewers.get(account_id)
        if viewer is None:
            continue
        wanted = filters.wanted(viewer, "notifications", now=now)
        told = {
            each.id: each for each in queries.some(viewer, {p.notification_id for p in pushes}, wanted=wanted)
        }
        for push in pushes:
            if push.notification_id in told:
                one = told[push.notification_id]
                found[push.id] = _message(one, viewer.person(one.actor_id), locales[account_id])
    return found


def read_until(notification_id: int, conversation_id: int | None = None) -> Message:
    """Return the message that says that everything up to there was read elsewhere, or all of one conversation."""
    payload: dict[str, Any] = {"notification_type": _READ, "notification_id": notification_id}
    if conversation_id is not None:
        payload |= {"notification_type": _CONVERSATION_READ, "conversation_id": str(conversation_id)}
    return Message(msgspec.json.encode(payload), "low", Note("", str(payload["notification_type"])))


def _message(told: Told, actor: Any, locale: str) -> Message:
    post = told.post
    said = "" if post is None else ((post.original or post).warning or plain((post.original or post).html))
    payload: dict[str, Any] = {
        # Mastodon puts the token itself here. We keep no token that could be sent: applications know their own.
        "access_token": "",
        "preferred_locale": locale,
        "notification_id": told.id,
        "notification_type": SHOWN[told.kind],
        "icon": f"{settings.PUBLIC_URL}{settings.MEDIA_URL}{actor.avatar}" if actor.avatar else "",
        "title": words.title(told.kind, actor.display_name or actor.username, locale=locale),
        "body": words.body(said),
    }
    if told.private is not None:  # and no word of the message: the application reads it where it is sealed
        payload["conversation_id"] = str(told.private.conversation_id)
    note = Note(str(payload["title"]), SHOWN[told.kind])
    encoded = msgspec.json.encode(payload)
    return Message(encoded, "high" if told.kind in ("mention", "message") else "normal", note)


def plain(markup: str) -> str:
    """Return the words of a text that is stored as HTML."""
    return html.unescape(_TAG.sub("", _BREAK.sub(" ", markup))).strip()
