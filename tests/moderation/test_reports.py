"""Telling the moderators, in every form in which clients do."""

from __future__ import annotations

import pytest

from tests.people import publish

PATH = "/api/v1/reports"


@pytest.mark.parametrize("written", ["list", "numbered", "form"])
def test_a_report_names_posts_and_rules(client_of, alice, dave, written):
    post = str(publish(alice, "buy this"))
    body = {"account_id": str(alice.id), "comment": "spam"}
    client = client_of(dave)

    match written:
        case "list":
            answer = client.post(PATH, {**body, "status_ids": [post], "rule_ids": [1, "2"]})
        case "numbered":
            answer = client.post(PATH, {**body, "status_ids": {"0": post}, "rule_ids": {"0": "1", "1": "2"}})
        case _:
            answer = client.form(PATH, {**body, "status_ids[]": [post], "rule_ids[]": ["1", "2"]})

    assert answer.status_code == 200, answer.content
    filed = answer.json()
    assert (filed["status_ids"], filed["rule_ids"]) == ([post], ["1", "2"])
    assert (filed["category"], filed["comment"]) == ("violation", "spam")
    assert filed["target_account"]["username"] == "alice"


@pytest.mark.parametrize("nothing", [None, "", []])
def test_a_report_may_be_of_somebody_as_a_whole(client_of, alice, dave, nothing):
    body = {"account_id": str(alice.id), "status_ids": nothing, "rule_ids": nothing, "comment": nothing or ""}

    filed = client_of(dave).post(PATH, body).json()

    assert (filed["status_ids"], filed["rule_ids"], filed["category"]) == ([], [], "other")


def test_posts_of_others_are_no_reason(client_of, alice, bob, dave):
    post = publish(bob, "hello")

    answer = client_of(dave).post(PATH, {"account_id": str(alice.id), "status_ids": [str(post)]})

    assert answer.status_code == 422
    assert str(post) in answer.json()["error"]
