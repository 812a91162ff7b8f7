"""Like, share, bookmark, and take it back. Each may be said twice and counts once."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from msgspec.structs import replace

from feed import candidates, counters, counting, outbox, tasks
from feed.facts import PostFacts
from feed.timelines import delivery
from upscrolled import acting
from upscrolled import tasks as ground
from upscrolled.core import ids
from upscrolled.core.errors import Conflict, NotAllowed
from upscrolled.models import Account, Audience, Notification
from upscrolled.operations.notify import TELL, WITHDRAW, notify, withdraw
from upscrolled.outbox import OWE_TOLD, owe
from upscrolled.visibility import MAY, refuse, require_interact

_MARK = """
INSERT INTO {table} (post_id, account_id, created_at) VALUES (%(post)s, %(account)s, %(now)s)
ON CONFLICT (post_id, account_id) DO NOTHING
"""
_UNMARK = f"DELETE FROM {{table}} USING {acting.HAND} WHERE post_id = %(post)s AND account_id = %(account)s"

# All that follows from a like is one statement: it is whole or not at all, without a transaction around it, and
# the row of a post's numbers is kept from others for no longer than a commit takes.
_LIKES = ("likes",)
_NEW = "EXISTS (SELECT 1 FROM mark)"
# Without its indentation: the driver remembers no statement that is longer than 4,096 letters.
_LIKE = re.sub(
    r"\n +",
    "\n",
    f"""WITH {MAY},
mark AS (
  INSERT INTO feed_like (post_id, account_id, created_at)
  SELECT %(post)s::bigint, %(by)s::bigint, %(now)s::timestamptz FROM may WHERE may.reason = ''
  ON CONFLICT (post_id, account_id) DO NOTHING RETURNING 1
),
{counting.steps(_LIKES, _LIKES, mark="mark")},
told AS ({TELL.format(when=_NEW)}),
owed AS ({OWE_TOLD})
{counting.standing(_LIKES, mark="mark", also="(SELECT reason FROM may)")}""",
)
_UNLIKE = f"""WITH mark AS ({_UNMARK.format(table="feed_like")} RETURNING 1),
{counting.steps(_LIKES, _LIKES, mark="mark")},
withdrawn AS ({WITHDRAW.format(when=_NEW)})
{counting.standing(_LIKES, mark="mark", also="''")}"""


def like(post: PostFacts, *, by: Account, now: datetime) -> PostFacts:
    """Like a post and return it as it then stands; liking it again changes nothing.

    Raises what `require_interact` raises: it is asked in the same statement.
    """
    told = {"recipients": f"{{{post.author_id}}}", "other": post.author_id, "now": now}
    likes = _change_like(_LIKE, post, by, 1, told)
    if not post.liked:
        ground.tell_soon()
    return replace(post, liked=True, likes=likes)


def unlike(post: PostFacts, *, by: Account) -> PostFacts:
    """Take a like back; the notification goes with it."""
    return replace(post, liked=False, likes=_change_like(_UNLIKE, post, by, -1, {}))


def bookmark(post: PostFacts, *, by: Account, now: datetime) -> PostFacts:
    """Keep a post to come back to; nobody else learns of it."""
    _mark("feed_bookmark", post.id, by, now)
    return replace(post, bookmarked=True)


def unbookmark(post: PostFacts, *, by: Account) -> PostFacts:
    """Drop a bookmark."""
    _unmark("feed_bookmark", post.id, by)
    return replace(post, bookmarked=False)


@transaction.atomic
def repost(post: PostFacts, *, by: Account, audience: str, now: datetime) -> int:
    """Share a post with one's readers and return the id of the share; sharing it again returns the same.

    Raises NotAllowed for a post that is not for everybody, one's own for followers apart.
    """
    require_interact(by, post.author_id)
    if post.audience == Audience.FOLLOWERS:
        if post.author_id != by.id:
            raise NotAllowed
        audience = Audience.FOLLOWERS
    share_id, version = _share(post.id, by, audience, now)
    if version is None:
        return share_id
    counters.bump(post.id, reposts=1)
    if audience == Audience.PUBLIC:
        candidates.shared(post.id, by=by.id, step=1)
    notify(post.author_id, Notification.Kind.REPOST, actor_id=by.id, subject_id=post.id, now=now)
    delivery.push_own(share_id, author_id=by.id, version=version)
    tasks.deliver_soon()
    return share_id


@transaction.atomic
def unrepost(post: PostFacts, *, by: Account, now: datetime) -> PostFacts:
    """Take a share back."""
    acting.as_owner(by.id)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE feed_post SET deleted_at = %(now)s
               WHERE author_id = %(by)s AND repost_of_id = %(post)s AND deleted_at IS NULL
               RETURNING audience, id""",
            {"now": now, "by": by.id, "post": post.id},
        )
        ended = cursor.fetchone()
    if ended is None:
        return replace(post, reposted=False)
    reposts = counters.bump(post.id, reposts=-1)["reposts"]
    if ended[0] == Audience.PUBLIC:
        candidates.shared(post.id, by=by.id, step=-1)
    withdraw(Notification.Kind.REPOST, actor_id=by.id, subject_id=post.id)
    owe("delete", ended[1])
    ground.tell_soon()
    return replace(post, reposted=False, reposts=reposts)


def _change_like(sql: str, post: PostFacts, by: Account, step: int, more: dict[str, Any]) -> int:
    """Run one of the two statements; return how many like the post then, this person rightly among them or not.

    Raises NotFound or NotAllowed for whom it does not let.
    """
    row: dict[str, Any] = {
        "post": post.id,
        "account": by.id,
        "by": by.id,
        "likes": step,
        "ticket_likes": step,
    }
    about: dict[str, Any] = {"actor": by.id, "subject": post.id, "kind": Notification.Kind.LIKE.value}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**row, **about, **more})
        likes, reason = cursor.fetchone()
    refuse(reason)
    return int(likes)


def _mark(table: str, post_id: int, by: Account, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_MARK.format(table=table), {"post": post_id, "account": by.id, "now": now})
        return bool(cursor.rowcount)


def _unmark(table: str, post_id: int, by: Account) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_UNMARK.format(table=table), {"post": post_id, "account": by.id, "actor": by.id})
        return bool(cursor.rowcount)


_SHARE = f"""
WITH post AS (
INSERT INTO feed_post (id, author_id, audience, repost_of_id, text, html, warning, sensitive, language,
                       mentions, tags)
VALUES (%(id)s, %(by)s, %(audience)s, %(post)s, '', '', '', false, '', '{{}}', '{{}}')
ON CONFLICT DO NOTHING RETURNING id, author_id
), owed AS ({outbox.OWE})
SELECT c.graph_version FROM post JOIN upscrolled_accountcounters c ON c.account_id = post.author_id
"""


_STANDING = """
SELECT id FROM feed_post WHERE author_id = %(by)s AND repost_of_id = %(post)s AND deleted_at IS NULL
"""


def _share(post_id: int, by: Account, audience: str, now: datetime) -> tuple[int, int | None]:
    """Return the id of this person's share, and, if it is new, the version of their relations.

    Tried again when another process drew the same id, or a standing share was taken back meanwhile.
    """
    with connection.cursor() as cursor:
        for _ in range(3):
            row: dict[str, Any] = {"id": ids.at(now), "by": by.id, "audience": audience, "post": post_id}
            cursor.execute(_SHARE, row)
            if (made := cursor.fetchone()) is not None:
                return int(row["id"]), int(made[0])
            cursor.execute(_STANDING, {"by": by.id, "post": post_id})
            if (standing := cursor.fetchone()) is not None:
                return int(standing[0]), None
    raise Conflict("The share is changing at this moment. Try again.")
