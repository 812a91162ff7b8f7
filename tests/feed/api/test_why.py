"""Why am I seeing this: numbers that the public pool bears out, and the same in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from feed.operations.interact import like
from feed.operations.revise import delete_post
from feed.ranking import formula
from tests.people import NOON, client_of, make_account, publish, seen_by
from upscrolled.operations.relationships import block

DISCOVER = "/api/v1/upscrolled/discover"

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(alice, dave):
    """Three posts by three people: a page has them all, whatever is drawn (it shows two of one author)."""
    ago = (datetime.now(UTC) - NOON).total_seconds() - 7_200
    authors = [alice, make_account("mallory"), make_account("trent")]
    posts = [publish(author, "a post", after=ago + n) for n, author in enumerate(authors)]
    for n in range(4):
        like(seen_by(alice, posts[0]), by=make_account(f"fan{n}"), now=NOON)
    publish(make_account("eve"), "an answer", reply_to=posts[0], after=ago + 60)
    return client_of(dave).get(DISCOVER, {"nonce": "luck"}).json()


def why(post_id: str, page=None, account=None, **query):
    if page is not None:
        query["receipt"] = json.dumps(
            {name: page["receipt"][name] for name in ("pool", "nonce", "nonce_from")}
        )
    return client_of(account).get(f"/api/v1/upscrolled/posts/{post_id}/why", query)


def test_the_parts_add_up_to_the_numbers_of_the_receipt(dave, page):
    for item in page["receipt"]["items"]:
        told = why(item["id"], page, dave).json()

        assert told["pool"] == page["receipt"]["pool"]
        assert sum(part["tickets"] for part in told["parts"]) == told["tickets"] == item["tickets"]
        assert told["base"] == item["base"]
        lane = next(lane for lane in told["lanes"] if lane["lane"] == item["lane"])
        assert lane["u"] == item["u"]
        assert lane["score"] == pytest.approx(item["score"], abs=1e-9)


def test_what_time_took_is_told(dave, page):
    loved = max(page["receipt"]["items"], key=lambda item: item["tickets"])

    told = why(loved["id"], page, dave).json()

    assert told["tickets"] == 1 + 4 + 2
    assert told["age_ms"] == page["receipt"]["epoch_ms"] - loved["created_ms"]
    assert told["decay"] == pytest.approx(2 ** (-told["age_ms"] / formula.V1.half_life_ms))
    assert told["worth"] == pytest.approx(told["tickets"] * told["decay"])
    assert told["rank"] == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "It holds 7 tickets: 1 for being there, 4 for the people who like it"),
        ("fr", "Elle détient 7 tickets : 1 pour sa présence, 4 pour les personnes qui l’aiment"),
        ("ar", "يملك"),
    ],
)
def test_the_same_in_words(dave, page, language, said):
    loved = max(page["receipt"]["items"], key=lambda item: item["tickets"])["id"]

    answer = why(loved, page, dave, language=language)

    assert answer.headers["Content-Language"] == answer.json()["language"] == language
    sentences = answer.json()["sentences"]
    assert sentences[0].startswith(said)
    assert len(sentences) == 6  # tickets, time, both lanes, whose luck, nothing else


def test_the_phones_language_is_taken_where_none_is_named(dave, page):
    post = page["receipt"]["items"][0]["id"]

    answer = client_of(dave).get(f"/api/v1/upscrolled/posts/{post}/why", Accept_Language="fr-CA, en")

    assert answer.json()["language"] == "fr"


def test_without_a_receipt_it_is_the_current_pool_and_no_luck(page):
    told = why(page["receipt"]["items"][0]["id"]).json()

    assert told["in_pool"] is True
    assert told["lanes"] == []
    assert told["nonce"] is None


def test_a_post_that_is_not_in_the_pool_is_told_so(dave, alice, page):
    later = publish(alice, "just now", after=(datetime.now(UTC) - NOON).total_seconds() + 5)

    told = why(later, page, dave).json()

    assert told["in_pool"] is False
    assert told["sentences"] == ["This post was not in this pool."]
    assert told["parts"] == []


def test_a_hidden_post_is_not_found(alice, dave, page):
    (shown,) = (item["id"] for item in page["receipt"]["items"] if item["author_id"] == str(alice.id))
    another = publish(alice, "for a while")
    assert [why(post, page, dave).status_code for post in (shown, another)] == [200, 200]

    delete_post(another, by=alice, now=NOON)
    assert why(another, page, dave).status_code == 404
    block(dave, by=alice, now=NOON)
    assert why(shown, page, dave).status_code == 404


@pytest.mark.parametrize(
    ("receipt", "status", "named"),
    [
        ("no json", 422, "must be the JSON of a page's receipt"),
        ("[]", 422, "must be the JSON"),
        ('{"pool": 7, "nonce": "x"}', 422, "must be the JSON"),
        ('{"pool": "%s", "nonce": "x"}' % ("ab" * 32), 404, "published for a day"),
        ('{"pool": "xyz", "nonce": "x"}', 404, "published for a day"),
        ('{{"pool": "{}", "nonce": "{}"}}'.format("ab" * 32, "x" * 65), 422, "at most 64 bytes"),
    ],
)
def test_a_receipt_that_cannot_be_used_is_refused(page, receipt, status, named):
    answer = why(page["receipt"]["items"][0]["id"], receipt=receipt)

    assert answer.status_code == status
    assert named in answer.json()["error"]


def test_reading_it_costs_the_same_statements_every_time(dave, page, django_assert_num_queries):
    post = page["receipt"]["items"][0]["id"]
    why(post, page, dave)
    client = client_of(dave)
    receipt = json.dumps(page["receipt"])

    with django_assert_num_queries(3):  # the token, the post, the people
        assert client.get(f"/api/v1/upscrolled/posts/{post}/why", {"receipt": receipt}).status_code == 200
