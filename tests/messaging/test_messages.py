"""Messages: sent once, in one order, edited for a while, deleted for oneself or for all."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from messaging.models import Edit, Message, Reaction
from messaging.operations import keeping, messages
from messaging.operations.messages import Draft, TooLate, TooLong
from messaging.queries import conversations, search, sync
from messaging.queries import messages as found
from tests.chat import say, texts
from tests.parallel import at_once
from tests.people import NOON, make_account
from tests.restricting import restrict
from upscrolled import streams, tasks
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.core.paging import Page
from upscrolled.models import Notification
from upscrolled.operations.relationships import block
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db
SOON = NOON + timedelta(minutes=5)


def test_both_read_what_was_written_in_the_order_of_its_numbers(pair, alice, bob):
    say(pair, bob, "hello alice", now=NOON - timedelta(hours=1))  # a server whose clock is late
    say(pair, alice, "how are you?")

    for reader in (alice, bob):
        assert texts(pair, reader) == ["hello bob", "hello alice", "how are you?"]
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]


def test_pages_go_by_message_numbers(pair, alice):
    for number in range(2, 8):
        say(pair, alice, f"message {number}")

    page = found.page(Viewer(alice), pair, Page(limit=3))
    older = found.page(Viewer(alice), pair, Page(limit=3, max_id=page.last))
    newer = found.page(Viewer(alice), pair, Page(limit=3, min_id=older.first))

    assert [each.seq for each in page.messages] == [7, 6, 5]
    assert [each.seq for each in older.messages] == [4, 3, 2]
    assert newer.messages == page.messages


def test_a_message_sent_again_is_the_same_message(pair, alice):
    first = messages.send(pair, by=alice, draft=Draft("once", "drawn"), now=NOON)
    again = messages.send(pair, by=alice, draft=Draft("once", "drawn"), now=SOON)

    assert (first.new, again.new) == (True, False)
    assert first.id == again.id
    assert Message.objects.filter(client_id="drawn").count() == 1


def test_two_people_may_draw_the_same_client_id(pair, alice, bob):
    one = messages.send(pair, by=alice, draft=Draft("hers", "drawn"), now=NOON)
    other = messages.send(pair, by=bob, draft=Draft("his", "drawn"), now=NOON)

    assert one.id != other.id


def test_a_client_id_of_another_conversation_is_refused(pair, group, alice):
    messages.send(pair, by=alice, draft=Draft("x", "drawn"), now=NOON)

    with pytest.raises(Invalid, match="another conversation"):
        messages.send(group, by=alice, draft=Draft("x", "drawn"), now=NOON)


@pytest.mark.django_db(transaction=True)
def test_sent_by_many_connections_at_once_it_is_one_message_and_numbers_have_no_gaps(pair, alice, bob):
    same = [lambda: messages.send(pair, by=alice, draft=Draft("again", "drawn"), now=NOON) for _ in range(4)]
    others = [lambda who=who: say(pair, who) for who in (alice, bob, alice, bob)]

    outcomes = at_once([*same, *others])

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert len({each.id for each in outcomes[:4]}) == 1
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 7))


@pytest.mark.django_db(transaction=True)
def test_a_server_killed_before_the_commit_leaves_nothing_and_the_phone_sends_again(pair, alice):
    connections.close_all()
    child = os.fork()
    if child == 0:
        with transaction.atomic():
            messages.send(pair, by=alice, draft=Draft("once", "drawn"), now=NOON)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert not Message.objects.filter(client_id="drawn").exists()

    assert messages.send(pair, by=alice, draft=Draft("once", "drawn"), now=NOON).new
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_server_killed_right_after_the_commit_loses_nothing_and_doubles_nothing(pair, alice, bob):
    before = sync.changes(Viewer(bob), None, limit=1).cursor
    tasks.tell_owed()
    connections.close_all()
    child = os.fork()
    if child == 0:
        with (
            transaction.atomic()
        ):  # what is done after the commit, events and the worker's call, is never done
            transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
            messages.send(pair, by=alice, draft=Draft("once", "drawn"), now=NOON)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    streams.valkey.data().delete(streams.STREAM)

    again = messages.send(pair, by=alice, draft=Draft("once", "drawn"), now=NOON)

    (told,) = sync.changes(Viewer(bob), before, limit=10).messages
    assert (told.id, told.text, again) == (again.id, "once", messages.Sent(told.id, new=False))
    (owed,) = Notification.objects.filter(recipient=bob, kind="message")
    assert (tasks.tell_owed(), tasks.tell_owed()) == (1, 0)  # as the clock has it done
    assert [(each.name, each.about) for each in streams.since()] == [("notification", {"id": owed.id})]


def test_ids_of_messages_lie_apart_from_those_of_posts(pair):
    assert Message.objects.get().id & 1 << 15


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("  \u200b ", "can't be blank"), ("x" * 5_001, "5001 characters; the limit is 5000")],
)
def test_a_text_that_says_nothing_or_too_much_is_refused(pair, alice, text, sentence):
    with pytest.raises(Invalid, match=sentence):
        say(pair, alice, text)


def test_a_text_of_marks_without_end_is_refused_before_it_is_counted(pair, alice):
    with pytest.raises(TooLong, match="code points"):
        say(pair, alice, "a\u0301" * 100_000)


def test_an_answer_names_a_message_of_the_same_conversation(pair, group, alice, bob):
    question = say(pair, alice, "tea or coffee?")
    elsewhere = say(group, alice, "here")

    answer = say(pair, bob, "tea", reply_to=question)

    assert found.get_message(Viewer(alice), answer).reply_to_id == question
    with pytest.raises(NotFound):
        say(pair, bob, "tea", reply_to=elsewhere)


def test_an_edit_is_marked_and_what_was_said_before_stays_readable(pair, alice, bob):
    message = say(pair, alice, "helo")

    messages.edit(message, by=alice, written="hello", now=SOON)
    messages.edit(message, by=alice, written="hello", now=SOON)

    assert found.get_message(Viewer(bob), message).edited_at == SOON
    versions = found.history(Viewer(bob), message)
    assert [each.text for each in versions] == ["helo", "hello"]
    assert versions[1].since == SOON


def test_after_fifteen_minutes_a_message_stands(pair, alice):
    message = say(pair, alice, "helo")

    with pytest.raises(TooLate, match="15 minutes; this one is 16 minutes old"):
        messages.edit(message, by=alice, written="hello", now=NOON + timedelta(minutes=16))


def test_nobody_edits_or_deletes_what_others_wrote(pair, alice, bob):
    message = say(pair, alice)

    with pytest.raises(NotFound):
        messages.edit(message, by=bob, written="mine", now=NOON)
    with pytest.raises(NotFound):
        messages.delete_for_all(message, by=bob, now=NOON)


def test_deleted_for_all_nothing_is_left_but_its_place(pair, alice, bob):
    message = say(pair, alice, "a secret")
    messages.edit(message, by=alice, written="a dear secret", now=SOON)
    messages.react(message, by=bob, emoji="❤️", now=SOON)

    for _ in range(2):
        messages.delete_for_all(message, by=alice, now=SOON)

    seen = found.get_message(Viewer(bob), message)
    assert (seen.text, seen.deleted_at, seen.reactions, seen.seq) == (None, SOON, [], 2)
    assert bytes(Message.objects.get(pk=message).body) == b""
    assert not Edit.objects.exists()
    assert not Reaction.objects.exists()


def test_deleted_for_oneself_the_other_goes_on_seeing_it(pair, alice, bob):
    message = say(pair, alice, "hm")

    messages.delete_for_me(message, by=bob, now=SOON)

    assert texts(pair, bob) == ["hello bob"]
    assert texts(pair, alice) == ["hello bob", "hm"]


def test_one_emoji_a_person_and_another_takes_its_place(pair, alice, bob):
    message = say(pair, alice)
    for emoji in ("❤️", "😂"):
        messages.react(message, by=bob, emoji=emoji, now=SOON)
    messages.react(message, by=alice, emoji="👍🏽", now=SOON)

    assert found.get_message(Viewer(bob), message).reactions == [("😂", bob.id), ("👍🏽", alice.id)]
    messages.unreact(message, by=bob, now=SOON)
    assert found.get_message(Viewer(bob), message).reactions == [("👍🏽", alice.id)]


@pytest.mark.parametrize("no_emoji", ["", "ok", "❤️❤️", "x" * 30])
def test_only_an_emoji_is_an_answer(pair, alice, bob, no_emoji):
    with pytest.raises(Invalid, match="must be one emoji"):
        messages.react(say(pair, alice), by=bob, emoji=no_emoji, now=SOON)


def test_what_was_not_read_is_counted_until_it_is(pair, alice, bob):
    for _ in range(3):
        say(pair, alice)
    say(pair, alice)
    messages.delete_for_all(Message.objects.order_by("-seq")[0].id, by=alice, now=SOON)

    assert conversations.get(Viewer(bob), pair).unread == 4
    assert conversations.get(Viewer(alice), pair).unread == 0
    assert conversations.unread(Viewer(bob)) == (1, 0)
    keeping.read(pair, up_to=2, by=bob, now=SOON)
    assert conversations.get(Viewer(bob), pair).unread == 2
    keeping.read(pair, up_to=1, by=bob, now=SOON)
    keeping.read(pair, up_to=None, by=bob, now=SOON)
    assert conversations.get(Viewer(bob), pair).unread == 0
    keeping.unread(pair, by=bob, now=SOON)
    assert conversations.unread(Viewer(bob)) == (0, 0)  # the newest was deleted


def test_a_muted_conversation_is_no_news(pair, alice, bob):
    keeping.arrange(pair, wish=keeping.Wish(mute=timedelta(days=3_000)), by=bob, now=NOON)

    assert conversations.unread(Viewer(bob)) == (0, 0)
    assert conversations.get(Viewer(bob), pair).muted_until is not None


def test_receipts_are_shown_by_those_who_see_them(pair, alice, bob):
    def read_by_bob() -> int | None:
        members = conversations.get(Viewer(alice), pair).members
        return next(each.read_seq for each in members if each.account_id == bob.id)

    keeping.read(pair, up_to=None, by=bob, now=SOON)
    assert read_by_bob() == 1
    for who in (alice, bob):
        keeping.set_inbox(by=who, receipts=False)
        assert read_by_bob() is None
        keeping.set_inbox(by=who, receipts=True)
    assert read_by_bob() == 1


def test_a_cleared_conversation_is_empty_until_somebody_writes(pair, alice, bob):
    keeping.clear(pair, by=bob, now=SOON)
    assert conversations.page(Viewer(bob), "inbox", Page()).conversations == []

    say(pair, alice, "are you there?")

    assert texts(pair, bob) == ["are you there?"]
    assert texts(pair, alice) == ["hello bob", "are you there?"]


def test_a_restricted_account_reads_but_writes_nothing(pair, alice, bob):
    restrict("account", bob.id, "account_limited")
    message = Message.objects.get().id

    assert texts(pair, bob) == ["hello bob"]
    for act in (
        lambda: say(pair, bob),
        lambda: messages.react(message, by=bob, emoji="👍", now=NOON),
        lambda: keeping.typing(pair, by=bob, now=NOON),
    ):
        with pytest.raises(NotAllowed, match="restricted"):
            act()


def test_a_message_removed_by_a_decision_keeps_its_place_and_its_sender_reads_it(pair, alice, bob):
    message = say(pair, alice, "bad words")
    restrict("message", message, "removed")

    seen = found.get_message(Viewer(bob), message)
    assert (seen.text, seen.withheld) == (None, True)
    assert found.get_message(Viewer(alice), message).text == "bad words"
    assert search.search(Viewer(bob), "bad").messages == []


def test_words_are_found_in_all_spellings_window_by_window(pair, alice, bob, monkeypatch):
    wanted = say(pair, alice, "Un CAFÉ, s'il vous plaît")
    arabic = say(pair, bob, "أهلاً وسهلاً")
    for _ in range(5):
        say(pair, alice)

    assert [each.id for each in search.search(Viewer(bob), "café plaît").messages] == [wanted]
    assert [each.id for each in search.search(Viewer(alice), "اهلا").messages] == [arabic]
    some = search.search(Viewer(alice), "hello", limit=4)
    rest = search.search(Viewer(alice), "hello", limit=4, after=some.following)
    assert len({each.id for each in (*some.messages, *rest.messages)}) == 6
    assert rest.following is None


def test_a_search_stays_in_ones_own_conversations(pair, group, alice, dave):
    say(pair, alice, "between us")

    assert search.search(Viewer(dave), "between").messages == []
    assert search.search(Viewer(dave), "between", conversation_id=pair).messages == []
    assert len(search.search(Viewer(alice), "between", conversation_id=pair).messages) == 1
    assert search.search(Viewer(alice), "between", conversation_id=group).messages == []


def test_a_page_costs_as_many_statements_whatever_it_holds(
    pair, group, alice, bob, django_assert_num_queries
):
    for number in range(8):
        messages.react(say(group, alice, f"message {number}"), by=bob, emoji="👍", now=NOON)
        make_account(f"other{number}")
    conversations.page(Viewer(bob), "inbox", Page())  # the key is at hand

    with django_assert_num_queries(3):
        assert len(conversations.page(Viewer(bob), "inbox", Page()).conversations) == 2
    with django_assert_num_queries(1):
        assert len(found.page(Viewer(bob), group, Page()).messages) == 8


def test_neither_of_two_who_block_each_other_finds_the_conversation(pair, alice, bob):
    message = Message.objects.get().id
    block(bob, by=alice, now=NOON)

    for who in (alice, bob):
        for act in (
            lambda who=who: conversations.get(Viewer(who), pair),
            lambda who=who: found.page(Viewer(who), pair, Page()),
            lambda who=who: found.get_message(Viewer(who), message),
            lambda who=who: say(pair, who),
            lambda who=who: keeping.read(pair, up_to=None, by=who, now=NOON),
        ):
            with pytest.raises(NotFound):
                act()
        assert conversations.page(Viewer(who), "inbox", Page()).conversations == []
        assert search.search(Viewer(who), "hello").messages == []
        assert conversations.unread(Viewer(who)) == (0, 0)


def test_the_numbers_of_a_conversation_are_the_databases_to_keep(pair):
    taken = pytest.raises(IntegrityError, match="one_message_a_number")
    with taken, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO messaging_message (id, conversation_id, seq, sender_id, client_id, body, key_id)
               SELECT id + 1, conversation_id, seq, sender_id, 'other', body, key_id FROM messaging_message"""
        )
