"""Well-formed requests of people who mean no good: tokens, posts, lists, storms."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client, TransactionTestCase
from oauth2_provider.models import get_access_token_model

from tests.parallel import at_once
from tests.people import NOON, ApiClient, client_of, make_account, publish
from upscrolled import limits
from upscrolled.models import Account


class TestTokens:
    @pytest.mark.parametrize(
        "header",
        ["Bearer", "Bearer ", "Basic YTpi", "Token x", "Bearer \x00", "Bearer ÿ", "Bearer " + "x" * 90_000],
    )
    def test_what_is_no_token_is_refused_even_where_none_is_needed(self, db: None, header: str) -> None:
        answer = Client().get("/api/v1/timelines/public", headers={"Authorization": header})

        assert (answer.status_code, answer.json()) == (401, {"error": "The access token is invalid"})

    def test_one_that_has_expired_or_was_revoked_is_no_token(self, alice: Account) -> None:
        expired, revoked = client_of(alice), client_of(alice)
        tokens = get_access_token_model().objects.filter(user=alice).order_by("-id")
        tokens[0].delete()
        assert revoked.get("/api/v1/timelines/home").status_code == 401

        tokens.update(expires=NOON - timedelta(days=1))
        assert expired.get("/api/v1/timelines/home").status_code == 401

    def test_guessing_is_counted(self, db: None) -> None:
        statuses = [
            ApiClient(f"guess-{number}").get("/api/v1/timelines/home").status_code
            for number in range(limits.PER_ADDRESS.allowance + 1)
        ]

        assert set(statuses[:-1]) == {401}
        assert statuses[-1] == 429


class TestPosts:
    def test_limits_count_what_people_see(self, alice: Account) -> None:
        api = client_of(alice)
        for text in ("é" * 500, "👩‍👩‍👧‍👦" * 500, "https://example.org/" + "x" * 3_000 + " " + "y" * 476):
            assert api.post("/api/v1/statuses", {"status": text}).status_code == 200, text[:10]
        for text in ("x" * 501, "👩‍👩‍👧‍👦" * 501, "a" + "\u0301" * 100_000, " \n\t ", "\u200b\u2060"):
            refused = api.post("/api/v1/statuses", {"status": text})
            assert (refused.status_code, set(refused.json())) == (422, {"error"}), text[:10]

    def test_ten_thousand_mentions_notify_nobody(self, alice: Account, bob: Account) -> None:
        api = client_of(alice)
        crowd = " ".join(f"@n{number}" for number in range(10_000))

        assert api.post("/api/v1/statuses", {"status": f"@bob {crowd}"}).status_code == 422
        assert api.post("/api/v1/statuses", {"status": "@bob " * 100}).status_code == 200
        assert len(client_of(bob).get("/api/v1/notifications").json()) == 1

    def test_an_audience_that_is_not_ours(self, alice: Account) -> None:
        for visibility in ("direct", "followers", "mutuals_only", "local", "PUBLIC"):
            refused = client_of(alice).post("/api/v1/statuses", {"status": "x", "visibility": visibility})
            assert refused.status_code == 422, visibility

    def test_answering_what_is_hidden_is_answering_nothing(
        self, alice: Account, carol: Account, dave: Account
    ) -> None:
        private = publish(alice, "for followers", audience="followers")
        for account, target in (
            (dave, private),
            (carol, publish(alice, "public")),
            (dave, alice.id),
            (dave, "abc"),
        ):
            answer = client_of(account).post(
                "/api/v1/statuses", {"status": "re", "in_reply_to_id": str(target)}
            )
            assert answer.status_code == 404, target

    def test_a_private_post_cannot_be_shared_on(self, alice: Account, bob: Account) -> None:
        post = publish(alice, "for followers", audience="followers")

        assert client_of(bob).post(f"/api/v1/statuses/{post}/favourite").status_code == 200
        assert client_of(bob).post(f"/api/v1/statuses/{post}/reblog").status_code in (403, 404, 422)

    def test_a_key_belongs_to_one_person(self, alice: Account, dave: Account) -> None:
        def sent(by: Account, text: str) -> Any:
            return client_of(by).post("/api/v1/statuses", {"status": text}, Idempotency_Key="the same").json()

        first = sent(alice, "one")
        assert sent(alice, "something else")["id"] == first["id"]
        assert sent(dave, "mine")["content"] == "<p>mine</p>"

    def test_markup_is_shown_not_run(self, alice: Account) -> None:
        text = '<script>alert(1)</script> <img src=x onerror=alert(1)> javascript:alert(1) https://x.example/"onload="'
        shown = client_of(alice).post("/api/v1/statuses", {"status": text, "spoiler_text": "<b>"}).json()

        assert "<script" not in shown["content"]
        assert "<img" not in shown["content"]
        assert '"onload' not in shown["content"]


@pytest.mark.parametrize(
    ("limit", "count"), [("-5", 5), ("0", 20), ("-0", 20), ("1000000", 40), ("", 20), ("x", 20)]
)
def test_limits_are_brought_into_range(alice: Account, limit: str, count: int) -> None:
    for number in range(45):
        publish(alice, f"post {number}", after=number)

    assert len(client_of(alice).get("/api/v1/timelines/home", {"limit": limit}).json()) == count


def test_a_hashtag_is_one_however_it_is_written_and_however_often_it_is_asked_for(alice: Account) -> None:
    post = publish(alice, "#غزة_الآن and #Bread")
    api = client_of(alice)

    tags = api.get(f"/api/v1/statuses/{post}").json()["tags"]
    assert [tag["name"] for tag in tags] == ["غزة_الآن", "bread"]
    assert all(tag["url"].isascii() for tag in tags)
    assert tags[1]["url"] == api.get("/api/v1/tags/BREAD").json()["url"]
    for query in ({"all[]": ["bread", "BREAD"]}, {"any[]": ["bread", "nothing"]}, {"none[]": ["nothing"]}):
        assert [item["id"] for item in api.get("/api/v1/timelines/tag/bread", query).json()] == [str(post)], (
            query
        )
    tagged = api.get(f"/api/v1/accounts/{alice.id}/statuses", {"tagged": "bReAd"}).json()
    assert [item["id"] for item in tagged] == [str(post)]


def test_lists_of_ids_have_an_end(alice: Account) -> None:
    many = [str(number) for number in range(1, 600)]
    api = client_of(alice)

    assert api.get("/api/v1/accounts/relationships", {"id[]": many}).status_code == 422
    assert api.get("/api/v1/statuses", {"id[]": many}).status_code == 422


class TestStorm(TransactionTestCase):
    """Many at once, through the API."""

    def setUp(self) -> None:
        self.alice = make_account("alice")
        self.crowd = [make_account(f"fan{number}") for number in range(8)]
        self.post = publish(self.alice, "hello")

    def test_everybody_does_everything_twice_and_the_numbers_are_right(self) -> None:
        verbs = [
            f"statuses/{self.post}/favourite",
            f"statuses/{self.post}/reblog",
            f"accounts/{self.alice.id}/follow",
        ]
        clients = [client_of(fan) for fan in self.crowd]
        storm = [partial(api.post, f"/api/v1/{path}") for api in clients for path in verbs * 2]

        answers = at_once(storm)

        assert [answer for answer in answers if getattr(answer, "status_code", 0) != 200] == []
        shown = client_of(self.alice).get(f"/api/v1/statuses/{self.post}").json()
        assert (shown["favourites_count"], shown["reblogs_count"]) == (8, 8)
        assert shown["account"]["followers_count"] == 8
        told = client_of(self.alice).get("/api/v1/notifications", {"limit": 80}).json()
        assert sorted(note["type"] for note in told) == ["favourite"] * 8 + ["follow"] * 8 + ["reblog"] * 8
