"""Follow, block, mute and their undoing; counts stay exact when everybody does it at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections

from tests import restricting
from tests.people import NOON, make_account
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.models import (
    Account,
    AccountCounters,
    Block,
    Follow,
    FollowRequest,
    Mute,
    Notification,
    Restriction,
)
from upscrolled.operations.accounts import close_account
from upscrolled.operations.profiles import edit_profile
from upscrolled.operations.relationships import (
    MUTE_MAX,
    authorize_request,
    block,
    follow,
    mute,
    reject_request,
    remove_follower,
    unblock,
    unfollow,
    unmute,
)


def counts(account: Account) -> tuple[int, int]:
    """Followers and followed, as they are shown."""
    row = AccountCounters.objects.get(account=account)
    return row.followers, row.following


def version(account: Account) -> int:
    """How often the account's relations changed."""
    return AccountCounters.objects.get(account=account).graph_version


def told(account: Account) -> list[tuple[str, int]]:
    """What somebody was told, and of whom."""
    return list(Notification.objects.filter(recipient=account).order_by("id").values_list("kind", "actor_id"))


def private(account: Account) -> Account:
    """Make an account ask before it is followed."""
    Account.objects.filter(pk=account.pk).update(locked=True)
    account.locked = True
    return account


def restrict(account: Account, kind: Restriction.Kind) -> None:
    """Restrict an account, as a decision would."""
    restricting.restrict("account", account.id, kind, starts_at=NOON)


class TestFollowing:
    def test_who_follows_is_counted_and_the_other_is_told(self, alice, dave):
        before = version(dave)

        follow(alice, by=dave, now=NOON)

        assert counts(alice) == (1, 0)
        assert counts(dave) == (0, 1)
        assert told(alice) == [("follow", dave.id)]
        assert version(dave) == before + 1

    def test_following_twice_counts_once_and_changes_nothing(self, alice, dave):
        follow(alice, by=dave, reposts=False, now=NOON)
        before = version(dave)

        follow(alice, by=dave, now=NOON)

        assert counts(alice) == (1, 0)
        assert version(dave) == before
        assert Follow.objects.get(account=dave).reposts is False

    def test_following_again_changes_only_the_options_given(self, alice, dave):
        follow(alice, by=dave, notify=True, languages=["AR", "en"], now=NOON)
        before = version(dave)

        follow(alice, by=dave, reposts=False, now=NOON)

        row = Follow.objects.get(account=dave)
        assert (row.reposts, row.notify, row.languages) == (False, True, ["ar", "en"])
        assert version(dave) == before + 1

    def test_no_languages_means_all_of_them(self, alice, dave):
        follow(alice, by=dave, languages=["fr"], now=NOON)

        follow(alice, by=dave, languages=[], now=NOON)

        assert Follow.objects.get(account=dave).languages is None

    @pytest.mark.parametrize("languages", [["english"], ["en", "x"], ["e" * 500], ["en"] * 51])
    def test_what_is_no_language_is_refused(self, alice, dave, languages):
        with pytest.raises(Invalid):
            follow(alice, by=dave, languages=languages, now=NOON)

        assert counts(alice) == (0, 0)

    def test_nobody_follows_themselves(self, alice):
        with pytest.raises(NotAllowed):
            follow(alice, by=alice, now=NOON)

    def test_a_block_either_way_forbids_it_without_a_reason(self, alice, carol):
        for target, by in ((alice, carol), (carol, alice)):
            with pytest.raises(NotAllowed) as refusal:
                follow(target, by=by, now=NOON)
            assert refusal.value.safe == "This action is not allowed"

    def test_closed_and_suspended_accounts_are_not_there(self, alice, bob, dave):
        close_account(account=alice)
        restrict(bob, Restriction.Kind.ACCOUNT_SUSPENDED)

        for target in (alice, bob):
            with pytest.raises(NotFound):
                follow(target, by=dave, now=NOON)

    def test_a_restricted_account_follows_nobody_but_may_still_protect_itself(self, alice, bob):
        restrict(bob, Restriction.Kind.ACCOUNT_LIMITED)

        with pytest.raises(NotAllowed):
            follow(alice, by=bob, now=NOON)
        unfollow(alice, by=bob)
        block(alice, by=bob, now=NOON)

        assert Block.objects.filter(account=bob, target=alice).exists()

    def test_unfollowing_takes_the_count_and_the_news_back(self, alice, bob):
        before = version(bob)

        unfollow(alice, by=bob)
        unfollow(alice, by=bob)

        assert counts(alice) == (0, 0)
        assert counts(bob) == (0, 0)
        assert told(alice) == []
        assert version(bob) == before + 1

    def test_a_follower_can_be_removed_and_their_home_changes(self, alice, bob):
        before = version(bob)

        remove_follower(bob, by=alice)
        remove_follower(bob, by=alice)

        assert counts(alice) == (0, 0)
        assert version(bob) == before + 1


class TestAskingToFollow:
    def test_a_private_account_is_asked(self, alice, dave):
        follow(private(alice), by=dave, reposts=False, now=NOON)

        assert counts(alice) == (0, 0)
        assert FollowRequest.objects.filter(account=dave, target=alice).exists()
        assert told(alice) == [("follow_request", dave.id)]

    def test_asking_twice_asks_once_and_keeps_the_newer_options(self, alice, dave):
        private(alice)
        follow(alice, by=dave, now=NOON)

        follow(alice, by=dave, notify=True, now=NOON)

        assert FollowRequest.objects.get().notify is True
        assert told(alice) == [("follow_request", dave.id)]

    def test_who_is_let_in_follows_with_the_options_they_asked_for(self, alice, dave):
        follow(private(alice), by=dave, reposts=False, languages=["ar"], now=NOON)
        before = version(dave)

        authorize_request(dave, by=alice, now=NOON)

        row = Follow.objects.get(account=dave)
        assert (row.reposts, row.languages) == (False, ["ar"])
        assert (counts(alice), counts(dave)) == ((1, 0), (0, 1))
        assert told(alice) == [("follow", dave.id)]
        assert version(dave) == before + 1

    def test_letting_in_twice_is_no_mistake_but_letting_in_a_stranger_is(self, alice, bob, dave):
        private(alice)

        authorize_request(bob, by=alice, now=NOON)
        with pytest.raises(NotFound):
            authorize_request(dave, by=alice, now=NOON)

        assert counts(alice) == (1, 0)

    def test_a_refused_request_is_gone(self, alice, dave):
        follow(private(alice), by=dave, now=NOON)

        reject_request(dave, by=alice)

        assert not FollowRequest.objects.exists()
        assert told(alice) == []
        with pytest.raises(NotFound):
            reject_request(dave, by=alice)

    def test_unfollowing_takes_the_request_back(self, alice, dave):
        follow(private(alice), by=dave, now=NOON)

        unfollow(alice, by=dave)

        assert not FollowRequest.objects.exists()
        assert told(alice) == []

    def test_a_follower_stays_when_the_account_becomes_private(self, alice, bob):
        follow(private(alice), by=bob, reposts=False, now=NOON)

        assert Follow.objects.get(account=bob).reposts is False
        assert not FollowRequest.objects.exists()

    def test_everybody_who_asked_is_let_in_when_the_account_opens(self, alice, bob, dave):
        unfollow(alice, by=bob)
        private(alice)
        for person in (bob, dave):
            follow(alice, by=person, now=NOON)

        edit_profile(account=alice, locked=False, now=NOON)

        assert counts(alice) == (2, 0)
        assert not FollowRequest.objects.exists()
        assert told(alice) == []


class TestBlocking:
    def test_a_block_ends_follows_and_requests_both_ways_and_what_they_were_told(self, alice, bob, dave):
        follow(bob, by=alice, now=NOON)
        follow(private(dave), by=alice, now=NOON)
        versions = version(alice), version(bob)

        block(bob, by=alice, now=NOON)
        block(dave, by=alice, now=NOON)

        assert (counts(alice), counts(bob)) == ((0, 0), (0, 0))
        assert not FollowRequest.objects.exists()
        assert (told(alice), told(bob), told(dave)) == ([], [], [])
        assert version(alice) == versions[0] + 2
        assert version(bob) == versions[1] + 1

    def test_blocking_twice_is_blocking_once(self, alice, bob):
        block(bob, by=alice, now=NOON)
        before = version(alice)

        block(bob, by=alice, now=NOON)

        assert Block.objects.count() == 1
        assert version(alice) == before

    def test_both_may_block_each_other(self, alice, carol):
        block(alice, by=carol, now=NOON)

        assert Block.objects.count() == 2

    def test_unblocking_restores_nothing_but_lets_them_meet(self, alice, bob):
        block(bob, by=alice, now=NOON)
        versions = version(alice), version(bob)

        unblock(bob, by=alice)
        unblock(bob, by=alice)

        assert counts(alice) == (0, 0)
        assert (version(alice), version(bob)) == (versions[0] + 1, versions[1] + 1)
        follow(alice, by=bob, now=NOON)
        assert counts(alice) == (1, 0)

    @pytest.mark.parametrize("verb", [block, mute])
    def test_nobody_is_parted_from_themselves(self, alice, verb):
        with pytest.raises(NotAllowed):
            verb(alice, by=alice, now=NOON)


class TestMuting:
    def test_muting_again_changes_what_is_muted_and_until_when(self, alice, bob):
        before = version(alice)
        mute(bob, by=alice, now=NOON)

        mute(bob, by=alice, notifications=False, duration=timedelta(hours=1), now=NOON)
        mute(bob, by=alice, notifications=False, duration=timedelta(hours=1), now=NOON)

        row = Mute.objects.get()
        assert (row.notifications, row.expires_at) == (False, NOON + timedelta(hours=1))
        assert version(alice) == before + 2

    def test_a_mute_leaves_the_follow_alone(self, alice, bob):
        mute(alice, by=bob, now=NOON)

        assert counts(alice) == (1, 0)

    def test_unmuting_counts_once(self, alice, bob):
        mute(bob, by=alice, now=NOON)
        before = version(alice)

        unmute(bob, by=alice)
        unmute(bob, by=alice)

        assert not Mute.objects.exists()
        assert version(alice) == before + 1

    @pytest.mark.parametrize("duration", [timedelta(seconds=-1), MUTE_MAX + timedelta(days=1)])
    def test_an_impossible_duration_is_refused(self, alice, bob, duration):
        with pytest.raises(Invalid):
            mute(bob, by=alice, duration=duration, now=NOON)


def test_a_follow_costs_a_fixed_number_of_statements(alice, dave, django_assert_num_queries):
    with django_assert_num_queries(7):  # savepoint and release among them
        follow(alice, by=dave, now=NOON)
    with django_assert_num_queries(7):
        unfollow(alice, by=dave)


def at_once(*verbs: Callable[[], object]) -> list[BaseException | None]:
    """Do all of it at the same time, each in a connection of its own; return what each one raised."""

    def run(verb: Callable[[], object]) -> BaseException | None:
        try:
            verb()
            return None
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def real_counts(account: Account) -> tuple[int, int]:
    """Followers and followed, counted."""
    return Follow.objects.filter(target=account).count(), Follow.objects.filter(account=account).count()


@pytest.mark.django_db(transaction=True)
class TestStorms:
    def test_twenty_people_follow_and_unfollow_at_once(self):
        alice = make_account("alice")
        crowd = [make_account(f"fan{number}") for number in range(20)]

        def waver(fan: Account) -> None:
            for _ in range(5):
                follow(alice, by=fan, now=NOON)
                unfollow(alice, by=fan)
                follow(alice, by=fan, now=NOON)

        raised = at_once(*(partial(waver, fan) for fan in crowd))

        assert raised == [None] * 20
        assert counts(alice) == real_counts(alice) == (20, 0)
        assert {counts(fan) for fan in crowd} == {(0, 1)}
        assert len(told(alice)) == 20

    def test_one_impatient_finger_follows_once(self):
        alice, bob = make_account("alice"), make_account("bob")

        raised = at_once(*[partial(follow, alice, by=bob, now=NOON)] * 20)

        assert raised == [None] * 20
        assert (counts(alice), counts(bob)) == ((1, 0), (0, 1))
        assert at_once(*[partial(unfollow, alice, by=bob)] * 20) == [None] * 20
        assert (counts(alice), counts(bob)) == ((0, 0), (0, 0))

    def test_everybody_follows_everybody_without_waiting_crosswise(self):
        circle = [make_account(f"friend{number}") for number in range(6)]
        pairs = [(one, other) for one in circle for other in circle if one is not other]

        raised = at_once(*(partial(follow, other, by=one, now=NOON) for one, other in pairs))

        assert raised == [None] * 30
        assert {counts(friend) for friend in circle} == {(5, 5)}

    def test_a_block_in_the_middle_of_follows_leaves_no_follow_beside_it(self):
        for turn in range(10):
            alice, bob = make_account(f"alice{turn}"), make_account(f"bob{turn}")

            at_once(
                partial(follow, alice, by=bob, now=NOON),
                partial(follow, bob, by=alice, now=NOON),
                partial(block, bob, by=alice, now=NOON),
                partial(follow, alice, by=bob, now=NOON),
            )

            assert Block.objects.filter(account=alice, target=bob).exists()
            assert counts(alice) == counts(bob) == real_counts(alice) == (0, 0)

    def test_twenty_requests_are_accepted_while_they_are_withdrawn(self):
        alice = private(make_account("alice"))
        crowd = [make_account(f"fan{number}") for number in range(20)]
        for fan in crowd:
            follow(alice, by=fan, now=NOON)

        raised = at_once(
            partial(edit_profile, account=alice, locked=False, now=NOON),
            *(partial(unfollow, alice, by=fan) for fan in crowd[::2]),
        )

        assert raised == [None] * 11
        assert counts(alice) == real_counts(alice) == (10, 0)
        assert sum(counts(fan)[1] for fan in crowd) == 10
