"""Notes, recommendations, familiar followers, suggestions and the directory: the people around one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import restricting
from tests.people import NOON, make_account, publish
from upscrolled import popularity
from upscrolled.models import Account, Endorsement, Follow, FollowRequest, PopularAccount
from upscrolled.operations.relationships import block, follow, mute, remove_follower, unfollow
from upscrolled.queries import familiar


def befriend(by, *targets) -> None:
    for target in targets:
        follow(target, by=by, now=NOON)


def restrict(account, kind: str) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    restricting.restrict(
        "account",
        account.id,
        kind,
        starts_at=now,
        ends_at=now + timedelta(hours=48) if kind == "hold" else None,
    )


class TestNotes:
    def test_a_note_is_read_by_its_writer_alone(self, client_of, alice, bob):
        written = client_of(alice).post(f"/api/v1/accounts/{bob.id}/note", {"comment": " met in Tunis\n"})

        assert written.json()["note"] == "met in Tunis"
        assert relation(client_of(alice), bob)["note"] == "met in Tunis"
        assert relation(client_of(bob), alice)["note"] == ""

    def test_an_empty_one_takes_it_away(self, client_of, alice, bob):
        client = client_of(alice)
        client.post(f"/api/v1/accounts/{bob.id}/note", {"comment": "one"})
        client.post(f"/api/v1/accounts/{bob.id}/note", {"comment": "two"})

        assert relation(client, bob)["note"] == "two"
        assert client.form(f"/api/v1/accounts/{bob.id}/note", {"comment": ""}).json()["note"] == ""

    def test_it_has_an_end(self, client_of, alice, bob):
        response = client_of(alice).post(f"/api/v1/accounts/{bob.id}/note", {"comment": "x" * 2_001})

        assert response.status_code == 422
        assert "2001" in response.json()["error"]
        assert "2000" in response.json()["error"]

    def test_oneself_needs_none(self, client_of, alice):
        assert client_of(alice).post(f"/api/v1/accounts/{alice.id}/note", {"comment": "x"}).status_code == 403


class TestRecommending:
    @pytest.mark.parametrize(("verb", "back"), [("endorse", "unendorse"), ("pin", "unpin")])
    def test_whom_one_follows_and_back(self, client_of, alice, bob, verb, back):
        client = client_of(bob)

        assert client.post(f"/api/v1/accounts/{alice.id}/{verb}").json()["endorsed"] is True
        assert client.post(f"/api/v1/accounts/{alice.id}/{verb}").status_code == 200
        assert relation(client, alice)["endorsed"] is True
        for listed in (client, client_of()):
            shown = listed.get(f"/api/v1/accounts/{bob.id}/endorsements").json()
            assert [one["username"] for one in shown] == ["alice"]
        assert [one["username"] for one in client.get("/api/v1/endorsements").json()] == ["alice"]
        assert client.post(f"/api/v1/accounts/{alice.id}/{back}").json()["endorsed"] is False
        assert client.get("/api/v1/endorsements").json() == []

    def test_strangers_are_not_recommended(self, client_of, bob, dave):
        response = client_of(bob).post(f"/api/v1/accounts/{dave.id}/endorse")

        assert (response.status_code, Endorsement.objects.count()) == (422, 0)

    @pytest.mark.parametrize("ending", ["unfollow", "block", "blocked", "removed"])
    def test_it_ends_with_the_follow(self, client_of, alice, bob, ending):
        client_of(bob).post(f"/api/v1/accounts/{alice.id}/endorse")

        {
            "unfollow": lambda: unfollow(alice, by=bob),
            "block": lambda: block(alice, by=bob, now=NOON),
            "blocked": lambda: block(bob, by=alice, now=NOON),
            "removed": lambda: remove_follower(bob, by=alice),
        }[ending]()

        assert Endorsement.objects.count() == 0

    def test_pages_follow_the_link(self, client_of, alice):
        friends = [make_account(f"friend{number}") for number in range(3)]
        befriend(alice, *friends)
        client = client_of(alice)
        for friend in friends:
            client.post(f"/api/v1/accounts/{friend.id}/endorse")

        first = client.get("/api/v1/endorsements", {"limit": 2})
        second = client.get("/" + first["Link"].partition(">")[0].partition("://")[2].partition("/")[2])

        assert [one["username"] for one in first.json()] == ["friend2", "friend1"]
        assert [one["username"] for one in second.json()] == ["friend0"]


class TestFamiliarFollowers:
    def test_they_are_friends_who_follow_somebody(self, client_of, alice, bob, dave):
        star = make_account("star")
        befriend(bob, dave, star)
        befriend(dave, star)
        befriend(alice, star)

        shown = familiar_of(client_of(bob), star, dave)

        assert shown == {str(star.id): {"alice", "dave"}, str(dave.id): set()}

    def test_from_either_side_of_the_graph(self, client_of, alice, bob):
        """Once the list of the one who asks is the shorter, once that of the followers."""
        crowd = [make_account(f"crowd{number}") for number in range(4)]
        lonely, star = make_account("lonely"), make_account("star")
        befriend(bob, *crowd)
        befriend(crowd[0], lonely, star)
        for number in range(7):
            befriend(make_account(f"stranger{number}"), star)
        befriend(crowd[1], star)

        shown = familiar_of(client_of(bob), lonely, star)

        assert shown == {str(lonely.id): {"crowd0"}, str(star.id): {"crowd0", "crowd1"}}

    def test_who_hides_whom_they_know_is_not_told_of(self, client_of, alice, bob, dave):
        star = make_account("star")
        befriend(bob, dave)
        befriend(dave, star)
        befriend(alice, star)
        Account.objects.filter(pk=dave.pk).update(hide_collections=True)

        assert familiar_of(client_of(bob), star) == {str(star.id): {"alice"}}
        Account.objects.filter(pk=star.pk).update(hide_collections=True)
        assert familiar_of(client_of(bob), star) == {str(star.id): set()}

    def test_they_cost_the_same_for_however_many(self, client_of, bob, dave, django_assert_num_queries):
        others = [make_account(f"other{number}") for number in range(5)]
        befriend(bob, dave)
        befriend(dave, *others)
        client = client_of(bob)

        with django_assert_num_queries(4):  # who asks, whom they ask about, the pairs, the people
            familiar_of(client, *others)

    def test_a_long_list_is_refused(self, client_of, bob):
        response = client_of(bob).get("/api/v1/accounts/familiar_followers", {"id[]": list(range(1, 42))})

        assert response.status_code == 422
        assert "41" in response.json()["error"]

    def test_of_long_lists_the_newest_part_is_looked_at(self, client_of, alice, bob, monkeypatch):
        star, old, new = make_account("star"), make_account("old"), make_account("new")
        befriend(bob, old, new)
        befriend(old, star)
        befriend(new, star)
        monkeypatch.setattr(familiar, "PROBES", 1)
        monkeypatch.setattr(familiar, "FEWEST", 1)

        assert familiar_of(client_of(bob), star) == {str(star.id): {"new"}}


class TestSuggestions:
    def test_friends_of_friends_come_first_then_who_is_followed_lately(self, client_of, alice, bob, dave):
        star = make_account("star")
        befriend(alice, dave)
        for number in range(3):
            befriend(make_account(f"fan{number}"), star)
        popularity.refresh()

        shown = client_of(bob).get("/api/v2/suggestions").json()

        assert [one["account"]["username"] for one in shown] == ["dave", "star"]
        assert [one["sources"] for one in shown] == [
            ["friends_of_friends", "most_followed"],
            ["most_followed"],
        ]
        assert [one["source"] for one in shown] == ["past_interactions", "global"]
        first_version = client_of(bob).get("/api/v1/suggestions").json()
        assert [one["username"] for one in first_version] == ["dave", "star"]

    def test_a_newcomer_with_nobody_meets_people_at_once(self, client_of, alice, bob):
        popularity.refresh()

        shown = client_of(make_account("newcomer")).get("/api/v2/suggestions").json()

        assert [one["account"]["username"] for one in shown] == ["alice"]

    @pytest.mark.parametrize(
        "because",
        [
            "followed",
            "asked",
            "blocked",
            "blocking",
            "muted",
            "dismissed",
            "limited",
            "suspended",
            "hidden",
            "held",
            "undiscoverable",
            "closed",
            "unconfirmed",
            "oneself",
        ],
    )
    def test_some_are_never_suggested(self, client_of, alice, bob, dave, because):
        befriend(alice, dave)
        befriend(make_account("fan"), dave)
        popularity.refresh()
        reader, change = bob, Account.objects.filter(pk=dave.pk).update
        if because == "oneself":
            reader = dave
            befriend(dave, alice)
        {
            "followed": lambda: befriend(bob, dave),
            "asked": lambda: FollowRequest.objects.create(account=bob, target=dave, created_at=NOON),
            "blocked": lambda: block(dave, by=bob, now=NOON),
            "blocking": lambda: block(bob, by=dave, now=NOON),
            "muted": lambda: mute(dave, by=bob, now=NOON),
            "dismissed": lambda: client_of(bob).delete(f"/api/v1/suggestions/{dave.id}"),
            "limited": lambda: restrict(dave, "account_limited"),
            "suspended": lambda: restrict(dave, "account_suspended"),
            "hidden": lambda: restrict(dave, "hidden_from_discover"),
            "held": lambda: restrict(dave, "hold"),
            "undiscoverable": lambda: change(discoverable=False),
            "closed": lambda: change(is_active=False),
            "unconfirmed": lambda: change(confirmed_at=None),
            "oneself": lambda: None,
        }[because]()

        shown = client_of(reader).get("/api/v1/suggestions").json()

        assert "dave" not in [one["username"] for one in shown]

    def test_friends_who_hide_whom_they_follow_tell_nobody(self, client_of, alice, bob, dave):
        befriend(alice, dave)
        Account.objects.filter(pk=alice.pk).update(hide_collections=True)

        assert client_of(bob).get("/api/v1/suggestions").json() == []

    def test_newcomers_do_not_all_crowd_around_the_same(self, client_of, db):
        stars = [make_account(f"star{number}") for number in range(8)]
        fan = make_account("fan")
        befriend(fan, *stars)
        popularity.refresh()

        first = {
            client_of(make_account(f"new{number}")).get("/api/v1/suggestions").json()[0]["id"]
            for number in range(8)
        }
        assert len(first) > 1

    def test_it_costs_three_statements(self, client_of, alice, bob, dave, django_assert_num_queries):
        befriend(alice, dave)
        client = client_of(bob)

        with django_assert_num_queries(3):  # who asks, who might be met, the people
            client.get("/api/v2/suggestions")

    def test_nobody_stays_popular_for_ever(self, alice, bob):
        popularity.refresh()
        Follow.objects.all().delete()
        befriend(alice, bob)

        popularity.refresh()

        assert list(PopularAccount.objects.values_list("account_id", "score")) == [(bob.id, 1)]


class TestDirectory:
    def test_who_posted_last_comes_first_or_who_came_last(self, client_of, alice, bob, dave):
        publish(dave, after=0)
        publish(alice, after=86_400)

        assert listed(client_of()) == ["alice", "dave"]
        assert listed(client_of(), order="new") == ["dave", "bob", "alice"]
        assert listed(client_of(), order="new", limit=1, offset=1) == ["bob"]

    def test_who_does_not_want_to_be_found_is_not(self, client_of, alice, bob, carol, dave):
        Account.objects.filter(pk=bob.pk).update(discoverable=False)
        restrict(dave, "account_suspended")

        assert listed(client_of(carol), order="new") == ["carol"]  # alice blocks her
        assert listed(client_of(), order="new") == ["carol", "alice"]

    def test_it_ends_where_nobody_scrolls(self, client_of, alice):
        assert listed(client_of(), order="new", offset=2_000) == []

    def test_it_costs_two_statements(self, client_of, alice, bob, dave, django_assert_num_queries):
        publish(alice)
        for order in ("new", "active"):
            with django_assert_num_queries(2):
                listed(client_of(), order=order)


def relation(client, person) -> dict:
    return client.get("/api/v1/accounts/relationships", {"id[]": person.id}).json()[0]


def familiar_of(client, *people) -> dict[str, set[str]]:
    shown = client.get("/api/v1/accounts/familiar_followers", {"id[]": [one.id for one in people]}).json()
    return {one["id"]: {person["username"] for person in one["accounts"]} for one in shown}


def listed(client, **params) -> list[str]:
    return [one["username"] for one in client.get("/api/v1/directory", params).json()]
