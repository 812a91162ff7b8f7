"""Devices that were away catch up; two of them, however badly connected, come to the same conversation."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging import happenings
from messaging.models import Event
from messaging.operations import conversations, decided, keeping, messages
from messaging.operations.messages import Draft
from messaging.queries import sync
from messaging.queries.messages import MessageFacts
from messaging.schedule import forget_before
from tests.chat import say
from tests.people import NOON, make_account
from tests.restricting import restrict
from upscrolled.core.errors import DomainError
from upscrolled.operations.relationships import block, follow
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db


def changes(who: Any, cursor: int | None, limit: int = 100) -> sync.Changes:
    return sync.changes(Viewer(who), cursor, limit=limit)


def test_a_device_begins_where_the_line_ends(pair, bob):
    first = changes(bob, None)

    assert (first.reset, first.messages) == (True, [])
    assert changes(bob, first.cursor) == first._replace(reset=False)


def test_all_that_changed_is_told_as_it_stands(pair, alice, bob):
    begun = changes(bob, None).cursor
    message = say(pair, alice, "helo")
    messages.edit(message, by=alice, written="hello", now=NOON)
    messages.react(message, by=bob, emoji="👍", now=NOON)
    gone = say(pair, alice, "oops")
    messages.delete_for_all(gone, by=alice, now=NOON)
    hidden = say(pair, alice, "hm")
    messages.delete_for_me(hidden, by=bob, now=NOON)
    keeping.read(pair, up_to=None, by=alice, now=NOON)
    keeping.arrange(pair, wish=keeping.Wish(pinned=True), by=bob, now=NOON)

    told = changes(bob, begun)

    assert [(each.id, each.text) for each in told.messages] == [(message, "hello"), (gone, None)]
    assert told.messages[0].reactions == [("👍", bob.id)]
    assert told.unseen == [(pair, hidden)]
    assert [(each.id, each.pinned) for each in told.conversations] == [(pair, True)]
    assert changes(bob, told.cursor).messages == []


def test_what_a_decision_takes_and_gives_back_is_told_once_each(pair, alice, bob):
    message, begun = say(pair, alice, "bad words"), changes(bob, None).cursor
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    restrict("message", message, "hold", starts_at=now - 2 * hour, ends_at=now - hour)

    taken = [decided.tell(now=now - 1.5 * hour) for _ in range(2)]
    messages.delete_for_me(message, by=alice, now=now)  # an event of the message, for alice alone
    given_back = [decided.tell(now=now) for _ in range(2)]

    assert (taken, given_back) == ([1, 0], [1, 0])
    assert [each.id for each in changes(bob, begun).messages] == [message]
    assert changes(bob, None).cursor == begun + 2


def test_what_is_more_than_a_page_is_told_in_several(pair, alice, bob):
    begun = changes(bob, None).cursor
    for number in range(5):
        say(pair, alice, str(number))

    first = changes(bob, begun, limit=3)
    rest = changes(bob, first.cursor, limit=3)

    assert (first.more, rest.more) == (True, False)
    assert [each.text for each in (*first.messages, *rest.messages)] == list("01234")


def test_who_is_removed_is_told_that_it_is_gone_and_nothing_after(group, alice, dave):
    begun = changes(dave, None).cursor
    say(group, alice, "one")
    conversations.remove(group, dave.id, by=alice, now=NOON)
    say(group, alice, "two")

    told = changes(dave, begun)

    assert (told.gone, told.messages, told.conversations) == ([group], [], [])
    assert not told.more


def test_a_cursor_that_is_too_old_begins_anew(pair, alice, bob):
    begun = changes(bob, None).cursor
    say(pair, alice)
    forget_before(NOON + timedelta(seconds=1))
    last = say(pair, alice, now=NOON + timedelta(days=31))

    assert changes(bob, begun).reset
    assert changes(bob, 10**18).reset  # from before the database was restored
    assert [each.id for each in changes(bob, begun + 1).messages] == [last]


def test_a_block_shows_in_the_number_of_relations(pair, alice, bob):
    before = changes(bob, None)
    block(bob, by=alice, now=NOON)

    assert changes(bob, before.cursor).relations > before.relations


def test_numbers_of_events_have_no_gaps(pair, group, alice, bob):
    for each in (pair, group, pair):
        say(each, alice)

    numbers = list(Event.objects.filter(account=bob).order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_page_of_changes_costs_as_many_statements_whatever_it_holds(
    pair, alice, bob, django_assert_num_queries
):
    begun = changes(bob, None).cursor
    for number in range(6):
        messages.react(say(pair, alice, str(number)), by=bob, emoji="👍", now=NOON)
    changes(bob, begun)

    with django_assert_num_queries(6):
        assert len(changes(bob, begun).messages) == 6


def test_whoever_shows_things_at_once_hears_of_them_after_the_commit(
    pair, alice, bob, django_capture_on_commit_callbacks
):
    heard: list[happenings.Happened] = []

    def listen(event: happenings.Happened, **_: Any) -> None:
        heard.append(event)
        raise RuntimeError("a stream that fails disturbs nobody")

    happenings.happened.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            message = say(pair, alice)
            keeping.typing(pair, by=bob, now=NOON)
            keeping.set_inbox(by=alice, typing=False)
            keeping.typing(pair, by=bob, now=NOON)
            keeping.typing(pair, by=alice, now=NOON)
    finally:
        happenings.happened.disconnect(listen)

    sent, typing, unheard = heard
    assert (sent.kind, sent.thing, sent.new, set(sent.told)) == (
        happenings.MESSAGE,
        message,
        True,
        {alice.id, bob.id},
    )
    assert sent.told[bob.id] == changes(bob, None).cursor
    assert (typing.kind, typing.by_id, dict(typing.told)) == (happenings.TYPING, bob.id, {alice.id: 0})
    assert unheard.told == {}


# --- two phones -------------------------------------------------------------------------------------


@dataclass
class Phone:
    """A phone as docs/messages.md tells it to behave: what it wrote it sends until it is answered, under the same
    client id; what it is told by sync it takes only if it had asked from where it stands."""

    owner: Any
    conversation: int
    outbox: dict[str, str] = field(default_factory=dict)
    known: dict[int, MessageFacts] = field(default_factory=dict)
    cursor: int = 0
    late: list[tuple[int, sync.Changes]] = field(default_factory=list)
    drawn: Any = field(default_factory=count)

    def write(self, text: str) -> None:
        self.outbox[f"{id(self)}-{next(self.drawn)}"] = text

    def send(self, which: int, *, times: int, answered: bool, skew: int) -> None:
        if not self.outbox:
            return
        client_id = sorted(self.outbox)[which % len(self.outbox)]
        for _ in range(times):
            draft = Draft(self.outbox[client_id], client_id)
            now = NOON + timedelta(seconds=skew)
            messages.send(self.conversation, by=self.owner, draft=draft, now=now)
        if answered:
            del self.outbox[client_id]

    def touch(self, verb: str, which: int, skew: int) -> None:
        if not self.known:
            return
        number = sorted(self.known)[which % len(self.known)]
        now = NOON + timedelta(seconds=skew)
        act = {
            "edit": lambda: messages.edit(number, by=self.owner, written=f"edited {which}", now=now),
            "delete": lambda: messages.delete_for_all(number, by=self.owner, now=now),
            "react": lambda: messages.react(number, by=self.owner, emoji="👍", now=now),
            "unreact": lambda: messages.unreact(number, by=self.owner, now=now),
        }[verb]
        with suppress(DomainError):  # not one's own, or deleted: a phone that is behind does not know
            act()

    def ask(self, *, arrives: bool) -> None:
        self.late.append((self.cursor, changes(self.owner, self.cursor, limit=3)))
        if arrives:
            self.receive(len(self.late) - 1)

    def receive(self, which: int) -> None:
        if not self.late:
            return
        asked_from, told = self.late[which % len(self.late)]  # it may come again, and again
        if asked_from != self.cursor:
            return
        self.known.update({each.id: each for each in told.messages})
        self.cursor = told.cursor

    def settle(self) -> None:
        while self.outbox:
            self.send(0, times=1, answered=True, skew=0)

    def catch_up(self) -> None:
        while True:
            before = self.cursor
            self.ask(arrives=True)
            if self.cursor == before:
                return

    def shown(self) -> list[tuple[int, str | None, Any]]:
        ordered = sorted(self.known.values(), key=lambda each: each.seq)
        return [(each.seq, each.text, sorted(each.reactions)) for each in ordered]


SKEW = st.integers(-300, 300)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.one_of(
            st.tuples(st.just("write")),
            st.tuples(st.just("send"), st.integers(0, 5), st.integers(1, 2), st.booleans(), SKEW),
            st.tuples(
                st.just("touch"),
                st.sampled_from(["edit", "delete", "react", "unreact"]),
                st.integers(0, 5),
                SKEW,
            ),
            st.tuples(st.just("ask"), st.booleans()),
            st.tuples(st.just("receive"), st.integers(0, 5)),
        ),
    ),
    max_size=40,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_phones_with_bad_connections_and_wrong_clocks_come_to_the_same_conversation(db, steps):
    names = f"p{next(_names)}"
    ann, ben = make_account(f"{names}a"), make_account(f"{names}b")
    follow(ann, by=ben, now=NOON)
    number = conversations.begin_pair(ben.id, by=ann, now=NOON)
    phones = [Phone(ann, number), Phone(ann, number), Phone(ben, number)]
    written = 0
    for which, (verb, *facts) in steps:
        phone = phones[which]
        if verb == "write":
            phone.write(f"text {written}")
            written += 1
        elif verb == "send":
            place, times, answered, skew = facts
            phone.send(place, times=times, answered=answered, skew=skew)
        elif verb == "touch":
            phone.touch(*facts)
        elif verb == "ask":
            phone.ask(arrives=facts[0])
        else:
            phone.receive(*facts)

    for phone in phones:
        phone.settle()
    for phone in phones:
        phone.catch_up()

    assert [seq for seq, _, _ in phones[0].shown()] == list(range(1, written + 1))
    assert phones[0].shown() == phones[1].shown() == phones[2].shown()


_names = count()
