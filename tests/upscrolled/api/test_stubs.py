"""What clients ask for at start and is not there yet answers empty, in the right shape, to the right people."""

from __future__ import annotations

import pytest

EMPTY_LISTS = (
    "/api/v1/announcements",
    "/api/v1/conversations",
    "/api/v1/conversations/",
    "/api/v1/custom_emojis",
    "/api/v1/domain_blocks",
    "/api/v1/endorsements",
    "/api/v1/featured_tags",
    "/api/v1/filters",
    "/api/v2/filters",
    "/api/v1/followed_tags",
    "/api/v1/lists",
    "/api/v1/scheduled_statuses",
    "/api/v1/suggestions",
    "/api/v2/suggestions",
    "/api/v1/trends/links",
)
PUBLIC = ("/api/v1/custom_emojis", "/api/v1/trends/links")


@pytest.mark.parametrize("path", EMPTY_LISTS)
def test_a_list_is_empty(client_of, alice, path):
    response = client_of(alice).get(path)

    assert (response.status_code, response.json()) == (200, [])


@pytest.mark.parametrize("path", [path for path in EMPTY_LISTS if path not in PUBLIC])
def test_a_list_of_ones_own_needs_a_token(client_of, db, path):
    assert client_of().get(path).status_code == 401


@pytest.mark.parametrize("name", ["featured_tags", "endorsements", "lists"])
def test_lists_about_somebody_are_empty_and_of_nobody_are_not_found(client_of, alice, bob, name):
    client = client_of(alice)

    assert client.get(f"/api/v1/accounts/{bob.id}/{name}").json() == []
    assert client.get(f"/api/v1/accounts/1/{name}").status_code == 404


def test_familiar_followers_come_for_each_id(client_of, alice, bob):
    response = client_of(alice).get("/api/v1/accounts/familiar_followers", {"id[]": bob.id})

    assert response.json() == [{"id": str(bob.id), "accounts": []}]


def test_no_position_is_remembered_and_none_is_claimed_to_be(client_of, alice):
    client = client_of(alice)

    assert client.post("/api/v1/markers", {"home": {"last_read_id": "1"}}).json() == {}
    assert client.get("/api/v1/markers", {"timeline[]": "home"}).json() == {}


def test_there_is_no_push_subscription(client_of, alice):
    response = client_of(alice).get("/api/v1/push/subscription")

    assert (response.status_code, response.json()) == (404, {"error": "Record not found"})
