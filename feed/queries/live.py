"""Who is told of a post at this moment, and how each of them meets it: a fixed number of statements for any crowd.

One load brings the post as nobody in particular meets it, one statement what stands between its people and all
listeners, one the listeners' marks. Listeners of whom the same is true meet the same post, and share what is made of
it; those with filters of their own, and those who voted in its poll, are met one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from msgspec.structs import replace

from feed import facts, filters, post_types
from feed.facts import PostFacts
from feed.filters import Filters
from feed.models import ReadingList
from feed.queries import filters as own_filters
from upscrolled import people
from upscrolled.models import Account, Audience
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, why_hidden


@dataclass(frozen=True, slots=True)
class Scene:
    """A post as nobody in particular meets it, with the people it speaks of."""

    post: PostFacts
    viewer: Viewer

    @property
    def is_public_original(self) -> bool:
        """Whether the public timeline has posts like this one."""
        post = self.post
        return (
            post.audience == Audience.PUBLIC
            and post.repost_of_id is None
            and post.in_reply_to_account_id is None
        )


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """A post as these accounts meet it; `viewer` stands for all of them."""

    accounts: frozenset[int]
    viewer: Viewer
    post: PostFacts
    mine: Filters

    def sees(self, surface: Surface) -> bool:
        """Say whether they may and want to see it there."""
        return why_hidden(self.post, self.viewer, surface) is None

    def leaves_out(self, context: str, now: Any) -> bool:
        """Say whether filters of theirs leave it out there."""
        hiding = self.mine.irreversible(context) if self.mine.all else self.mine
        return bool(hiding.all) and own_filters.hides(
            hiding, self.post, viewer_id=self.viewer.id, context=context, now=now
        )


def find(post_id: int, *, country: str = "", deleted: bool = False) -> Scene | None:
    """Return a post that stands, or (`deleted`) as it stood before it was deleted."""
    viewer = Viewer(country=country)
    found = facts.load(viewer, [post_id])
    if not found or (found[0].deleted and not deleted):
        return None
    return Scene(replace(found[0], deleted=False), viewer)


# Home of people who keep the author apart, on an exclusive list, has none of their posts.
_HOME = """
SELECT f.account_id FROM upscrolled_follow f
WHERE f.target_id = %(author)s AND f.account_id = ANY(%(accounts)s::bigint[])
  AND NOT EXISTS (SELECT 1 FROM feed_listmember m JOIN feed_readinglist l ON l.id = m.reading_list_id
                  WHERE m.follow_id = f.id AND l.exclusive)
"""
_LISTS = """
SELECT l.id, l.account_id FROM feed_readinglist l
JOIN feed_listmember m ON m.reading_list_id = l.id AND m.account_id = %(author)s
LEFT JOIN upscrolled_follow f ON f.id = m.follow_id
WHERE l.id = ANY(%(lists)s::bigint[])
  AND (l.account_id = %(author)s OR (f.id IS NOT NULL AND (f.reposts OR NOT %(share)s)))
  AND (%(parent)s::bigint IS NULL OR %(parent)s::bigint IN (%(author)s, l.account_id)
       OR CASE l.replies
          WHEN 'list' THEN EXISTS (SELECT 1 FROM feed_listmember o
                                   WHERE o.reading_list_id = l.id AND o.account_id = %(parent)s::bigint)
          WHEN 'followed' THEN EXISTS (SELECT 1 FROM upscrolled_follow g WHERE g.account_id = l.account_id
                                       AND g.target_id = %(parent)s::bigint)
          ELSE false END)
"""


def home_of(scene: Scene, accounts: Collection[int]) -> set[int]:
    """Return in whose home, of these accounts, the post stands."""
    if not accounts:
        return set()
    author = scene.post.author_id
    with connection.cursor() as cursor:
        cursor.execute(_HOME, {"author": author, "accounts": list(accounts)})
        found = {row[0] for row in cursor.fetchall()}
    return found | ({author} & set(accounts))


def owns_list(list_id: str, account_id: int) -> bool:
    """Say whether a list is of this account."""
    return ReadingList.objects.filter(pk=int(list_id), account_id=account_id).exists()


def lists_with(scene: Scene, lists: Collection[int]) -> dict[int, int]:
    """Return on which of these lists the post stands, with the owner of each."""
    if not lists:
        return {}
    post = scene.post
    row: dict[str, Any] = {
        "lists": list(lists),
        "author": post.author_id,
        "share": post.repost_of_id is not None,
        "parent": post.in_reply_to_account_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LISTS, row)
        return dict(cursor.fetchall())


_FILTERING = """
SELECT c.account_id, c.graph_version FROM upscrolled_accountcounters c
WHERE c.account_id = ANY(%(accounts)s::bigint[])
  AND EXISTS (SELECT 1 FROM feed_filter f WHERE f.account_id = c.account_id)
"""


def meet(scene: Scene, accounts: Iterable[int]) -> list[Met]:
    """Return how these accounts (0: nobody) meet the post, those together who meet it alike."""
    everybody = set(accounts)
    somebody = sorted(everybody - {0})
    met = [Met(frozenset([0]), scene.viewer, scene.post, filters.NONE)] if 0 in everybody else []
    if not somebody:
        return met
    posts = list(_within(scene.post))
    known = scene.viewer.people
    relations = people.relations(somebody, known)
    marks = facts.marks(somebody, [post.id for post in posts])
    filtering = _versions(somebody)
    voters = post_types.touched(somebody, [(post.id, post.parts) for post in posts if post.parts])
    alike: dict[Any, list[int]] = {}
    for account in somebody:
        alone = account in known or account in filtering or account in voters
        key = (
            account if alone else 0,
            tuple(sorted(relations.get(account, {}).items())),
            tuple(sorted(marks.get(account, {}).items())),
        )
        alike.setdefault(key, []).append(account)
    for same in alike.values():
        one = same[0]
        viewer = Viewer(Account(id=one), filtering.get(one, 0), scene.viewer.country)
        viewer.people = _as_met(scene, relations.get(one, {}))
        post = facts.marked(scene.post, marks.get(one, {}))
        if one in voters:
            post = facts.load(viewer, [post.id])[0]
        mine = own_filters.of(viewer) if one in filtering else filters.NONE
        met.append(Met(frozenset(same), viewer, post, mine))
    return met


def viewers(accounts: Iterable[int], *, country: str = "") -> dict[int, Viewer]:
    """Return these accounts as viewers, with the version of their relations."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, graph_version FROM upscrolled_accountcounters WHERE account_id = ANY(%(ids)s)",
            {"ids": list(accounts)},
        )
        return {
            account: Viewer(Account(id=account), version, country) for account, version in cursor.fetchall()
        }


def _within(post: PostFacts) -> Iterable[PostFacts]:
    for each in (post, post.original, post.quoted, post.original and post.original.quoted):
        if each is not None:
            yield each


def _versions(accounts: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_FILTERING, {"accounts": accounts})
        return dict(cursor.fetchall())


def _as_met(scene: Scene, relations: dict[int, people.Relation]) -> dict[int, Any]:
    known = scene.viewer.people
    return {**known, **{who: people.related(known[who], relation) for who, relation in relations.items()}}
