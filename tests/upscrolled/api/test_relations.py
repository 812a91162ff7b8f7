"""Follow, block and mute over the API, and their lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.people import NOON, make_account
from tests.restricting import restrict
from upscrolled.models import Account, Mute
from upscrolled.operations.relationships import block, follow, mute

FLAGS = (
    "following",
    "showing_reblogs",
    "notifying",
    "followed_by",
    "blocking",
    "blocked_by",
    "muting",
    "muting_notifications",
    "requested",
    "requested_by",
    "domain_blocking",
    "endorsed",
)


def on(response) -> set[str]:
    """The flags of a relationship that are true; all of them must be there."""
    assert response.status_code == 200, response.content
    shown = response.json()
    assert all(isinstance(shown[flag], bool) for flag in FLAGS)
    return {flag for flag in FLAGS if shown[flag]}


def do(client, account, verb, body=None):
    """POST a verb about somebody."""
    return client.post(f"/api/v1/accounts/{account.id}/{verb}", body)


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [account["username"] for account in response.json()]


def private(account):
    Account.objects.filter(pk=account.pk).update(locked=True)
    return account


class TestFollowing:
    def test_follow_and_unfollow_and_again(self, client_of, alice, dave):
        client = client_of(dave)

        for _ in range(2):
            assert on(do(client, alice, "follow")) == {"following", "showing_reblogs"}
        for _ in range(2):
            assert on(do(client, alice, "unfollow")) == set()

    def test_options_come_as_clients_write_them(self, client_of, alice, dave):
        client, path = client_of(dave), f"/api/v1/accounts/{alice.id}/follow"

        first = client.post(path, {"reblogs": "0", "notify": "1", "languages": ["en", "AR"]})
        assert on(first) == {"following", "notifying"}
        assert first.json()["languages"] == ["ar", "en"]
        again = client.form(path, {"reblogs": "true", "languages[]": ["fr"]})
        assert on(again) == {"following", "showing_reblogs", "notifying"}
        assert again.json()["languages"] == ["fr"]
        assert client.post(path, {"languages": None}).json()["languages"] is None

    def test_a_private_account_is_asked_and_sees_who_asks(self, client_of, alice, dave):
        private(alice)

        assert on(do(client_of(dave), alice, "follow")) == {"requested"}

        asked = client_of(alice).get("/api/v1/accounts/relationships", {"id": dave.id}).json()
        assert asked[0]["requested_by"] is True
        assert on(do(client_of(dave), alice, "unfollow")) == set()

    def test_nobody_follows_themselves(self, client_of, alice):
        assert do(client_of(alice), alice, "follow").status_code == 403

    def test_a_block_forbids_it(self, client_of, alice, carol):
        response = do(client_of(carol), alice, "follow")

        assert response.status_code == 403
        assert response.json() == {"error": "This action is not allowed"}

    def test_a_suspended_account_cannot_be_followed(self, client_of, alice, dave):
        restrict("account", alice.id, "account_suspended", starts_at=NOON)

        assert do(client_of(dave), alice, "follow").status_code == 404

    @pytest.mark.parametrize("body", [{"languages": ["english"]}, {"reblogs": "perhaps"}, {"languages": 5}])
    def test_bad_options_are_named(self, client_of, alice, dave, body):
        response = do(client_of(dave), alice, "follow", body)

        assert response.status_code == 422
        assert response.json()["error"].startswith("Validation failed: ")

    def test_a_follower_is_removed(self, client_of, alice, bob):
        assert on(do(client_of(alice), bob, "remove_from_followers")) == set()

        assert on(do(client_of(bob), alice, "unfollow")) == set()


class TestBlockingAndMuting:
    def test_block_and_unblock(self, client_of, alice, bob):
        client = client_of(alice)

        for _ in range(2):
            assert on(do(client, bob, "block")) == {"blocking"}
        seen = client_of(bob).get("/api/v1/accounts/relationships", {"id[]": alice.id}).json()[0]
        assert (seen["blocked_by"], seen["following"]) == (True, False)
        assert on(do(client, bob, "unblock")) == set()

    def test_mute_with_and_without_notifications(self, client_of, alice, bob):
        client = client_of(alice)

        assert on(do(client, bob, "mute")) == {"muting", "muting_notifications", "followed_by"}
        assert on(do(client, bob, "mute", {"notifications": False})) == {"muting", "followed_by"}
        assert on(do(client, bob, "unmute")) == {"followed_by"}

    def test_a_timed_mute_says_when_it_ends(self, client_of, alice, bob):
        before = datetime.now(UTC)

        shown = do(client_of(alice), bob, "mute", {"duration": "3600"}).json()

        ends = datetime.fromisoformat(shown["muting_expires_at"])
        assert timedelta(minutes=59) < ends - before < timedelta(minutes=61)
        listed = client_of(alice).get("/api/v1/mutes").json()
        assert listed[0]["mute_expires_at"] == shown["muting_expires_at"]

    def test_nothing_in_the_place_of_an_option_is_its_default(self, client_of, alice, bob):
        nothing = {"notifications": None, "duration": None}
        for answer in (
            do(client_of(alice), bob, "mute", nothing),
            client_of(alice).form(f"/api/v1/accounts/{bob.id}/mute", {"notifications": "", "duration": ""}),
        ):
            shown = answer.json()
            assert (shown["muting_notifications"], shown["muting_expires_at"]) == (True, None)

    def test_a_mute_that_ran_out_is_neither_listed_nor_told(self, client_of, alice, bob):
        mute(bob, by=alice, duration=timedelta(hours=1), now=NOON)

        assert Mute.objects.count() == 1
        assert names(client_of(alice).get("/api/v1/mutes")) == []
        shown = client_of(alice).get("/api/v1/accounts/relationships", {"id": bob.id}).json()
        assert shown[0]["muting"] is False

    @pytest.mark.parametrize("duration", [-1, "soon", 10**12])
    def test_an_impossible_duration_is_refused(self, client_of, alice, bob, duration):
        assert do(client_of(alice), bob, "mute", {"duration": duration}).status_code == 422

    @pytest.mark.parametrize("verb", ["block", "mute"])
    def test_nobody_is_parted_from_themselves(self, client_of, alice, verb):
        assert do(client_of(alice), alice, verb).status_code == 403


class TestLists:
    def test_blocks_and_mutes_page_by_link(self, client_of, alice):
        for number in range(3):
            other = make_account(f"other{number}")
            block(other, by=alice, now=NOON)
            mute(other, by=alice, now=NOON)

        for path in ("/api/v1/blocks", "/api/v1/mutes"):
            first = client_of(alice).get(path, {"limit": 2})
            assert names(first) == ["other2", "other1"]
            cursor = first["Link"].partition("max_id=")[2].partition(">")[0]
            assert names(client_of(alice).get(path, {"limit": 2, "max_id": cursor})) == ["other0"]

    def test_they_are_ones_own(self, client_of, alice, bob, carol):
        assert names(client_of(alice).get("/api/v1/blocks")) == ["carol"]
        assert names(client_of(bob).get("/api/v1/blocks")) == []
        assert names(client_of(carol).get("/api/v1/blocks")) == []

    def test_requests_are_listed_and_let_in_or_turned_down(self, client_of, alice, bob, dave):
        private(alice)
        eve = make_account("eve")
        for person in (dave, eve):
            follow(alice, by=person, now=NOON)
        client = client_of(alice)

        assert names(client.get("/api/v1/follow_requests")) == ["eve", "dave"]
        assert on(client.post(f"/api/v1/follow_requests/{dave.id}/authorize")) == {"followed_by"}
        assert on(client.post(f"/api/v1/follow_requests/{eve.id}/reject")) == set()
        assert names(client.get("/api/v1/follow_requests")) == []
        assert names(client.get(f"/api/v1/accounts/{alice.id}/followers")) == ["dave", "bob"]

    def test_who_did_not_ask_is_not_found(self, client_of, alice, dave):
        for verb in ("authorize", "reject"):
            assert client_of(alice).post(f"/api/v1/follow_requests/{dave.id}/{verb}").status_code == 404


class TestRelationships:
    def test_many_come_in_order_and_nobody_is_left_out_quietly(self, client_of, alice, bob, carol, dave):
        response = client_of(alice).get(
            f"/api/v1/accounts/relationships?id[]={carol.id}&id[]={bob.id}&id[]=7"
        )

        assert [shown["id"] for shown in response.json()] == [str(carol.id), str(bob.id)]
        assert [shown["blocking"] for shown in response.json()] == [True, False]
        assert [shown["followed_by"] for shown in response.json()] == [False, True]

    def test_suspended_people_come_when_asked_for(self, client_of, alice, bob):
        restrict("account", bob.id, "account_suspended", starts_at=NOON)
        client, path = client_of(alice), "/api/v1/accounts/relationships"

        assert client.get(path, {"id[]": bob.id}).json() == []
        assert len(client.get(path, {"id[]": bob.id, "with_suspended": "true"}).json()) == 1

    def test_it_costs_two_statements_for_however_many(
        self, client_of, alice, bob, dave, django_assert_num_queries
    ):
        client = client_of(alice)

        with django_assert_num_queries(2):
            client.get(f"/api/v1/accounts/relationships?id[]={bob.id}&id[]={dave.id}")


VERBS = ("follow", "unfollow", "remove_from_followers", "block", "unblock", "mute", "unmute")


@pytest.mark.parametrize("verb", VERBS)
class TestEveryVerb:
    def test_needs_somebody_signed_in(self, client_of, alice, verb):
        response = do(client_of(), alice, verb)

        assert response.status_code == 401
        assert response.json() == {"error": "The access token is invalid"}

    def test_needs_the_scope(self, client_of, alice, dave, verb):
        assert do(client_of(dave, scopes="read"), alice, verb).status_code == 403

    def test_is_covered_by_the_old_scope_follow(self, client_of, alice, dave, verb):
        assert do(client_of(dave, scopes="follow"), alice, verb).status_code == 200

    def test_is_about_somebody_who_exists(self, client_of, alice, verb):
        for account_id in ("1", "abc", "9" * 30):
            assert client_of(alice).post(f"/api/v1/accounts/{account_id}/{verb}").status_code == 404

    def test_is_no_get(self, client_of, alice, dave, verb):
        assert client_of(dave).get(f"/api/v1/accounts/{alice.id}/{verb}").status_code == 405
