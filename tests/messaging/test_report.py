"""Reports show the moderators the messages that are named, as they were, and nothing else."""

from __future__ import annotations

import pytest

from messaging.models import Reading, Report
from messaging.operations import conversations, messages, report
from messaging.operations.report import Complaint
from tests.chat import say
from tests.people import NOON, make_account
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator(db):
    return make_account("mod", role="moderator")


def test_a_moderator_reads_what_was_reported_as_it_was_and_it_is_written_down(pair, alice, bob, moderator):
    message = say(pair, alice, "bad words")
    other = say(pair, alice, "good words")
    report.file_report(pair, complaint=Complaint([message], "she insults me"), by=bob, now=NOON)
    messages.edit(message, by=alice, written="kind words", now=NOON)
    messages.delete_for_all(message, by=alice, now=NOON)

    (evidence,) = report.read_evidence(message, reader=moderator, because="case 7", now=NOON)

    assert (evidence.text, evidence.sender_id) == ("bad words", alice.id)
    assert list(Reading.objects.values_list("reader__username", "because")) == [("mod", "case 7")]
    with pytest.raises(NotFound):
        report.read_evidence(other, reader=moderator, because="case 7", now=NOON)
    assert Reading.objects.count() == 1


def test_only_moderators_read_and_only_with_a_reason(pair, alice, bob, moderator):
    message = say(pair, alice)
    report.file_report(pair, complaint=Complaint([message], ""), by=bob, now=NOON)

    with pytest.raises(NotAllowed):
        report.read_evidence(message, reader=bob, because="curious", now=NOON)
    with pytest.raises(Invalid, match="which case"):
        report.read_evidence(message, reader=moderator, because=" ", now=NOON)
    assert not Reading.objects.exists()


def test_who_blocks_or_has_left_reports_what_was_written_to_them(pair, group, alice, bob, dave):
    message, before = say(pair, alice), say(group, alice)
    conversations.leave(group, by=dave, now=NOON)
    after = say(group, alice)
    block(alice, by=bob, now=NOON)

    report.file_report(pair, complaint=Complaint([message], ""), by=bob, now=NOON)
    report.file_report(group, complaint=Complaint([before], ""), by=dave, now=NOON)
    with pytest.raises(NotFound):
        report.file_report(group, complaint=Complaint([after], ""), by=dave, now=NOON)
    with pytest.raises(NotFound):
        report.file_report(pair, complaint=Complaint([message], ""), by=dave, now=NOON)


def test_a_report_is_of_one_person_and_not_of_oneself(group, alice, bob, dave):
    of_alice, of_dave = say(group, alice), say(group, dave)

    for named, sentence in (
        ([of_alice, of_dave], "of 2 people"),
        ([], "0 messages are named"),
        ([of_alice] * 51, "51 messages are named"),
    ):
        with pytest.raises(Invalid, match=sentence):
            report.file_report(group, complaint=Complaint(named, ""), by=bob, now=NOON)
    with pytest.raises(Invalid, match="themselves"):
        report.file_report(group, complaint=Complaint([of_alice], ""), by=alice, now=NOON)
    with pytest.raises(Invalid, match="1001 characters"):
        report.file_report(group, complaint=Complaint([of_alice], "x" * 1_001), by=bob, now=NOON)


def test_moderation_takes_each_report_up_once(pair, alice, bob):
    message = say(pair, alice)
    report.file_report(pair, complaint=Complaint([message], ""), by=bob, now=NOON)

    (taken,) = report.hand_over(limit=10, now=NOON)

    assert [each.message_id for each in taken.messages.all()] == [message]
    assert report.hand_over(limit=10, now=NOON) == []
    assert Report.objects.get().handed_at == NOON
