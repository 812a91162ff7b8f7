"""Who may answer a post, and who may quote it: what its author chose, on a page and at the write.

A circle stands once, its test and its SQL side by side; a test holds the two together. On a page (`may_reply`,
`may_quote`) the people are loaded and nothing is asked; a write (`require_reply`, `require_quote`) asks the
database, since a page may be old.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection

from upscrolled.core.errors import NotAllowed, NotFound
from upscrolled.models import Account, Audience, Circle, Restriction
from upscrolled.viewer import Person, Viewer
from upscrolled.visibility import Surface, ask, refuse, visible_sql


class Open(Protocol):
    """What a circle may ask of a post."""

    @property
    def author_id(self) -> int: ...
    @property
    def audience(self) -> str: ...
    @property
    def mentions(self) -> Any: ...
    @property
    def restrictions(self) -> Any: ...
    @property
    def replying(self) -> str: ...
    @property
    def quoting(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Within:
    """Whether somebody belongs to an author's circle: of the author as they meet them, and in SQL.

    `sql` speaks of the author `p.author_id` and of the one who asks, `{by}`. `words` end a refusal.
    """

    test: Callable[[Person], bool]
    sql: str
    words: str


_FOLLOWS = "EXISTS (SELECT 1 FROM upscrolled_follow f WHERE f.account_id = {one} AND f.target_id = {other})"
CIRCLES: dict[str, _Within] = {
    Circle.EVERYBODY: _Within(lambda author: True, "true", "everybody may"),
    Circle.FOLLOWERS: _Within(
        lambda author: author.followed,
        _FOLLOWS.format(one="{by}", other="p.author_id"),
        "only people who follow its author may",
    ),
    Circle.FOLLOWED: _Within(
        lambda author: bool(author.follows_me),
        _FOLLOWS.format(one="p.author_id", other="{by}"),
        "only people whom its author follows may",
    ),
    Circle.NOBODY: _Within(lambda author: False, "false", "nobody may"),
}


def _within(column: str, by: str) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {each.sql.format(by=by)}" for name, each in CIRCLES.items())
    return f"CASE {column} {cases} ELSE false END"


# Whom a post names may answer it always; a decision that ends the answers ends them for all.
_OFF = f"""EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'post' AND r.subject_id = p.id
    AND r.kind = '{Restriction.Kind.REPLIES_OFF}' AND r.countries = '{{}}'
    AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))"""
_REPLY = f"""(SELECT CASE WHEN {_OFF} THEN 'off'
    WHEN p.author_id = a.id OR a.id = ANY(p.mentions) OR {_within("p.replying", "a.id")} THEN ''
    ELSE p.replying END
  FROM feed_post p WHERE p.id = %(post)s AND p.deleted_at IS NULL)"""
# A share stands for what it shares. A post for followers is its author's alone to quote.
_QUOTE = f"""
SELECT p.id, p.author_id, p.audience,
       p.author_id = %(viewer)s
       OR (p.audience <> 'followers' AND {_within("p.quoting", "%(viewer)s")}), p.quoting
FROM feed_post p
WHERE p.id = coalesce((SELECT s.repost_of_id FROM feed_post s WHERE s.id = %(post)s), %(post)s)
  AND {visible_sql(Surface.THREAD)}
"""


@dataclass(frozen=True, slots=True)
class Quotable:
    """A post that somebody may quote."""

    id: int
    author_id: int
    audience: str


def may_reply(post: Open, viewer: Viewer) -> bool:
    """Say whether this viewer may answer a post of their page."""
    if viewer.account is None or "replies_off" in post.restrictions:
        return False
    if post.replying == Circle.EVERYBODY or post.author_id == viewer.id or viewer.id in post.mentions:
        return True
    return CIRCLES[post.replying].test(viewer.person(post.author_id))


def may_quote(post: Open, viewer: Viewer) -> bool:
    """Say whether this viewer may quote a post of their page."""
    if viewer.account is None or post.author_id == viewer.id:
        return viewer.account is not None
    if post.audience == Audience.FOLLOWERS:
        return False
    return post.quoting == Circle.EVERYBODY or CIRCLES[post.quoting].test(viewer.person(post.author_id))


def require_reply(by: Account, *, post_id: int, author_id: int) -> None:
    """Raise what `visibility.require_interact` does, and NotAllowed for whom the author lets not answer.

    The caller has seen that `by` may see the post; NotFound if it was deleted meanwhile.
    """
    reason, refused = ask(by, author_id, _REPLY, post=post_id)
    refuse(reason)
    if refused is None:
        raise NotFound
    if refused == "off":
        raise NotAllowed("This action is not allowed: answers to this post are switched off by a decision")
    if refused:
        raise NotAllowed(f"This action is not allowed: {CIRCLES[refused].words} answer this post")


def require_quote(by: Account, *, post_id: int) -> Quotable:
    """Return the post that `by` may quote; a share stands for what it shares.

    Raises NotFound for what they may not see, NotAllowed where its author does not let them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_QUOTE, {"post": post_id, "viewer": by.id, "country": ""})
        row = cursor.fetchone()
    if row is None:
        raise NotFound("The post you are trying to quote does not appear to exist.")
    quoted_id, author_id, audience, allowed, circle = row
    if not allowed:
        words = CIRCLES[Circle.NOBODY if audience == Audience.FOLLOWERS else circle].words
        raise NotAllowed(f"This action is not allowed: {words} quote this post")
    return Quotable(quoted_id, author_id, audience)
