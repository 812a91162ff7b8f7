"""Private messages as clients of the Mastodon API meet them: statuses whose visibility is `direct`.

They are rows of messaging, shown in this shape. Nothing of them is ever in a table of the feed: no timeline, search,
count or list of likes holds one. This file and `conversations.py` are all that knows.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from feed.api.entities import Context, Mention, Status, StatusEdit
from feed.api.forms import StatusForm
from feed.api.policies import QuoteApproval, StatusExtension
from feed.queries import posts
from messaging.notices import MENTION
from messaging.operations import conversations, messages
from messaging.operations.messages import Draft
from messaging.queries import conversations as threads
from messaging.queries import messages as found
from messaging.queries.conversations import ConversationFacts
from messaging.queries.messages import MessageFacts
from upscrolled import people, queries
from upscrolled.api import entities as ground
from upscrolled.api.attachments import attachment
from upscrolled.api.entities import profile_url, stamp, stamp_of_id, tag_url
from upscrolled.core import ids, markup, text
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer

if TYPE_CHECKING:
    from upscrolled.models import Account

LIKE = "❤️"
BEFORE, AFTER = 40, 60
_MARK = 1 << (ids.LOW_BITS - 1)  # of a message's id (`messaging.models.message.number`)
_NO_QUOTES = QuoteApproval(automatic=[], current_user="denied")
_MEMBERS = StatusExtension(reply_policy="nobody", may_reply=True)


class DirectForm(StatusForm):
    """A post that is a private message."""

    def validate_visibility(self, value: str | None) -> str:
        """Take what has been seen to be `direct`."""
        return ""


def is_direct(params: Mapping[str, Any]) -> bool:
    """Say whether a client wants to publish a private message."""
    return params.get("visibility") == "direct"


def publish(
    form: Mapping[str, Any], *, viewer: Viewer, by: Account, key: str, now: datetime, token_id: int = 0
) -> Status:
    """Send what a checked form holds to the people whom it names, in their conversation. Raises what `send` does."""
    for name, title in (
        ("poll", "Polls"),
        ("quoted_status_id", "Quotes"),
        ("scheduled_at", "Scheduled posts"),
    ):
        if form[name]:
            raise Invalid(f"Validation failed: {title} cannot be private messages")
    written = "\n\n".join(filter(None, (form["spoiler_text"], form["status"])))
    answered = _answered(viewer, form["in_reply_to_id"])
    if isinstance(answered, str):
        written = f"{written}\n\n{answered}"
    if isinstance(answered, MessageFacts):  # an answer goes where the question was, whomever it names
        number, reply_to = answered.conversation_id, answered.id
    else:
        number, reply_to = _conversation(written, viewer, by, now), None
    digest = hashlib.sha256(f"status {key}".encode()).hexdigest()[:40]
    named = tuple(str(each) for each in form["media_ids"] or ())
    drawn = digest if key else secrets.token_hex(20)
    draft = Draft(written, drawn, reply_to, named, told_as=MENTION)
    return one(viewer, messages.send(number, by=by, draft=draft, now=now, token_id=token_id).id)


def seen(viewer: Viewer, number: int) -> MessageFacts | None:
    """Return the private message with this id, if it is one and the viewer sees it."""
    if viewer.account is None or not number & _MARK:
        return None
    return found.several(viewer, [number]).get(number)


def one(viewer: Viewer, number: int) -> Status:
    """Return a message as a status. Raises NotFound."""
    message = found.get_message(viewer, number)
    return status(message, threads.get(viewer, message.conversation_id), viewer)


def several(viewer: Viewer, numbers: Iterable[int], *, deleted: bool = True) -> list[Status]:
    """Return those of these ids that are messages which the viewer sees; `deleted` ones are empty, or left out."""
    if viewer.account is None:
        return []
    seen = found.several(viewer, [number for number in numbers if number & _MARK]).values()
    listed = [each for each in seen if deleted or each.deleted_at is None]
    of = {each.id: each for each in threads.several(viewer, {each.conversation_id for each in listed})}
    return [status(each, of[each.conversation_id], viewer) for each in listed]


def context(viewer: Viewer, message: MessageFacts) -> Context:
    """Return what was written before and after a message in its conversation."""
    thread = threads.get(viewer, message.conversation_id)
    before = found.page(viewer, thread.id, Page(max_id=message.seq, limit=BEFORE)).messages
    after = found.page(viewer, thread.id, Page(min_id=message.seq, limit=AFTER)).messages
    return Context(
        ancestors=[status(each, thread, viewer) for each in reversed(before)],
        descendants=[status(each, thread, viewer) for each in reversed(after)],
    )


def history(viewer: Viewer, message: MessageFacts) -> list[StatusEdit]:
    """Return the versions of a message, the first one first."""
    shown = one(viewer, message.id)
    return [
        StatusEdit(
            content=_html(version.text or "", {}),
            spoiler_text="",
            sensitive=False,
            created_at=stamp(version.since) or "",
            account=shown.account,
        )
        for version in found.history(viewer, message.id)
    ]


def edit(
    message: MessageFacts,
    written: str | None,
    media: list[str] | None,
    *,
    viewer: Viewer,
    by: Account,
    now: datetime,
) -> Status:
    """Change what one's own message says. An edit that names somebody more adds nobody.

    `media` are those that the client names, if it names any: they cannot be changed. Raises Invalid, and what `edit`
    of a message does.
    """
    if media is not None and media != [str(each.id) for each in message.attachments]:
        raise Invalid(
            "Validation failed: The media of a private message cannot be changed (media_ids); delete it and send anew"
        )
    if written is not None:
        messages.edit(message.id, by=by, written=written, now=now)
    return one(viewer, message.id)


def delete(message: MessageFacts, *, viewer: Viewer, by: Account, now: datetime) -> Status:
    """Delete one's own message for all; the answer holds what was typed, but no media: they are gone."""
    shown = one(viewer, message.id)
    messages.delete_for_all(message.id, by=by, now=now)
    shown.text = message.text or ""
    shown.media_attachments = []
    return shown


def like(message: MessageFacts, liked: bool, *, viewer: Viewer, by: Account, now: datetime) -> Status:
    """Answer a message with a heart, or take one's emoji back."""
    if liked:
        messages.react(message.id, by=by, emoji=LIKE, now=now)
    else:
        messages.unreact(message.id, by=by, now=now)
    return one(viewer, message.id)


def refuse(viewer: Viewer, number: int) -> None:
    """Raise Invalid if this is a private message: what is done with posts is not done with it."""
    if seen(viewer, number) is not None:
        raise Invalid("Validation failed: A private message can be neither shared, pinned nor bookmarked")


def status(message: MessageFacts, thread: ConversationFacts, viewer: Viewer) -> Status:
    """Return a message as a status; it mentions the others, so that an answer reaches them."""
    # Also who has left, or closed the account: what they wrote stays.
    sender = people.load(viewer, [message.sender_id])[message.sender_id]
    present = [viewer.person(member.account_id) for member in thread.members]
    urls = {each.username.lower(): (profile_url(each.username), each.username) for each in present}
    url = f"{profile_url(sender.username)}/{message.id}"
    return Status(
        id=str(message.id),
        uri=url,
        url=url,
        created_at=stamp_of_id(message.id),
        edited_at=stamp(message.edited_at),
        account=ground.account(sender),
        content=_html(message.text or "", urls),
        visibility="direct",
        sensitive=False,
        spoiler_text="",
        language=None,
        in_reply_to_id=str(message.reply_to_id) if message.reply_to_id else None,
        in_reply_to_account_id=None,
        mentions=[
            Mention(
                id=str(each.id), username=each.username, url=profile_url(each.username), acct=each.username
            )
            for each in present
            if each.id != message.sender_id
        ],
        media_attachments=[attachment(each, to=None, now=datetime.now(UTC)) for each in message.attachments],
        tags=[],
        reblogs_count=0,
        favourites_count=len(message.reactions),
        replies_count=0,
        quotes_count=0,
        quote_approval=_NO_QUOTES,
        favourited=viewer.id in {account_id for _, account_id in message.reactions},
        reblogged=False,
        bookmarked=False,
        muted=thread.muted_until is not None,
        filtered=[],
        upscrolled=_MEMBERS,
    )


# --- how -------------------------------------------------------------------------------------------


def _html(written: str, urls: Mapping[str, tuple[str, str]]) -> str:
    return markup.to_html(written, mention_urls=urls, tag_url=tag_url)


def _answered(viewer: Viewer, written: str | None) -> MessageFacts | str | None:
    """Return the message that is answered; of a post, its address. Raises NotFound."""
    if not written:
        return None
    number = ids.parse(written)
    if number is None:
        raise NotFound
    message = seen(viewer, number)
    if message is not None:
        return message
    post = posts.get_original(viewer, number)
    return f"{profile_url(viewer.person(post.author_id).username)}/{post.id}"


def _conversation(written: str, viewer: Viewer, by: Account, now: datetime) -> int:
    """Return the conversation with the people whom a text names. Raises Invalid if it names nobody."""
    keys = dict.fromkeys(mention.key for mention in text.parse(text.clean(written)).mentions)
    if len(keys) > conversations.GROUP_MAX:
        raise Invalid(
            f"Validation failed: Text names {len(keys)} people; a group has at most {conversations.GROUP_MAX}"
        )
    named: dict[int, None] = {}
    for key in keys:
        try:
            named[queries.lookup(viewer, key).id] = None
        except NotFound:
            continue  # a name that is nobody's stays text, as in every post
    named.pop(by.id, None)
    if not named:
        raise Invalid("Validation failed: A private message must name whom it is for, as in @name")
    if len(named) == 1:
        return conversations.begin_pair(next(iter(named)), by=by, now=now)
    group = threads.group_of(viewer, named)
    return group or conversations.begin_group(list(named), title="", by=by, now=now)
