"""The ranked feed over the API: scrolls, nonces, what a viewer does not get, and life without Valkey."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed.models import Candidate
from feed.operations.interact import like
from feed.operations.revise import delete_post
from feed.queries import discover as queries
from feed.ranking import receipt as ranking
from feed.ranking.pool import Pool
from feed.timelines import pools
from feed.timelines.discover import PUBLIC_SECONDS
from tests import restricting
from tests.people import NOON, client_of, make_account, publish, seen_by, token_of
from tests.waiting import steady
from upscrolled.core import valkey
from upscrolled.operations.relationships import block, mute
from upscrolled.viewer import Viewer
from upscrolled.visibility import RULES

DISCOVER = "/api/v1/upscrolled/discover"
TRENDS = "/api/v1/trends/statuses"

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts(db):
    """120 posts by 24 people, as young as they can be."""
    authors = [make_account(f"author{n}") for n in range(24)]
    now = (datetime.now(UTC) - NOON).total_seconds()
    return [publish(author, f"post {n}", after=now - 600 + n) for n in range(5) for author in authors]


@pytest.fixture
def valkey_down(settings):
    """Call it, and nothing answers at Valkey's addresses any more."""

    def down() -> None:
        settings.VALKEY_URL = settings.CACHE_URL = "redis://127.0.0.1:1/0"
        valkey.forget_connections()

    yield down
    valkey.forget_connections()


def test_a_page_holds_twenty_posts_with_their_slots_and_lanes(dave, posts):
    page = got(client_of(dave).get(DISCOVER))

    assert [item["slot"] for item in page["items"]] == list(range(1, 21))
    assert [item["slot"] for item in page["items"] if item["lane"] == "fresh"] == [5, 10, 15, 20]
    assert set(ids_of(page)) <= set(posts)
    assert page["pool_age_ms"] < 60_000


def test_pages_never_overlap_while_pools_move_on(dave, posts):
    client = client_of(dave)
    page = got(client.get(DISCOVER))
    shown = ids_of(page)
    while page["cursor"]:
        move_on(posts)
        page = got(client.get(DISCOVER, {"cursor": page["cursor"]}))
        shown += ids_of(page)

    assert sorted(shown) == sorted(posts)


def test_a_page_asked_for_again_is_the_same(dave, posts):
    client = client_of(dave)
    cursor = got(client.get(DISCOVER))["cursor"]

    assert ids_of(got(client.get(DISCOVER, {"cursor": cursor}))) == ids_of(
        got(client.get(DISCOVER, {"cursor": cursor}))
    )


def test_the_same_nonce_draws_the_same_and_another_one_another(dave, posts):
    client = client_of(dave)
    first, again, other = (got(client.get(DISCOVER, {"nonce": nonce})) for nonce in ("a", "a", "b"))

    assert ids_of(first) == ids_of(again)
    assert ids_of(first) != ids_of(other)
    assert first["receipt"]["nonce"] == "a"
    assert first["receipt"]["nonce_from"] == "client"


def test_without_a_nonce_it_is_the_account_and_the_number_of_the_draw(dave, posts):
    client = client_of(dave)

    receipts = [got(client.get(DISCOVER))["receipt"] for _ in range(3)]

    assert [r["nonce"] for r in receipts] == [f"{dave.id}:{n}" for n in range(3)]
    assert {r["nonce_from"] for r in receipts} == {"platform"}


def test_the_count_of_draws_begins_again_with_the_next_pool(dave, posts):
    client = client_of(dave)
    got(client.get(DISCOVER))
    move_on(posts)

    assert got(client.get(DISCOVER))["receipt"]["nonce"] == f"{dave.id}:0"


def test_every_page_can_be_drawn_again_from_its_receipt_and_the_pool(dave, posts):
    client = client_of(dave)
    blocked = author_of(posts[0])
    block(blocked, by=dave, now=NOON)
    page = got(client.get(DISCOVER))
    pool = published_pool()
    while page["items"]:
        receipt = ranking.Receipt.from_dict(page["receipt"])
        assert ranking.replay(receipt, pool) is None
        assert receipt.to_dict() == page["receipt"]
        page = got(client.get(DISCOVER, {"cursor": page["cursor"]}))


def test_own_blocked_and_muted_posts_are_taken_out_with_the_first_reason(dave, posts):
    own = publish(dave, "mine", after=(datetime.now(UTC) - NOON).total_seconds() - 9)
    by_me, by_them, muted, both = (author_of(post) for post in posts[:4])
    block(by_me, by=dave, now=NOON)
    block(dave, by=by_them, now=NOON)
    mute(muted, by=dave, now=NOON)
    mute(both, by=dave, now=NOON)
    block(dave, by=both, now=NOON)

    page = got(client_of(dave).get(DISCOVER))

    removed = {reason: set(map(int, ids)) for reason, ids in page["receipt"]["removed"].items()}
    assert removed == {
        "own": {own},
        "unavailable": posts_by(by_me) | posts_by(by_them) | posts_by(both),
        "muted": posts_by(muted),
    }
    assert not set.union(*removed.values()) & set(walk(client_of(dave), page))


def test_a_post_deleted_since_the_freeze_is_absent_and_the_page_full(dave, posts):
    first = got(client_of(dave).get(DISCOVER, {"nonce": "n"}))
    gone = ids_of(first)[:7]
    for post_id in gone:
        delete_post(post_id, by=author_of(post_id), now=NOON)

    page = got(client_of(dave).get(DISCOVER, {"nonce": "n"}))

    assert len(page["items"]) == 20
    assert not set(gone) & set(ids_of(page))
    assert set(gone) <= set(map(int, page["receipt"]["removed"]["unavailable"]))
    assert ranking.replay(ranking.Receipt.from_dict(page["receipt"]), published_pool()) is None


def test_posts_that_go_while_somebody_scrolls_leave_no_gap_and_no_double(dave, posts):
    client = client_of(dave)
    page = got(client.get(DISCOVER))
    shown = ids_of(page)
    pool, gone = published_pool(), []
    while page["cursor"]:
        ahead = [post_id for post_id in posts if post_id not in shown and post_id not in gone][::5]
        for post_id in ahead[:3]:
            delete_post(post_id, by=author_of(post_id), now=NOON)
            gone.append(post_id)
        page = got(client.get(DISCOVER, {"cursor": page["cursor"]}))
        assert ranking.replay(ranking.Receipt.from_dict(page["receipt"]), pool) is None
        shown += ids_of(page)

    assert len(gone) > 6
    assert sorted(shown + gone) == sorted(posts)


def test_a_post_restricted_since_the_freeze_or_in_the_viewers_country_is_out(dave, posts):
    pools.advance(now=datetime.now(UTC))
    everywhere, in_france = posts[0], posts[1]
    restrict(everywhere)
    restrict(in_france, countries=["FR"])

    at_home, in_paris = (shown_in(country, dave) for country in ("", "FR"))

    assert at_home == set(posts) - {everywhere}
    assert in_paris == set(posts) - {everywhere, in_france}


def test_what_the_client_has_shown_is_not_drawn_again(dave, posts):
    client = client_of(dave)
    first = ids_of(got(client.get(DISCOVER)))

    page = got(client.get(DISCOVER, {"seen[]": first}))

    assert not set(first) & set(walk(client, page))
    assert page["receipt"]["removed_counts"]["seen"] == 20


def test_too_many_seen_posts_are_refused_with_both_numbers(dave, posts):
    refused = client_of(dave).get(DISCOVER, {"seen[]": list(range(1, 502))})

    assert refused.status_code == 422
    assert "500" in refused.json()["error"]
    assert "501" in refused.json()["error"]


def test_nobody_signed_in_draws_with_the_public_nonce(posts):
    page = got(client_of().get(DISCOVER))
    again = got(client_of().get(DISCOVER))

    assert page["receipt"]["nonce"] == page["receipt"]["nonce_from"] == "public"
    assert ids_of(page) == ids_of(again)
    assert sorted(walk(client_of(), page)) == sorted(posts)


@pytest.mark.parametrize("nonce", ["x" * 65, "é" * 33])
def test_a_long_nonce_is_refused_with_the_limit_and_its_size(dave, posts, nonce):
    refused = client_of(dave).get(DISCOVER, {"nonce": nonce})

    assert refused.status_code == 422
    assert "64" in refused.json()["error"]
    assert str(len(nonce.encode())) in refused.json()["error"]


def test_a_nonce_of_64_bytes_is_good(dave, posts):
    assert got(client_of(dave).get(DISCOVER, {"nonce": "é" * 32}))["receipt"]["nonce"] == "é" * 32


@pytest.mark.parametrize(
    "cursor", ["x", "1.", ".1", "~", "~abc", "a.b", "a.-1", "\0.1", "a.99999999999", "é.٣"]
)
def test_what_is_no_cursor_is_refused(dave, posts, cursor):
    refused = client_of(dave).get(DISCOVER, {"cursor": cursor})

    assert refused.status_code in (404, 422)
    assert "Start again" in refused.json()["error"]


def test_an_expired_cursor_says_so(dave, posts):
    cursor = got(client_of(dave).get(DISCOVER))["cursor"]
    valkey.cache().flushdb()

    refused = client_of(dave).get(DISCOVER, {"cursor": cursor})

    assert refused.status_code == 404
    assert "15 minutes" in refused.json()["error"]


def test_a_cursor_is_good_for_the_viewer_alone(dave, alice, posts):
    cursor = got(client_of(dave).get(DISCOVER))["cursor"]

    assert client_of(alice).get(DISCOVER, {"cursor": cursor}).status_code == 404
    assert client_of().get(DISCOVER, {"cursor": cursor}).status_code == 404


def test_a_page_far_beyond_the_end_is_empty(dave, posts):
    cursor = got(client_of(dave).get(DISCOVER))["cursor"].replace(".1", ".9999")

    page = got(client_of(dave).get(DISCOVER, {"cursor": cursor}))

    assert page["items"] == []
    assert page["cursor"] is None


def test_a_scroll_longer_than_what_is_kept_goes_on_without_doubles(dave, posts, monkeypatch):
    monkeypatch.setattr("feed.timelines.scrolls.ENTRIES_KEPT", 30)
    client = client_of(dave)
    page = got(client.get(DISCOVER))
    shown = ids_of(page)
    while page["cursor"]:
        move_on(posts)
        pools.forget()
        page = got(client.get(DISCOVER, {"cursor": page["cursor"]}))
        shown += ids_of(page)

    assert sorted(shown) == sorted(posts)


def test_media_names_a_pool_or_is_refused(dave, posts):
    refused = client_of(dave).get(DISCOVER, {"media": "books"})

    assert refused.status_code == 422
    assert "all or video, not 'books'" in refused.json()["error"]
    assert got(client_of(dave).get(DISCOVER, {"media": ""}))["items"]


def test_a_small_pool_says_so_and_holds_older_posts_too(dave, posts):
    old = publish(
        make_account("old"), "of last spring", after=(datetime.now(UTC) - NOON).total_seconds() - 9e6
    )

    page = got(client_of(dave).get(DISCOVER))

    assert (page["is_small"], page["pool_posts"]) == (True, 121)
    assert old in walk(client_of(dave), page)


def test_a_site_where_nobody_wrote_for_weeks_shows_a_newcomer_what_there_is(db):
    weeks_ago = (datetime.now(UTC) - NOON).total_seconds() - 30 * 86_400
    posts = [publish(make_account(f"author{n}"), "hello", after=weeks_ago + n) for n in range(25)]

    page = got(client_of(make_account("newcomer")).get(DISCOVER))

    assert len(page["items"]) == 20
    assert {item["lane"] for item in page["items"]} == {"popular"}
    assert set(walk(client_of(), got(client_of().get(DISCOVER)))) == set(posts)


def test_an_empty_site_has_an_empty_page(dave):
    page = got(client_of(dave).get(DISCOVER))

    assert page["items"] == []
    assert page["cursor"] is None
    assert client_of().get(TRENDS).json() == []


def test_a_token_without_the_scope_is_refused(dave, posts):
    assert client_of(dave, scopes="write").get(DISCOVER).status_code == 403
    assert client_of(dave, scopes="write").get(TRENDS).status_code == 403


# --- trends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [7, 20, 40])
def test_trends_walks_by_links_without_gap_or_double_while_pools_move_on(dave, posts, limit):
    client = client_of(dave)
    path, shown = f"{TRENDS}?limit={limit}", []
    while path:
        response = client.get(path)
        shown += trend_ids(response)
        move_on(posts)
        path = next_of(response)

    assert sorted(shown) == sorted(posts)


def test_offset_0_begins_a_new_draw(dave, posts):
    client = client_of(dave)

    assert trend_ids(client.get(TRENDS)) != trend_ids(client.get(TRENDS))


def test_two_tokens_of_one_person_scroll_apart(dave, posts):
    phone, desktop = client_of(dave), client_of(dave)
    first = trend_ids(phone.get(TRENDS))
    other = trend_ids(desktop.get(TRENDS))

    assert not set(first) & set(trend_ids(phone.get(TRENDS, {"offset": 20})))
    assert not set(other) & set(trend_ids(desktop.get(TRENDS, {"offset": 20})))


def test_the_anonymous_share_one_draw(posts):
    steady(PUBLIC_SECONDS)
    first = trend_ids(client_of().get(TRENDS))
    move_on(posts)

    assert trend_ids(client_of().get(TRENDS)) == first
    assert not set(first) & set(trend_ids(client_of().get(TRENDS, {"offset": 20})))


def test_an_application_without_a_person_gets_the_anonymous_draw(posts):
    steady(PUBLIC_SECONDS)
    application = client_of()
    application.token = token_of(None, scopes="read")

    assert trend_ids(application.get(TRENDS)) == trend_ids(client_of().get(TRENDS))


def test_a_high_offset_without_a_scroll_begins_one(dave, posts):
    assert len(trend_ids(client_of(dave).get(TRENDS, {"offset": 40}))) == 20


@pytest.mark.parametrize(("asked", "given"), [("-5", 5), ("0", 20), ("999", 40), ("many", 20), ("", 20)])
def test_trends_limits(dave, posts, asked, given):
    assert len(trend_ids(client_of(dave).get(TRENDS, {"limit": asked}))) == given


@pytest.mark.parametrize("offset", ["-3", "x", "", "99999999999999999999"])
def test_an_odd_offset_is_answered(dave, posts, offset):
    assert client_of(dave).get(TRENDS, {"offset": offset}).status_code == 200


def test_deleted_posts_leave_no_gap_in_trends(dave, posts):
    client = client_of(dave)
    shown = trend_ids(client.get(TRENDS))
    gone = [post_id for post_id in posts if post_id not in shown][:9]
    for post_id in gone:
        delete_post(post_id, by=author_of(post_id), now=NOON)
    offset = 20
    while part := trend_ids(client.get(TRENDS, {"offset": offset})):
        shown += part
        offset += 20

    assert sorted(shown + gone) == sorted(posts)


# --- without Valkey -----------------------------------------------------------------------------------


def test_discover_scrolls_on_without_valkey(dave, posts, valkey_down):
    client = client_of(dave)
    valkey_down()
    page = got(client.get(DISCOVER))

    assert sorted(walk(client, page)) == sorted(posts)


def test_trends_goes_on_without_valkey(dave, posts, valkey_down):
    client = client_of(dave)
    valkey_down()

    parts = [client.get(TRENDS, {"limit": 40, "offset": offset}) for offset in (0, 40, 80)]

    shown = [post_id for part in parts for post_id in trend_ids(part)]
    assert sorted(shown) == sorted(posts)


def test_a_cursor_made_without_valkey_ends_with_its_pool(dave, alice, posts, valkey_down):
    valkey_down()
    cursor = got(client_of(dave).get(DISCOVER))["cursor"]

    assert client_of(alice).get(DISCOVER, {"cursor": cursor}).status_code == 404
    assert client_of(dave).get(DISCOVER, {"cursor": cursor[:-3] + "abc"}).status_code == 422
    pools.forget()
    assert client_of(dave).get(DISCOVER, {"cursor": cursor}).status_code == 404


def test_a_flushed_valkey_costs_the_scrolls_and_nothing_else(dave, posts):
    client = client_of(dave)
    cursor = got(client.get(DISCOVER))["cursor"]
    valkey.data().flushdb()
    valkey.cache().flushdb()

    assert len(ids_of(got(client.get(DISCOVER)))) == 20
    assert client.get(DISCOVER, {"cursor": cursor}).status_code == 404


# --- cost and contracts ---------------------------------------------------------------------------------


def test_statements_are_few_and_do_not_grow(dave, posts):
    client = client_of(dave)
    client.get(DISCOVER)

    with CaptureQueriesContext(connection) as first:
        cursor = got(client.get(DISCOVER))["cursor"]
    with CaptureQueriesContext(connection) as second:
        client.get(DISCOVER, {"cursor": cursor})
    with CaptureQueriesContext(connection) as trends:
        client.get(TRENDS, {"limit": 40})

    # The token, the posts, the people. The first draw after a change of relations asks for them once.
    assert (len(first), len(second), len(trends)) == (3, 3, 3)


def test_every_reason_named_is_one_of_the_policy():
    assert set(queries.REASONS) <= {rule.reason for rule in RULES}


# --- the words above ------------------------------------------------------------------------------------


def got(response):
    assert response.status_code == 200, response.content
    return response.json()


def ids_of(page) -> list[int]:
    assert [item["status"]["id"] for item in page["items"]] == [i["id"] for i in page["receipt"]["items"]]
    return [int(item["status"]["id"]) for item in page["items"]]


def walk(client, page) -> list[int]:
    shown = ids_of(page)
    while page["cursor"]:
        page = got(client.get(DISCOVER, {"cursor": page["cursor"]}))
        shown += ids_of(page)
    return shown


def trend_ids(response) -> list[int]:
    assert response.status_code == 200, response.content
    return [int(status["id"]) for status in response.json()]


def next_of(response) -> str:
    found = re.search(r'<[^>]*(/api[^>]*)>; rel="next"', response.headers.get("Link", ""))
    return found[1] if found else ""


_moved = iter(range(1, 10**6))


def move_on(posts) -> None:
    """Somebody likes something, and the next pool is there at once."""
    fan, number = make_account(f"mover{(turn := next(_moved))}"), turn * 7 % len(posts)
    like(seen_by(fan, posts[number]), by=fan, now=NOON)
    assert pools.advance(now=datetime.now(UTC) + timedelta(seconds=2 * turn)) is not None
    pools.forget()


def author_of(post_id: int):
    from upscrolled.models import Account

    return Account.objects.get(pk=Candidate.objects.get(pk=post_id).author_id)


def posts_by(author) -> set[int]:
    return set(Candidate.objects.filter(author_id=author.id).values_list("post_id", flat=True))


def published_pool() -> Pool:
    return pools.current(now=datetime.now(UTC)).pool


def restrict(post_id: int, **fields) -> None:
    restricting.restrict("post", post_id, "removed", starts_at=NOON, **fields)


def shown_in(country: str, account) -> set[int]:
    viewer, shown, cursor = Viewer(account, country=country), set(), None
    while True:
        viewer.people.clear()
        page = queries.page(viewer, cursor=cursor, nonce=None, seen=[], now=datetime.now(UTC))
        shown |= {post.id for post in page.posts}
        cursor = page.cursor
        if cursor is None:
            return shown
