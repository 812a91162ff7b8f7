"""Who may write to whom; requests; groups: asked, accepted, turned down, left, removed."""

from __future__ import annotations

import pytest

from messaging.models import Conversation, Member
from messaging.operations import conversations, keeping, messages
from messaging.operations.messages import UNANSWERED_MAX
from messaging.queries import conversations as found
from messaging.queries import messages as read
from tests.chat import say, texts
from tests.parallel import at_once
from tests.people import NOON, crowd, make_account
from tests.restricting import restrict
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.core.paging import Page
from upscrolled.operations.relationships import block, follow
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db


def folder(who, name):
    return [each.id for each in found.page(Viewer(who), name, Page()).conversations]


def test_who_follows_me_gets_my_message_at_once(pair, alice, bob):
    assert folder(bob, "inbox") == [pair]
    assert folder(bob, "requests") == []


def test_a_strangers_first_message_is_a_request_and_answering_accepts_it(alice, dave):
    number = conversations.begin_pair(alice.id, by=dave, now=NOON)
    assert (folder(dave, "inbox"), folder(alice, "requests")) == ([], [])  # nothing was said yet
    say(number, dave, "hello alice")

    assert (folder(alice, "inbox"), folder(alice, "requests")) == ([], [number])
    assert found.unread(Viewer(alice)) == (0, 1)
    assert texts(number, alice) == ["hello alice"]
    say(number, alice, "hello dave")
    assert (folder(alice, "inbox"), folder(alice, "requests")) == ([number], [])


def test_a_request_tells_nobody_that_it_was_read(alice, dave):
    number = conversations.begin_pair(alice.id, by=dave, now=NOON)
    say(number, dave)
    keeping.read(number, up_to=None, by=alice, now=NOON)

    members = found.get(Viewer(dave), number).members
    assert [each.read_seq for each in members if each.account_id == alice.id] == [None]


def test_a_request_that_is_turned_down_can_be_made_no_more(alice, dave):
    number = conversations.begin_pair(alice.id, by=dave, now=NOON)
    say(number, dave)
    conversations.decline(number, by=alice, now=NOON)

    assert folder(alice, "requests") == []
    with pytest.raises(NotFound):
        found.get(Viewer(alice), number)
    with pytest.raises(NotFound):
        keeping.read(number, up_to=None, by=alice, now=NOON)
    with pytest.raises(NotAllowed, match="turned your request down"):
        say(number, dave)
    say(conversations.begin_pair(dave.id, by=alice, now=NOON), alice, "I changed my mind")
    say(number, dave, "thanks")
    assert folder(alice, "inbox") == [number]


def test_what_waits_for_an_answer_has_an_end(alice, dave):
    number = conversations.begin_pair(alice.id, by=dave, now=NOON)
    for _ in range(UNANSWERED_MAX):
        say(number, dave)

    with pytest.raises(Invalid, match="no more than 10"):
        say(number, dave)
    conversations.accept(number, by=alice, now=NOON)
    say(number, dave)


@pytest.mark.parametrize(
    ("writers", "stranger", "followed"),
    [("everyone", None, None), ("followed", "whom they follow", None), ("nobody", "nobody", "nobody")],
)
def test_who_may_begin_a_conversation_is_each_persons_choice(alice, bob, dave, writers, stranger, followed):
    follow(alice, by=bob, now=NOON)
    keeping.set_inbox(by=bob, writers=writers)

    for who, refusal in ((dave, stranger), (alice, followed)):
        if refusal:
            with pytest.raises(NotAllowed, match=refusal):
                conversations.begin_pair(bob.id, by=who, now=NOON)
            with pytest.raises(NotAllowed, match=refusal):
                conversations.begin_group([bob.id], title="Us", by=who, now=NOON)
        else:
            assert conversations.begin_pair(bob.id, by=who, now=NOON)


def test_who_closes_the_door_keeps_the_conversations_they_have(pair, alice, bob):
    keeping.set_inbox(by=bob, writers="nobody")

    say(pair, alice, "still here")
    assert texts(pair, bob) == ["hello bob", "still here"]


def test_closing_the_door_ends_what_was_not_accepted(alice, dave):
    number = conversations.begin_pair(alice.id, by=dave, now=NOON)
    say(number, dave)
    keeping.set_inbox(by=alice, writers="followed")

    with pytest.raises(NotAllowed, match="whom they follow"):
        say(number, dave)


def test_nobody_writes_to_who_is_suspended_closed_blocked_or_oneself(pair, alice, bob, carol):
    for who in (alice, carol):
        with pytest.raises(NotFound):
            conversations.begin_pair(carol.id if who is alice else alice.id, by=who, now=NOON)
    with pytest.raises(Invalid, match="themselves"):
        conversations.begin_pair(alice.id, by=alice, now=NOON)
    restrict("account", bob.id, "account_suspended")
    with pytest.raises(NotAllowed, match="suspended"):
        say(pair, alice)
    bob.is_active = False
    bob.save(update_fields=["is_active"])
    with pytest.raises(NotAllowed, match="closed"):
        say(pair, alice)


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_the_same_moment_have_one_conversation(alice, bob):
    both = [
        lambda: conversations.begin_pair(bob.id, by=alice, now=NOON),
        lambda: conversations.begin_pair(alice.id, by=bob, now=NOON),
    ]

    assert len(set(at_once(both * 3))) == 1
    assert Conversation.objects.count() == 1
    assert Member.objects.count() == 2


def test_being_added_to_a_group_is_a_request(alice, bob, dave):
    number = conversations.begin_group([bob.id, dave.id], title="Walk", by=alice, now=NOON)

    assert (folder(alice, "inbox"), folder(bob, "inbox")) == ([number], [])
    assert folder(bob, "requests") == [number]
    with pytest.raises(NotAllowed, match="accept the invitation"):
        say(number, bob)
    conversations.accept(number, by=bob, now=NOON)
    say(number, bob, "here I am")
    assert texts(number, dave) == ["here I am"]  # to see what one is asked into


def test_who_comes_later_sees_what_is_written_later(group, alice):
    say(group, alice, "before")
    erin = make_account("erin")
    conversations.add(group, [erin.id], by=alice, now=NOON)
    conversations.accept(group, by=erin, now=NOON)
    say(group, alice, "after")

    assert texts(group, erin) == ["after"]


def test_any_member_asks_people_in_and_only_the_owner_takes_out_and_renames(group, alice, bob, dave):
    erin = make_account("erin")
    conversations.add(group, [erin.id], by=bob, now=NOON)
    with pytest.raises(NotAllowed, match="only the owner"):
        conversations.remove(group, dave.id, by=bob, now=NOON)
    with pytest.raises(NotAllowed, match="only the owner"):
        conversations.rename(group, title="Mine", by=bob, now=NOON)

    conversations.remove(group, dave.id, by=alice, now=NOON)
    conversations.rename(group, title="  The\nwalk ", by=alice, now=NOON)

    assert found.get(Viewer(bob), group).title == "The walk"
    assert found.get(Viewer(bob), group).others(Viewer(bob)) == [alice.id, erin.id]
    with pytest.raises(NotFound):
        found.get(Viewer(dave), group)
    with pytest.raises(NotFound):
        say(group, dave)


def test_when_its_owner_leaves_the_group_belongs_to_who_was_there_longest(group, alice, bob):
    conversations.leave(group, by=alice, now=NOON)

    assert found.get(Viewer(bob), group).owner_id == bob.id
    with pytest.raises(NotFound):
        read.page(Viewer(alice), group, Page())


def test_who_turned_a_group_down_is_not_asked_again_but_who_left_is(group, alice, bob, dave):
    erin = make_account("erin")
    conversations.add(group, [erin.id], by=alice, now=NOON)
    conversations.decline(group, by=erin, now=NOON)
    conversations.leave(group, by=dave, now=NOON)

    with pytest.raises(NotAllowed, match="turned the invitation"):
        conversations.add(group, [erin.id], by=alice, now=NOON)
    conversations.add(group, [dave.id], by=alice, now=NOON)
    assert folder(dave, "requests") == [group]


def test_a_group_has_an_end(group, alice, dave):
    others = crowd(30, like=dave)

    with pytest.raises(Invalid, match="33 members; at most 32"):
        conversations.add(group, [each.id for each in others], by=alice, now=NOON)
    conversations.add(group, [each.id for each in others[:29]], by=alice, now=NOON)
    assert len(found.get(Viewer(alice), group).members) == 32


def test_in_a_group_who_block_each_other_do_not_see_each_other(group, alice, bob, dave):
    say(group, bob, "from bob")
    of_dave = say(group, dave, "from dave")
    of_alice = say(group, alice, "from alice")
    messages.react(of_alice, by=dave, emoji="👍", now=NOON)
    block(dave, by=bob, now=NOON)

    assert texts(group, bob) == ["from bob", "from alice"]
    assert texts(group, dave) == ["from dave", "from alice"]
    assert texts(group, alice) == ["from bob", "from dave", "from alice"]
    assert read.get_message(Viewer(bob), of_alice).reactions == []
    assert read.get_message(Viewer(alice), of_alice).reactions == [("👍", dave.id)]
    assert found.get(Viewer(bob), group).others(Viewer(bob)) == [alice.id]
    assert found.get(Viewer(bob), group).unread == 1
    with pytest.raises(NotFound):
        messages.react(of_dave, by=bob, emoji="👍", now=NOON)
    with pytest.raises(NotFound):
        say(group, bob, reply_to=of_dave)


def test_ones_own_shelves_are_ones_own(pair, group, alice, bob):
    keeping.arrange(pair, wish=keeping.Wish(archived=True), by=bob, now=NOON)
    keeping.arrange(group, wish=keeping.Wish(pinned=True), by=bob, now=NOON)

    assert (folder(bob, "inbox"), folder(bob, "archived"), folder(bob, "pinned")) == (
        [group],
        [pair],
        [group],
    )
    assert (folder(alice, "archived"), folder(alice, "pinned")) == ([], [])
    say(pair, alice)
    assert folder(bob, "archived") == [pair]
