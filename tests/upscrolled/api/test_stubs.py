"""What clients ask for at start and is not there yet answers empty, in the right shape, to the right people."""

from __future__ import annotations

import pytest

EMPTY_LISTS = (
    "/api/v1/custom_emojis",
    "/api/v1/domain_blocks",
    "/api/v1/featured_tags",
    "/api/v1/followed_tags",
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


def test_there_is_no_push_subscription(client_of, alice):
    response = client_of(alice).get("/api/v1/push/subscription")

    assert (response.status_code, response.json()) == (404, {"error": "Record not found"})
