"""Search by handle, hashtag and address."""

from __future__ import annotations

import pytest

from feed import usage
from feed.finding import hashtags
from tests.people import NOON, publish

pytestmark = pytest.mark.django_db
PATH = "/api/v2/search"


def test_people_are_found_by_name_even_when_blocked(client_of, alice, carol):
    found = client_of(alice).get(PATH, {"q": "@carol", "type": "accounts", "resolve": "true"}).json()

    assert [account["acct"] for account in found["accounts"]] == ["carol"]
    assert (found["statuses"], found["hashtags"]) == ([], [])


def test_hashtags_are_found_by_their_beginning_the_exact_one_first(client_of, alice):
    publish(alice, "#Oliveoil #Olive #Onion")

    found = client_of(alice).get(PATH, {"q": "#olive", "type": "hashtags"}).json()

    assert [tag["name"] for tag in found["hashtags"]] == ["Olive", "Oliveoil"]


def test_of_more_hashtags_than_are_looked_at_those_in_use_are_found(client_of, alice, bob, monkeypatch):
    monkeypatch.setattr(hashtags, "LOOKED_AT", 3)
    publish(alice, "#aab #aac #aad #aae #aaf #a #b")
    for somebody in (alice, bob):
        publish(somebody, "#azure")
    usage.recount(now=NOON)

    found = client_of(alice).get(PATH, {"q": "a", "type": "hashtags"}).json()["hashtags"]

    assert [tag["name"] for tag in found][:3] == ["a", "aab", "aac"]
    assert "azure" in [tag["name"] for tag in found]
    assert "b" not in [tag["name"] for tag in found]


def test_a_hashtag_that_is_found_says_whether_one_follows_it(client_of, alice):
    publish(alice, "#Olive #Oliveoil")
    client = client_of(alice)
    client.post("/api/v1/tags/oliveoil/follow")

    found = client.get(PATH, {"q": "olive", "type": "hashtags"}).json()["hashtags"]
    assert [(tag["name"], tag["following"]) for tag in found] == [("Olive", False), ("Oliveoil", True)]
    assert len(found[0]["history"]) == 7
    (tag, _) = client_of().get(PATH, {"q": "olive", "type": "hashtags"}).json()["hashtags"]
    assert "following" not in tag


def test_a_post_is_found_by_its_address_if_one_may_see_it(client_of, alice, bob, dave, settings):
    post = publish(alice, "for us", audience="followers")
    address = f"{settings.PUBLIC_URL}/@alice/{post}"

    assert [s["id"] for s in client_of(bob).get(PATH, {"q": address}).json()["statuses"]] == [str(post)]
    assert client_of(dave).get(PATH, {"q": address}).json()["statuses"] == []


def test_a_person_is_found_by_the_address_of_the_page(client_of, alice, settings):
    found = client_of().get(PATH, {"q": f"{settings.PUBLIC_URL}/@alice"}).json()

    assert [account["acct"] for account in found["accounts"]] == ["alice"]


@pytest.mark.parametrize(("params", "status"), [({}, 400), ({"q": " "}, 400), ({"q": "x" * 2000}, 422)])
def test_a_bad_query_gets_a_sentence(client_of, alice, params, status):
    response = client_of(alice).get(PATH, params)

    assert response.status_code == status
    assert "q" in response.json()["error"]


def test_pages_and_resolving_are_for_people_and_a_page_of_everything_is_the_first(client_of, alice, bob):
    for asked in ({"offset": "1", "type": "accounts"}, {"resolve": "true"}):
        assert client_of().get(PATH, {"q": "bob", **asked}).status_code == 401
    her = client_of(alice)

    assert len(her.get(PATH, {"q": "bob", "offset": "1"}).json()["accounts"]) == 1
    assert her.get(PATH, {"q": "bob", "offset": "1", "type": "accounts"}).json()["accounts"] == []
    assert her.get(PATH, {"q": "bob", "account_id": "1"}).status_code == 404


@pytest.mark.parametrize("query", ["%", "_", "\\", "'", '"', "http://[", "@", "#", "\u202e", "%00"])
def test_odd_queries_find_nothing_and_break_nothing(client_of, alice, query):
    assert client_of(alice).get(PATH, {"q": query}).status_code == 200
