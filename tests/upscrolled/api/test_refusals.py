"""What is refused says what would be taken, in the API's shape and in the headers that HTTP has for it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.people import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_by_alice(alice) -> Client:
    return Client(headers={"Authorization": f"Bearer {token_of(alice)}"})


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}]
)
def test_whoever_is_not_signed_in_is_told_how(headers) -> None:
    answer = Client().get("/api/v1/timelines/home", headers=headers)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json() == {"error": "The access token is invalid"}


def test_a_body_of_another_kind_is_told_which_kinds_there_are(asked_by_alice) -> None:
    answer = asked_by_alice.post("/api/v1/statuses", "<a/>", content_type="text/xml")

    assert answer.status_code == 415
    assert "text/xml" in answer.json()["error"]
    assert "application/json" in answer.json()["error"]


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_that_is_too_large_is_told_its_size_and_the_limit(asked_by_alice, settings, kind) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = asked_by_alice.post("/api/v1/statuses", "status=" + "x" * 200, content_type=kind)

    assert answer.status_code == 413
    assert answer.json() == {"error": "The request is too large: the body has 207 bytes; the limit is 100."}


def test_a_form_with_too_many_fields_is_told_how_many_there_may_be(asked_by_alice) -> None:
    answer = asked_by_alice.post(
        "/api/v1/statuses", "a=1&" * 1_001, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 413
    assert answer.json() == {"error": "The request has too many fields; the limit is 1000."}


def test_what_is_wrong_within_an_object_is_told_in_plain_words(asked_by_alice) -> None:
    answer = asked_by_alice.post(
        "/api/v1/statuses", {"status": "hello", "poll": "x"}, content_type="application/json"
    )

    assert answer.status_code == 422
    assert "non_field_errors" not in answer.content.decode()
    assert list(answer.json()["details"]) == ["poll"]


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_sign_in_by_another_method_is_told_which_one(path) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


def test_a_page_of_another_site_may_read_when_to_come_again(asked_by_alice) -> None:
    answer = asked_by_alice.get("/api/v1/instance", headers={"Origin": "https://app.example"})

    assert "Retry-After" in answer["Access-Control-Expose-Headers"].split(", ")
