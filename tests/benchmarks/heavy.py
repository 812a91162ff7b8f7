"""The heavy pages of the surge world, each beside the ordinary page that it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

import psycopg

from tests.benchmarks.kinds import Cast, Kind, Reader
from tests.benchmarks.load import Request

# Asked of the database once, before anything is measured; they may take their time.
_NAMED = "SELECT id FROM upscrolled_account WHERE lower(username) = %(name)s"
_THREAD = (
    "SELECT id FROM feed_post WHERE author_id = %(host)s AND in_reply_to_id IS NULL AND repost_of_id IS NULL"
)
_DEEP = """
SELECT p.id FROM feed_post p JOIN feed_post a ON a.id = p.in_reply_to_id JOIN feed_post b ON b.id = a.in_reply_to_id
JOIN feed_post c ON c.id = b.in_reply_to_id JOIN feed_post d ON d.id = c.in_reply_to_id
WHERE p.thread_id = %(thread)s LIMIT 1 OFFSET 50
"""
_LIKED = (
    "SELECT id FROM feed_post WHERE author_id = %(lucky)s AND repost_of_id IS NULL ORDER BY id DESC LIMIT 1"
)
_TALKATIVE = "SELECT account_id FROM upscrolled_accountcounters ORDER BY posts DESC LIMIT 1"
_TAGS = """
SELECT g.name FROM (SELECT tag_id, count(*) AS posts FROM feed_posttag GROUP BY 1) t JOIN feed_tag g ON g.id = t.tag_id
ORDER BY t.posts DESC LIMIT 3
"""
_FEW_LIKES = """
SELECT post_id FROM feed_postcounters WHERE likes BETWEEN 40 AND 80 ORDER BY post_id DESC LIMIT 200
"""
_FEW_FOLLOWERS = """
SELECT account_id FROM upscrolled_accountcounters WHERE followers BETWEEN 40 AND 80 ORDER BY account_id LIMIT 200
"""

# Requests by one person in a block. Whoever asks 1,500 times in five minutes is refused, and a quick machine comes to
# the next block of the same person soon.
ALONE = 30


@dataclass(frozen=True, slots=True)
class Cases:
    """What the heavy pages are about: ids and names."""

    accounts: dict[str, int]
    thread: int
    deep: int
    liked: int
    talkative: int
    tags: tuple[str, ...]
    few_likes: list[int]
    few_followers: list[int]


def find(url: str) -> Cases:
    """Read them from the surge world."""
    with psycopg.connect(url, autocommit=True) as connection:

        def all_of(query: str, **params: object) -> list[int]:
            return [row[0] for row in connection.execute(query, params)]

        accounts = {
            name: all_of(_NAMED, name=name)[0]
            for name in ("reader", "busy", "curious", "famous", "host", "lucky")
        }
        thread = all_of(_THREAD, host=accounts["host"])[0]
        return Cases(
            accounts=accounts,
            thread=thread,
            deep=all_of(_DEEP, thread=thread)[0],
            liked=all_of(_LIKED, lucky=accounts["lucky"])[0],
            talkative=all_of(_TALKATIVE)[0],
            tags=tuple(str(name) for name in all_of(_TAGS)),
            few_likes=all_of(_FEW_LIKES),
            few_followers=all_of(_FEW_FOLLOWERS),
        )


def heavy_kinds(
    cast: Cast, cases: Cases, heavy: dict[str, list[Reader]], forget_readers: Callable[[], None]
) -> list[Kind]:
    """Return heavy pages and the ordinary ones that only they need; `heavy` has tokens of named people."""
    turn = cycle(cast.readers)
    likes, followed, names = cycle(cases.few_likes), cycle(cases.few_followers), cycle(_NAMES)

    def get(path: str) -> Callable[[int], list[Request]]:
        return lambda n: [Request("GET", path, next(turn).token) for _ in range(n)]

    def each(make: Callable[[], str]) -> Callable[[int], list[Request]]:
        return lambda n: [Request("GET", make(), next(turn).token) for _ in range(n)]

    def alone(who: str, path: str) -> Callable[[int], list[Request]]:
        tokens = cycle(heavy[who])
        return lambda n: [Request("GET", path, next(tokens).token) for _ in range(n)]

    first, second, third = cases.tags
    home, tag = "/api/v1/timelines/home?limit=20", f"/api/v1/timelines/tag/{first}?limit=20"
    told = "/api/v1/notifications?limit=20"
    account, status, search = (
        "/api/v1/accounts/{}",
        "/api/v1/statuses/{}",
        "/api/v1/accounts/search?q={}&limit=20",
    )
    famous, talkative = account.format(cases.accounts["famous"]), account.format(cases.talkative)
    return [
        _ordinary("followers", "followers, 40 of some", each(lambda: f"{account.format(next(followed))}/followers")),
        _ordinary("liked_by", "favourited by some", each(lambda: f"{status.format(next(likes))}/favourited_by")),
        _ordinary("search", "search for a rare name", each(lambda: search.format(next(names)))),
        _heavy("home_5000", "home of who follows 5,000", alone("curious", home), "home", most=ALONE, again=True),
        _heavy("home_170", "home of who follows 170", alone("busy", home), "home", most=ALONE, again=True),
        _heavy("home_5000_first", "home of who follows 5,000, first visit", alone("curious", home), "home_first",
               most=1, prepare=forget_readers),
        _heavy("thread", "context, 10,000 replies", get(f"{status.format(cases.thread)}/context"), "context"),
        _heavy("thread_deep", "context, amid a chain of 100", get(f"{status.format(cases.deep)}/context"), "context"),
        _heavy("tag", "hashtag with a million posts", get(tag), "public"),
        _heavy("tag_any", "that hashtag or two more", get(f"{tag}&any[]={second}&any[]={third}"), "public"),
        _heavy("tag_all", "that hashtag and another", get(f"{tag}&all[]={second}"), "public"),
        _heavy("tag_none", "that hashtag, not two more", get(f"{tag}&none[]={second}&none[]={third}"), "public"),
        _heavy("followers_2m", "followers, 40 of 2 million", get(f"{famous}/followers"), "followers"),
        _heavy("liked_by_500k", "favourited by 500,000", get(f"{status.format(cases.liked)}/favourited_by"),
               "liked_by"),
        _heavy("author", "posts of who posts most", get(f"{talkative}/statuses?limit=20"), "account"),
        _heavy("author_quiet", "the same without replies", get(f"{talkative}/statuses?limit=20&exclude_replies=true"),
               "account"),
        _heavy("told", "notifications, 500,000 of one post", alone("lucky", told), "notifications", most=ALONE),
        _heavy("search_common", "search for a common name", get(search.format("alice")), "search"),
        _heavy("search_arabic", "search for a common Arabic name", get(search.format("%D9%84%D9%8A%D9%84%D9%89")),
               "search"),
        _heavy("search_letter", "search for one letter", get(search.format("a")), "search"),
        _heavy("search_nobody", "search for a name of nobody", get(search.format("emile_stonebridge")), "search"),
        _heavy("search_nobody_arabic", "search for an Arabic name of nobody",
               get(search.format("%D9%84%D9%8A%D9%84%D9%89%20%D8%A7%D9%84%D8%A8%D8%AC%D8%B1%D8%A7")), "search"),
        _heavy("search_nobody_short", "search for two letters of nobody", get(search.format("qx")), "search"),
        _heavy("search_5000", "search for a common name by who follows 5,000",
               alone("curious", search.format("alice")), "search", most=ALONE, again=True),
        _heavy("tag_none_in_common", "two hashtags that few posts carry both",
               get(f"/api/v1/timelines/tag/{second}?limit=20&all[]={third}"), "public"),
        _heavy("author_tagged", "posts of who posts most with a hashtag",
               get(f"{talkative}/statuses?limit=20&tagged={second}"), "account"),
    ]  # fmt: skip


_NAMES = tuple(
    f"{name}_{number}" for number in range(10_007, 12_000, 16) for name in ("emile", "marin", "sol")
)


def _ordinary(name: str, title: str, make: Callable[[int], list[Request]]) -> Kind:
    return Kind(name, title, make, None, None, "")


def _heavy(
    name: str,
    title: str,
    make: Callable[[int], list[Request]],
    against: str,
    *,
    most: int = 1_000_000,
    again: bool = False,
    prepare: Callable[[], None] = lambda: None,
) -> Kind:
    return Kind(name, title, make, None, None, "", again=again, prepare=prepare, against=against, most=most)
