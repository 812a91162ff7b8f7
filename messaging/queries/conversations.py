"""Conversations as one of their members sees them: a page in three statements, with people and newest messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from messaging import sealing
from messaging.models import Inbox
from messaging.queries import messages
from messaging.queries.messages import MessageFacts
from messaging.visibility import FOUND, PRESENT, SEEN, blocked
from upscrolled import people
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer

UNREAD_MAX = 100  # no badge tells more
FOLDERS = {
    "inbox": "m.state = 'accepted' AND m.archived_at IS NULL",
    "requests": "m.state = 'request'",
    "archived": "m.state = 'accepted' AND m.archived_at IS NOT NULL",
    "pinned": "m.state = 'accepted' AND m.pinned_at IS NOT NULL",
    "all": "m.state = 'accepted'",
}


class MemberFacts(msgspec.Struct, frozen=True):
    """Somebody in a conversation. `read_seq` is None where receipts are not shown."""

    account_id: int
    state: str
    read_seq: int | None


class ConversationFacts(msgspec.Struct, frozen=True):
    """A conversation for one of its members; `members` without those whom the viewer is not shown."""

    id: int
    kind: str
    owner_id: int | None
    title: str | None
    last_seq: int
    state: str
    invited_by_id: int | None
    read_seq: int
    activity_id: int | None
    muted_until: datetime | None
    pinned: bool
    archived: bool
    unread: int
    members: list[MemberFacts]
    last_message: MessageFacts | None

    def others(self, viewer: Viewer) -> list[int]:
        """Ids of the members beside the viewer."""
        return [member.account_id for member in self.members if member.account_id != viewer.id]


class ConversationPage(NamedTuple):
    """A page of conversations, the last active first, and the cursors of its ends."""

    conversations: list[ConversationFacts]
    first: int | None = None
    last: int | None = None


# Of a pair the other is told whatever they made of it: it has always two people.
_UNREAD = f"""(SELECT count(*) FROM (
  SELECT 1 FROM messaging_message x WHERE x.conversation_id = c.id AND x.seq > m.read_seq
    AND x.sender_id <> m.account_id AND x.deleted_at IS NULL AND {SEEN} LIMIT {UNREAD_MAX}) AS n)"""
# How far a member `y` has read, for `m`: both have to show it, and of a request nobody learns that it was read.
_READ = """CASE WHEN y.account_id = m.account_id
                      OR y.state = 'accepted' AND coalesce(yi.receipts, true) AND coalesce(mi.receipts, true)
                    THEN y.read_seq END"""
_COLUMNS = f"""
SELECT c.id, c.kind, c.owner_id, c.title, c.key_id, c.last_seq, m.state, m.invited_by_id, m.read_seq, m.activity_id,
       CASE WHEN m.muted_until > now() THEN m.muted_until END, m.pinned_at IS NOT NULL, m.archived_at IS NOT NULL,
       {_UNREAD},
       (SELECT json_agg(json_build_array(y.account_id, y.state, {_READ}) ORDER BY y.joined_at, y.id)
        FROM messaging_member y LEFT JOIN messaging_inbox yi ON yi.account_id = y.account_id
        WHERE y.conversation_id = c.id AND (c.kind = 'pair' OR y.state IN {PRESENT})),
       (SELECT x.id FROM messaging_message x WHERE x.conversation_id = c.id AND {SEEN} ORDER BY x.seq DESC LIMIT 1)
FROM messaging_member m
JOIN messaging_conversation c ON c.id = m.conversation_id
LEFT JOIN messaging_inbox mi ON mi.account_id = m.account_id
WHERE m.account_id = %(viewer)s AND {FOUND}
"""
_PAGE = f"""{_COLUMNS} AND m.activity_id IS NOT NULL AND m.activity_id < %(under)s::bigint
  AND m.activity_id > %(over)s::bigint AND {{folder}}
ORDER BY m.activity_id {{direction}} LIMIT %(limit)s
"""
_SEVERAL = f"{_COLUMNS} AND m.conversation_id = ANY(%(ids)s::bigint[])"


def page(viewer: Viewer, folder: str, page: Page) -> ConversationPage:
    """Return conversations of a folder (a key of FOLDERS); the bounds are cursors, which the Link header tells."""
    row: dict[str, Any] = {
        "viewer": viewer.id,
        "under": page.max_id or LARGEST,
        "over": page.above or 0,
        "limit": page.limit,
    }
    direction = "ASC" if page.upward else "DESC"
    found = _load(viewer, _PAGE.format(folder=FOLDERS[folder], direction=direction), row)
    if not found:
        return ConversationPage([])
    if page.upward:
        found.reverse()
    last = found[-1].activity_id if len(found) == page.limit else None
    return ConversationPage(found, found[0].activity_id, last)


def several(viewer: Viewer, conversation_ids: Iterable[int]) -> list[ConversationFacts]:
    """Return those of these conversations that the viewer finds."""
    wanted = list(conversation_ids)
    return _load(viewer, _SEVERAL, {"viewer": viewer.id, "ids": wanted}) if wanted else []


def get(viewer: Viewer, conversation_id: int) -> ConversationFacts:
    """Return a conversation, or raise NotFound."""
    found = several(viewer, [conversation_id])
    if not found:
        raise NotFound
    return found[0]


# Who is not in a group any more has left, however they went.
_MEMBER_FOR = f"""
SELECT m.account_id, y.account_id,
       CASE WHEN c.kind = 'group' AND y.state NOT IN {PRESENT} THEN 'left' ELSE y.state END, {_READ}
FROM messaging_member m
JOIN messaging_conversation c ON c.id = m.conversation_id
JOIN messaging_member y ON y.conversation_id = c.id AND y.account_id = %(member)s
LEFT JOIN messaging_inbox mi ON mi.account_id = m.account_id
LEFT JOIN messaging_inbox yi ON yi.account_id = y.account_id
WHERE m.conversation_id = %(conversation)s AND m.account_id = ANY(%(viewers)s::bigint[]) AND {FOUND}
  AND NOT {blocked("m.account_id", "y.account_id")}
"""


def member_for(account_ids: Iterable[int], conversation_id: int, member_id: int) -> dict[int, MemberFacts]:
    """Return by account how each of them sees a member of a conversation; without those who see no such member."""
    row: dict[str, Any] = {"viewers": list(account_ids), "conversation": conversation_id, "member": member_id}
    if not row["viewers"]:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_MEMBER_FOR, row)
        return {viewer: MemberFacts(*member) for viewer, *member in cursor.fetchall()}


class Unread(NamedTuple):
    """How much waits: conversations with something unread that are not muted, and requests; at most 100 of each."""

    conversations: int
    requests: int


_WAITING = f"""
SELECT (SELECT count(*) FROM (
  SELECT 1 FROM messaging_member m JOIN messaging_conversation c ON c.id = m.conversation_id
  WHERE m.account_id = %(viewer)s AND m.activity_id IS NOT NULL AND {FOUND} AND {FOLDERS["inbox"]}
    AND (m.muted_until IS NULL OR m.muted_until <= now()) AND c.last_seq > m.read_seq
    AND EXISTS (SELECT 1 FROM messaging_message x WHERE x.conversation_id = c.id AND x.seq > m.read_seq
                AND x.sender_id <> m.account_id AND x.deleted_at IS NULL AND {SEEN})
  LIMIT {UNREAD_MAX}) AS n), (SELECT count(*) FROM (
  SELECT 1 FROM messaging_member m JOIN messaging_conversation c ON c.id = m.conversation_id
  WHERE m.account_id = %(viewer)s AND m.activity_id IS NOT NULL AND {FOUND} AND {FOLDERS["requests"]}
  LIMIT {UNREAD_MAX}) AS n)
"""


def unread(viewer: Viewer) -> Unread:
    """Return how much waits for the viewer."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"viewer": viewer.id})
        return Unread(*cursor.fetchone())


_AMONG = f"""
SELECT c.id FROM messaging_member m JOIN messaging_conversation c ON c.id = m.conversation_id
WHERE m.account_id = %(viewer)s AND m.state = 'accepted' AND c.kind = 'group'
  AND (SELECT array_agg(y.account_id ORDER BY y.account_id) FROM messaging_member y
       WHERE y.conversation_id = c.id AND y.state IN {PRESENT}) = %(people)s::bigint[]
ORDER BY m.activity_id DESC NULLS LAST LIMIT 1
"""


def group_of(viewer: Viewer, account_ids: Iterable[int]) -> int | None:
    """Return the viewer's group of exactly these people and themselves, the last active if there are several."""
    row: dict[str, Any] = {"viewer": viewer.id, "people": sorted({viewer.id, *account_ids})}
    with connection.cursor() as cursor:
        cursor.execute(_AMONG, row)
        found = cursor.fetchone()
    return int(found[0]) if found else None


class Settings(NamedTuple):
    """How somebody takes messages."""

    writers: str
    receipts: bool
    typing: bool


def settings(viewer: Viewer) -> Settings:
    """Return how the viewer takes messages."""
    found = Inbox.objects.filter(account_id=viewer.id).values_list("writers", "receipts", "typing").first()
    return Settings(*found) if found else Settings("everyone", receipts=True, typing=True)


def _load(viewer: Viewer, statement: str, row: dict[str, Any]) -> list[ConversationFacts]:
    """Read conversations, the people in them, and their newest messages."""
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        found = cursor.fetchall()
    members = [[MemberFacts(*each) for each in conversation[14]] for conversation in found]
    people.load(viewer, {each.account_id for group in members for each in group})
    newest = messages.several(viewer, [each[15] for each in found if each[15] is not None])
    return [
        _facts(each, [one for one in group if _shown(viewer, one)], newest.get(each[15]))
        for each, group in zip(found, members, strict=True)
    ]


def _shown(viewer: Viewer, member: MemberFacts) -> bool:
    return member.account_id == viewer.id or not viewer.person(member.account_id).blocked


def _facts(
    row: tuple[Any, ...], members: list[MemberFacts], newest: MessageFacts | None
) -> ConversationFacts:
    number, kind, owner, title, key, last_seq, state, invited_by, read, activity, muted = row[:11]
    return ConversationFacts(
        id=number,
        kind=kind,
        owner_id=owner,
        title=sealing.opened(bytes(title), key, conversation_id=number, about=number) or None,
        last_seq=last_seq,
        state=state,
        invited_by_id=invited_by,
        read_seq=read,
        activity_id=activity,
        muted_until=muted,
        pinned=row[11],
        archived=row[12],
        unread=row[13],
        members=members,
        last_message=newest,
    )
