"""The rows of a synthetic world: posts with all that stands beside them, as the operations would have left them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from feed import candidates
from feed.finding import ledger
from feed.ranking import formula
from upscrolled.core import ids, markup, text
from upscrolled.demo import bulk
from upscrolled.models import Audience, Notification

if TYPE_CHECKING:
    from feed.demo.world import Said, Told
    from upscrolled.demo.world import World

_POST = (
    "id", "author_id", "audience", "text", "html", "warning", "sensitive", "language", "in_reply_to_id",
    "in_reply_to_account_id", "repost_of_id", "mentions", "tags",
)  # fmt: skip
News = tuple[datetime, int, int, str, int]  # when, recipient, actor, kind, post


def write(world: World, told: Told) -> None:
    """Write posts, tags, likes, counts, candidates and notifications."""
    bulk.copy("feed_post", _POST, (_post(world, told, said) for said in told.said))
    _write_words(told)
    _write_tags(told)
    bulk.copy(
        "feed_like",
        ("post_id", "account_id", "created_at"),
        ((told.said[post].id, world.people[who].id, at) for (post, who), at in told.likes.items()),
    )
    _write_counts(told)
    _write_candidates(world, told)
    _write_authors(world, told)
    _write_news(world, told)


def tags_of(content: str) -> dict[str, str]:
    """Return the hashtags of a text by their one form, in the order of `post_types/text.py`."""
    found = {tag.name: tag.display for tag in reversed(text.parse(content).hashtags)}
    return dict(reversed(found.items()))


def _post(world: World, told: Told, said: Said) -> tuple[object, ...]:
    author = world.people[said.author]
    if said.shared is not None:
        original = told.said[said.shared].id
        return (said.id, author.id, said.audience, "", "", "", False, "", None, None, original, [], [])
    parent = told.said[said.parent] if said.parent is not None else None
    return (
        said.id,
        author.id,
        said.audience,
        said.text,
        _html(world, said),
        "",
        False,
        author.language,
        parent.id if parent else None,
        world.people[parent.author].id if parent else None,
        None,
        [world.people[one].id for one in said.mentions],
        list(tags_of(said.text).values()),
    )


def _html(world: World, said: Said) -> str:
    names = [world.people[one].username for one in said.mentions]
    urls = {name: (f"/@{name}", name) for name in names}
    return markup.to_html(said.text, mention_urls=urls, tag_url=text.tag_path)


def _write_words(told: Told) -> None:
    originals = [said.id for said in told.said if said.shared is None]
    for start in range(0, len(originals), ledger.BATCH):
        ledger.enter(originals[start : start + ledger.BATCH])


def _write_tags(told: Told) -> None:
    displays: dict[str, str] = {}
    tagged: list[tuple[str, int]] = []
    for said in told.said:
        for name, display in tags_of(said.text).items():
            displays.setdefault(name, display)
            tagged.append((name, said.id))
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO feed_tag (name, display) SELECT * FROM unnest(%(names)s::text[], %(displays)s::text[])
               RETURNING name, id""",
            {"names": list(displays), "displays": list(displays.values())},
        )
        id_of: dict[str, int] = dict(cursor.fetchall())
    bulk.copy("feed_posttag", ("tag_id", "post_id"), ((id_of[name], post_id) for name, post_id in tagged))


def _write_counts(told: Told) -> None:
    """A post that somebody reacted to has a row of numbers; the others have none."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for post, _ in told.likes:
        counts[post][0] += 1
    for said in told.said:
        if said.shared is not None:
            counts[said.shared][1] += 1
        if said.parent is not None:
            counts[said.parent][2] += 1
    bulk.copy(
        "feed_postcounters",
        ("post_id", "likes", "reposts", "replies"),
        ((told.said[post].id, *numbers) for post, numbers in sorted(counts.items())),
    )


def _write_candidates(world: World, told: Told) -> None:
    """Tickets count each person once, and never the author."""
    people: dict[int, tuple[set[int], set[int], set[int]]] = {
        number: (set(), set(), set())
        for number, said in enumerate(told.said)
        if said.audience == Audience.PUBLIC and said.shared is None and said.parent is None
    }
    reactions = [(post, 0, who) for post, who in told.likes]
    for said in told.said:
        if said.parent is not None and said.audience != Audience.FOLLOWERS:
            reactions.append((said.parent, 1, said.author))
        if said.shared is not None:
            reactions.append((said.shared, 2, said.author))
    for post, kind, who in reactions:
        if post in people and who != told.said[post].author:
            people[post][kind].add(who)
    bulk.copy(
        "feed_candidate",
        ("post_id", "author_id", "likes", "comments", "shares", "base", "ring", "day"),
        (_candidate(world, told.said[post], *map(len, kinds)) for post, kinds in people.items()),
    )


def _candidate(world: World, said: Said, likes: int, comments: int, shares: int) -> tuple[object, ...]:
    created = ids.created_ms(said.id)
    base = formula.base(formula.tickets(likes, comments, shares), created)
    author = world.people[said.author].id
    return (
        said.id,
        author,
        likes,
        comments,
        shares,
        base,
        candidates.ring(said.id),
        created // candidates.DAY_MS,
    )


def _write_authors(world: World, told: Told) -> None:
    posts: dict[int, list[Said]] = defaultdict(list)
    for said in told.said:
        if said.shared is None:
            posts[world.people[said.author].id].append(said)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE upscrolled_accountcounters c SET posts = n.posts, last_post_on = n.last_on
               FROM unnest(%(ids)s::bigint[], %(posts)s::int[], %(days)s::date[]) AS n (id, posts, last_on)
               WHERE c.account_id = n.id""",
            {
                "ids": list(posts),
                "posts": [len(said) for said in posts.values()],
                "days": [said[-1].at.date() for said in posts.values()],
            },
        )


def _write_news(world: World, told: Told) -> None:
    rows = sorted(row for row in _news(world, told) if world.may_tell(row[1], row[2]))
    id_of = [person.id for person in world.people]
    bulk.copy(
        "upscrolled_notification",
        ("recipient_id", "actor_id", "kind", "subject_id", "created_at"),
        ((id_of[recipient], id_of[actor], kind, subject, at) for at, recipient, actor, kind, subject in rows),
    )


def _news(world: World, told: Told) -> Iterator[News]:
    """Yield what everybody would be told, were it not for mutes."""
    kinds = Notification.Kind
    bells: dict[int, list[int]] = defaultdict(list)
    for (one, other), bell in world.follows.items():
        if bell:
            bells[other].append(one)
    for (post, who), at in told.likes.items():
        yield at, told.said[post].author, who, kinds.LIKE.value, told.said[post].id
    for said in told.said:
        if said.shared is not None:
            original = told.said[said.shared]
            yield said.at, original.author, said.author, kinds.REPOST.value, original.id
            continue
        for named in said.mentions:
            yield said.at, named, said.author, kinds.MENTION.value, said.id
        if said.parent is None:
            for follower in bells[said.author]:
                yield said.at, follower, said.author, kinds.POST.value, said.id
