"""Reported messages: a report is one case, who holds it reads those and no others, and the sender is told which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from messaging.models import Reading, Reported
from messaging.models import Report as Confided
from messaging.operations import conversations
from messaging.operations import messages as writing
from messaging.operations import report as confiding
from messaging.operations.report import Complaint
from moderation import schedule
from moderation.models import Case, CaseEvent, Evidence, Report, Statement
from moderation.operations import cases, claims, messages
from moderation.operations.cases import Wish
from moderation.operations.claims import LostClaim
from moderation.operations.interest import ConflictOfInterest
from moderation.statements import unseal
from moderation.subjects import Subject
from tests.chat import say, texts
from tests.moderation.test_audit import wrong
from tests.people import client_of, make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import NotFound
from upscrolled.models import Notification
from upscrolled.operations.staffing import appoint

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
OUTLIVING = "copies of reported messages that outlive their evidence"
SENT = NOW - timedelta(minutes=20)


@pytest.fixture
def pair(alice, bob) -> int:
    number = conversations.begin_pair(bob.id, by=alice, now=SENT)
    say(number, alice, "hello bob", now=SENT)
    return number


@pytest.fixture
def insults(pair, alice, bob) -> list[int]:
    """alice insults bob twice, and says something kind between; bob shows the moderators the insults."""
    bad = [say(pair, alice, "bad words", now=SENT), say(pair, alice, "kind words", now=SENT)]
    bad.append(say(pair, alice, "worse words", now=SENT))
    named = [bad[0], bad[2]]
    confiding.file_report(pair, complaint=Complaint(named, "she insults me", "spam"), by=bob, now=NOW)
    return named


def test_a_report_of_messages_is_one_case_and_is_taken_up_once(alice, bob, insults) -> None:
    for _ in range(2):
        schedule.take_up_messages()

    case = Case.objects.get()
    assert (case.subject_kind, case.subject_id, case.account_id) == ("message", insults[0], alice.id)
    assert [copy.subject_id for copy in case.copies.all()] == insults[1:]
    filed = Report.objects.get()
    assert (filed.reporter_id, filed.target_id, filed.cases) == (bob.id, alice.id, [case.pk])
    assert (filed.comment, filed.reason) == ("she insults me", "spam")
    assert Notification.objects.filter(recipient=bob, kind="report", subject_id=filed.pk).count() == 1
    assert case.factors["probability"] > 0
    assert Confided.objects.filter(handed_at=None).count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(content::text, ' ') FROM moderation_evidence")
        assert "words" not in cursor.fetchone()[0]


def test_who_holds_the_case_reads_what_was_reported_as_it_was_and_it_is_written_down(
    pair, alice, bob, insults
) -> None:
    messages.take_up(now=NOW)
    writing.delete_for_all(insults[1], by=alice, now=NOW)
    mia, noor = moderator(), moderator("noor")
    held = claims.next_case(by=mia, now=NOW)
    with pytest.raises(LostClaim):
        messages.read(held, by=noor, now=NOW)
    assert not Reading.objects.exists()

    letters = messages.read(held, by=mia, now=NOW)

    assert [(each.message_id, each.text) for each in letters] == [
        (insults[0], "bad words"),
        (insults[1], "worse words"),
    ]
    assert set(Reading.objects.values_list("reader_id", "because")) == {(mia.id, f"case {held.case_id}")}
    assert Reading.objects.count() == 2
    assert CaseEvent.objects.filter(kind="read", actor=mia).count() == 1
    with pytest.raises(LostClaim):
        messages.read(held, by=mia, now=NOW + timedelta(minutes=11))


def test_the_sender_is_told_which_message_and_the_other_reads_it_no_more(pair, alice, bob, insults) -> None:
    messages.take_up(now=NOW)
    mia = moderator()
    held = claims.next_case(by=mia, now=NOW)
    removal = Wish(Subject("message", insults[0]), "removed", "harassment", REASONS)
    cases.decide_case(held, removal, by=mia, now=NOW)

    assert "bad words" not in texts(pair, bob)
    assert "worse words" not in texts(pair, bob)
    assert "kind words" in texts(pair, bob)
    assert "bad words" in texts(pair, alice)
    for language, number in (("en", insults[0]), ("en", insults[1])):
        statement = Statement.objects.get(subject_kind="message", subject_id=number)
        readable = unseal(statement, statement.key.key)
        assert readable is not None
        assert statement.language == language
        assert f"sent on {SENT:%Y-%m-%d %H:%M:%S} UTC" in readable.text
    assert str(bob.id) not in client_of(alice).get("/api/v1/upscrolled/standing").content.decode()


def test_a_second_report_joins_the_case_of_what_it_names(pair, alice, bob, insults) -> None:
    messages.take_up(now=NOW)
    more = say(pair, alice, "and more", now=NOW)
    confiding.file_report(pair, complaint=Complaint([insults[1], more], "again"), by=bob, now=NOW)
    messages.take_up(now=NOW)

    first, second = Case.objects.order_by("id")
    assert second.subject_id == more
    assert Report.objects.order_by("id").last().cases == [first.pk, second.pk]
    assert first.copies.count() == 1
    assert Evidence.objects.filter(case=first).count() == 2


def test_a_message_is_set_apart_and_the_report_waits_for_both(pair, bob, insults) -> None:
    messages.take_up(now=NOW)
    mia = moderator()
    held = claims.next_case(by=mia, now=NOW)
    apart = cases.set_apart(held, Subject("message", insults[1]), by=mia, reason="not so bad", now=NOW)
    cases.dismiss(held, by=mia, reason="a quarrel", now=NOW)
    filed = Report.objects.get()
    assert (filed.cases, filed.outcome) == ([held.case_id, apart.pk], "")
    again = claims.next_case(by=mia, now=NOW)
    assert [each.text for each in messages.read(again, by=mia, now=NOW)] == ["worse words"]


def test_who_has_to_do_with_sender_or_reporter_does_not_get_it(alice, bob, dave, pair, insults) -> None:
    messages.take_up(now=NOW)
    for person in (alice, bob):
        appoint(person, "senior", because="helps out", now=NOW)
        assert claims.next_case(by=person, now=NOW) is None
        with pytest.raises(ConflictOfInterest):
            claims.claim(Case.objects.get().pk, by=person, now=NOW)


def test_a_case_about_something_else_has_no_messages(alice, dave) -> None:
    from moderation.operations.report import Complaint as Open
    from moderation.operations.report import file_report

    post = publish(alice, "hello")
    file_report(reporter=make_account("erin"), complaint=Open(target_id=alice.id, post_ids=[post]), now=NOW)
    mia = moderator()
    held = claims.next_case(by=mia, now=NOW)
    with pytest.raises(NotFound):
        messages.read(held, by=mia, now=NOW)


def test_what_moderators_were_shown_ends_with_the_evidence_of_the_last_case(
    pair, alice, bob, insults
) -> None:
    then = NOW - timedelta(days=210)
    messages.take_up(now=then)
    close(then)
    confiding.file_report(pair, complaint=Complaint(insults[:1], "again"), by=bob, now=NOW)
    messages.take_up(now=NOW - timedelta(days=205))
    close(NOW - timedelta(days=100))
    late = say(pair, alice, "the worst words", now=SENT)
    confiding.file_report(pair, complaint=Complaint([late], "not taken up"), by=bob, now=NOW)

    schedule.forget()

    bodies = Reported.objects.order_by("id").values_list("message_id", "body")
    assert [(number, bool(body)) for number, body in bodies] == [
        (insults[0], True),
        (insults[1], False),
        (insults[0], True),
        (late, True),
    ]
    assert OUTLIVING not in wrong()
    Case.objects.update(closed_at=then)
    schedule.forget()
    assert [bool(body) for _, body in bodies.all()] == [False, False, False, True]
    Reported.objects.update(body=b"x")
    assert OUTLIVING in wrong()


def close(at: datetime) -> None:
    """Decide the case that waits, at that moment."""
    held = claims.next_case(by=moderator(), now=at)
    assert held is not None
    cases.dismiss(held, by=moderator(), reason="a joke among friends", now=at)
