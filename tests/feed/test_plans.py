"""How PostgreSQL answers the heavy pages of a surge world: no page reads a whole table, however large it grows.

Each statement of a page is explained twice, as the server plans it for its values and as it plans it for any
(what a prepared statement comes to after a while); the pages that it reads are bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg import sql

from feed.models import Candidate, Post
from feed.ranking.formula import V1
from feed.ranking.pool import FRESH, POPULAR
from feed.tasks import DELETED_KEPT, purge
from feed.timelines import fan_in, freeze, home, store
from tests.people import client_of
from tests.surge import surge_world
from tests.waiting import until
from upscrolled import people
from upscrolled.models import Account, AccountCounters, Follow

pytestmark = pytest.mark.django_db

LARGE = {
    "feed_post", "feed_postcounters", "feed_candidate", "feed_like", "feed_posttag", "upscrolled_account",
    "upscrolled_accountcounters", "upscrolled_follow", "upscrolled_notification",
}  # fmt: skip
ORDINARY = (
    2_500  # blocks of 8 KB a page may touch, most of them in memory: a page of 40 posts touches about 1,000
)
PAGES = {
    "/api/v1/timelines/home": ORDINARY
    * 2.5,  # the first visit: it makes the list of somebody who follows 170
    "/api/v1/timelines/public": ORDINARY,
    "/api/v1/timelines/tag/surge": ORDINARY,
    "/api/v1/timelines/tag/surge?any[]=bread&any[]=sea": ORDINARY * 2,
    "/api/v1/timelines/tag/surge?all[]=bread": ORDINARY * 2,
    "/api/v1/timelines/tag/surge?none[]=bread&none[]=books": ORDINARY * 2,
    "/api/v1/accounts/{talkative}/statuses": ORDINARY,
    "/api/v1/accounts/{talkative}/statuses?exclude_replies=true": ORDINARY,
    "/api/v1/accounts/{talkative}/statuses?exclude_replies=true&exclude_reblogs=true": ORDINARY,
    "/api/v1/accounts/{talkative}/statuses?tagged=surge": ORDINARY,
    "/api/v1/accounts/{famous}/followers?max_id={deep}": ORDINARY,
    "/api/v1/accounts/{famous}/followers?min_id=1": ORDINARY,
    "/api/v1/statuses/{liked}/favourited_by?min_id=1": ORDINARY,
    "/api/v1/accounts/familiar_followers?id[]={famous}": ORDINARY,
    "/api/v1/directory?order=active&limit=40": ORDINARY,
    "/api/v2/suggestions?limit=40": ORDINARY * 2,
    "/api/v1/accounts/{famous}/statuses": ORDINARY,
    "/api/v1/accounts/{famous}/followers": ORDINARY,
    "/api/v1/accounts/{curious}/following": ORDINARY,
    "/api/v1/statuses/{thread}/context": ORDINARY * 3,
    "/api/v1/statuses/{liked}/favourited_by": ORDINARY,
    "/api/v1/notifications": ORDINARY,
}


@pytest.fixture(scope="module")
def cases(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """The world, made once for this module, and what its heavy pages are about."""
    with django_db_blocker.unblock(), surge_world():
        found = {account.username: account.id for account in Account.objects.filter(id__lt=_tenth())}
        most = AccountCounters.objects.order_by("-posts").values_list("account_id", flat=True)[0]
        thread = Post.objects.get(author_id=found["host"], in_reply_to=None).id
        liked = Post.objects.filter(author_id=found["lucky"]).latest("id").id
        fans = Follow.objects.filter(target_id=found["famous"]).order_by("id").values_list("id", flat=True)
        yield {**found, "deep": fans[60], "talkative": most, "thread": thread, "liked": liked}


def _tenth() -> int:
    return Account.objects.order_by("id").values_list("id", flat=True)[10]


@contextmanager
def statements() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What is asked of the database inside, with the values."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def note(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        if statement.lstrip().startswith(("SELECT", "WITH", "(")) and isinstance(params, dict):
            asked.append((statement, params))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def explained(statement: str, params: dict[str, Any], *, mode: str) -> dict[str, Any]:
    """How the server runs it, planned for these values or for any."""
    names: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    text = re.sub(r"%%|%\((\w+)\)s", numbered, statement)
    values = ", ".join(sql.Literal(params[name]).as_string(connection.connection) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        cursor.execute(f"PREPARE page AS {text}")
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page{f'({values})' if values else ''}"
        )
        row = cursor.fetchone()
        cursor.execute("DEALLOCATE page")
        cursor.execute("RESET plan_cache_mode")
    assert row is not None
    found: dict[str, Any] = (row[0] if isinstance(row[0], list) else json.loads(row[0]))[0]["Plan"]
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def read_whole(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Large tables that were read from end to end; a part that was not needed was planned, but never run."""
    return [
        node
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE and node["Actual Loops"]
    ]


def blocks(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_reads_a_whole_table(cases, page, mode):
    who = "lucky" if "notifications" in page else "busy"
    client = client_of(Account.objects.get(pk=cases[who]))
    with statements() as asked:
        answer = client.get(page.format(**cases))
    assert answer.status_code == 200
    shown = answer.json()["descendants"] if "context" in page else answer.json()
    assert len(shown[0]["accounts"] if "familiar" in page else shown) >= (1 if "familiar" in page else 15)

    def whole() -> list[tuple[str, str]]:
        return [
            (node["Relation Name"], statement)
            for statement, params in asked
            for node in read_whole(explained(statement, params, mode=mode))
        ]

    until(whole, lambda found: not found)  # right after all was loaded the planner may not know it yet
    plans = [(statement, explained(statement, params, mode=mode)) for statement, params in asked]
    touched = [blocks(plan) for _, plan in plans]
    assert sum(touched) <= PAGES[page], list(zip(touched, (statement for statement, _ in plans), strict=True))


def test_a_pool_is_frozen_along_indexes_and_asks_once_who_is_out(cases):
    """What it costs follows the size of the pool: not the number of posts, of accounts, or of decisions."""
    now_ms = Candidate.objects.latest("post_id").post_id >> 16
    asked = {POPULAR: 500, FRESH: 100}

    plan = explained(freeze.statement("all", now_ms, 1 << 62, V1, asked), {}, mode="force_custom_plan")

    assert read_whole(plan) == []
    looked = {node["Index Name"]: node["Actual Loops"] for node in nodes(plan) if "Index Name" in node}
    assert {"candidate_popular", "candidate_fresh", "account_out_of_discover"} <= set(looked)
    assert max(looked.values()) == 1
    assert blocks(plan) <= 3 * sum(asked.values())


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    ("page", "index"),
    [
        ("/api/v1/timelines/public?only_media=true", "post_media_public"),
        ("/api/v1/accounts/{talkative}/statuses?only_media=true", "post_media_by_author"),
    ],
)
def test_pages_of_media_alone_walk_an_index_of_their_own(cases, page, index, mode):
    """However seldom somebody posts a photo: words between them are never looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE feed_post SET parts = '{media}' WHERE id IN (SELECT id FROM ("
            "SELECT id, row_number() OVER (PARTITION BY author_id ORDER BY id) AS n FROM feed_post) x WHERE n % 50 = 0)"
        )
        cursor.execute("ANALYZE feed_post")
    client = client_of(Account.objects.get(pk=cases["busy"]))
    with statements() as asked:
        assert client.get(page.format(**cases)).json()
    walk = next((statement, params) for statement, params in asked if "ARRAY['media']" in statement)

    plan = explained(*walk, mode=mode)

    assert read_whole(plan) == []
    assert index in {node.get("Index Name") for node in nodes(plan)}
    assert blocks(plan) <= ORDINARY


def first_visit(cases: dict[str, int], mode: str) -> tuple[int, dict[str, Any]]:
    """How many people somebody follows, and how the server runs the statement from which their list is made."""
    client = client_of(Account.objects.get(pk=cases["curious"]))
    follows = Follow.objects.filter(account_id=cases["curious"]).count()
    assert follows > fan_in.CROWD
    with statements() as asked:
        assert len(client.get("/api/v1/timelines/home").json()) == 20
    merge = next((statement, params) for statement, params in asked if "merged" in statement)
    plan = explained(*merge, mode=mode)
    assert read_whole(plan) == []
    of_follows = [node for node in nodes(plan) if node.get("Relation Name") == "upscrolled_follow"]
    assert of_follows
    assert [
        node for node in of_follows if node["Actual Rows"] > 1 and node["Node Type"] != "Index Only Scan"
    ] == []
    return follows, plan


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_the_first_visit_of_who_follows_very_many_asks_nobody_where_the_newest_posts_do(cases, mode):
    """It walks the newest posts of the site until it has some pages, and reads of the follows only the index."""
    follows, plan = first_visit(cases, mode)

    assert [
        node for node in nodes(plan) if node.get("Index Name") == "post_by_author" and node["Actual Loops"]
    ] == []
    (walk,) = [node for node in nodes(plan) if node.get("Index Name") == "feed_post_pkey"]
    assert 0 < walk["Actual Rows"] <= fan_in.PER_AUTHOR * (follows + 2)
    assert blocks(plan) <= 4 * follows + ORDINARY


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_the_first_visit_of_who_follows_very_many_asks_each_author_about_once(cases, mode, monkeypatch):
    """Where the newest posts are others'. It reads little more of theirs than stands in the list."""
    monkeypatch.setattr(fan_in, "PER_AUTHOR", 0)
    monkeypatch.setattr(home, "_HOME", fan_in.FanIn(who=home._WHO, taste=home._TASTE))
    follows, plan = first_visit(cases, mode)

    assert blocks(plan) <= 4 * follows + 2 * ORDINARY
    probes = [node for node in nodes(plan) if node.get("Index Name") == "post_by_author"]
    assert sum(node["Actual Loops"] for node in probes) <= 1.5 * follows
    read = [node for node in nodes(plan) if node.get("Node Type") == "Index Scan" and node in probes]
    rows = sum(node["Actual Rows"] * node["Actual Loops"] for node in read)
    assert 0 < rows <= 2.5 * (1 + fan_in.SPARE) * store.KEPT


ASKED = (
    "alice", "a", "al", "ali", "emile_99999999", "emile_77777", "zzyzx", "q", "qx", "qxz", "x" * 30, "x" * 200,
    "ليلى", "ل", "لي", "ليل", "ظ", "ظظ", "ظظظ", "ليلى الندىء", "ض" * 31, "🌸", "-", "%", "_",
    "stone", "الندى", "ston", "nobody at all",
)  # fmt: skip


@pytest.mark.parametrize("following", ["", "&following=true"])
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("q", ASKED)
def test_nobody_is_looked_for_in_the_whole_table(cases, q, mode, following):
    """Nor in the whole of an index: a name of nobody is found to be one by looking where it would stand."""
    client = client_of(Account.objects.get(pk=cases["curious"]))
    with statements() as asked:
        assert client.get(f"/api/v1/accounts/search?q={quote(q)}{following}").status_code == 200

    plans = [explained(statement, params, mode=mode) for statement, params in asked]

    assert [read_whole(plan) for plan in plans if read_whole(plan)] == []
    assert sum(map(blocks, plans)) <= ORDINARY * 3


def test_whether_one_mutes_another_is_asked_of_the_pair(cases):
    """Not of the list of everybody who mutes them, which may be a hundred thousand long."""
    somebody = list(Account.objects.values_list("id", flat=True)[:20])

    plan = explained(
        people.SQL, {"viewer": cases["reader"], "country": "", "ids": somebody}, mode="force_generic_plan"
    )

    asked = {node.get("Index Name") for node in nodes(plan)}
    assert {"one_follow_per_pair", "one_block_per_pair", "one_mute_per_pair"} <= asked
    assert not asked & {"mute_from", "mute_to", "block_from", "block_to", "follow_from", "follow_to"}


@pytest.mark.usefixtures("cases")
def test_what_was_deleted_long_ago_is_found_without_a_look_at_every_post():
    """And goes; what was deleted yesterday stays for a while."""
    old, new, other = Post.objects.order_by("-id").values_list("id", flat=True)[:3]
    Post.objects.filter(pk=old).update(deleted_at=datetime.now(UTC) - DELETED_KEPT - timedelta(minutes=1))
    Post.objects.filter(pk=new).update(deleted_at=datetime.now(UTC) - timedelta(days=1))
    with CaptureQueriesContext(connection) as asked:
        purge()
    assert set(Post.objects.filter(pk__in=[old, new, other]).values_list("id", flat=True)) == {new, other}
    looking = next(each["sql"] for each in asked if '"deleted_at" <' in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {looking}")
        assert "post_deleted" in str(cursor.fetchall())
