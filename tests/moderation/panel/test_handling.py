"""Beside deciding: reported messages are read by who holds the case, notes stay, a colleague takes over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from messaging.models import Reading
from messaging.operations import conversations
from messaging.operations import report as confiding
from messaging.operations.report import Complaint
from moderation.models import Case
from moderation.operations import appeals, cases, claims, messages
from moderation.operations.decide import Wish
from moderation.subjects import Subject
from tests.chat import say
from tests.desks import desk_of, reported
from tests.people import make_account
from tests.restricting import REASONS, moderator

pytestmark = pytest.mark.django_db


def test_who_holds_the_case_reads_the_reported_messages_and_nobody_else(alice, bob, mia) -> None:
    now = datetime.now(UTC)
    pair = conversations.begin_pair(bob.id, by=alice, now=now)
    bad, _ = say(pair, alice, "bad <b>words</b>", now=now), say(pair, alice, "kind words", now=now)
    confiding.file_report(pair, complaint=Complaint([bad], "she insults me", "spam"), by=bob, now=now)
    messages.take_up(now=now)
    case, desk = Case.objects.get(), desk_of(mia)
    address = f"/admin/cases/{case.pk}/"

    assert "/read/" not in desk.get(address).content.decode()
    assert desk.post(f"{address}read/", {"version": case.version}).status_code == 409
    held = claims.claim(case.pk, by=mia, now=datetime.now(UTC))
    assert "/read/" in desk.get(address).content.decode()
    assert desk.post(f"{address}read/", {"version": held.version - 1}).status_code == 409
    Case.objects.update(lane="dark")
    asked = desk_of(mia, proven=3_600.0).post(f"{address}read/", {"version": held.version})
    assert (asked.status_code, Reading.objects.exists()) == (302, False)  # the second factor, first
    page = desk.post(f"{address}read/", {"version": held.version}).content.decode()

    assert "bad &lt;b&gt;words&lt;/b&gt;" in page
    assert "kind words" not in page
    assert Reading.objects.get().reader_id == mia.id


def test_who_holds_an_appeal_about_messages_reads_those_too(alice, bob, mia) -> None:
    now, noor = datetime.now(UTC), moderator("noor")
    pair = conversations.begin_pair(bob.id, by=alice, now=now)
    bad, worse = say(pair, alice, "bad words", now=now), say(pair, alice, "worse words", now=now)
    confiding.file_report(pair, complaint=Complaint([bad, worse], "she insults me", "spam"), by=bob, now=now)
    messages.take_up(now=now)
    case = Case.objects.get()
    wish = Wish(Subject("message", case.subject_id), "removed", "harassment", REASONS)
    made = cases.decide_case(claims.claim(case.pk, by=noor, now=now), wish, by=noor, now=now)
    appeal = appeals.appeal_decision(made.statement_id, by=alice, text="He began.", now=now)
    address, desk = f"/admin/appeals/{appeal.pk}/", desk_of(mia)

    assert "/read/" not in desk.get(address).content.decode()
    assert desk.post(f"{address}read/", {"version": "1"}).status_code == 409
    held = appeals.claim_appeal(appeal.pk, by=mia, now=datetime.now(UTC))
    assert "/read/" in desk.get(address).content.decode()
    Case.objects.update(lane="dark")
    asked = desk_of(mia, proven=3_600.0).post(f"{address}read/", {"version": held.version})
    assert (asked.status_code, Reading.objects.exists()) == (302, False)  # the second factor, first
    page = desk.post(f"{address}read/", {"version": held.version}).content.decode()
    assert ("bad words" in page, "worse words" in page) == (True, False)  # the appeal is about one of them
    assert Reading.objects.get().because == f"appeal {appeal.pk}"
    assert case.events.filter(kind="read", actor=mia).count() == 1


def test_a_note_stays_with_the_case_and_a_colleague_takes_over(alice, dave, mia) -> None:
    case, noor = reported(alice, dave, "They are vermin."), make_account("noor", role="moderator")
    held = claims.claim(case.pk, by=mia, now=datetime.now(UTC))
    address, desk = f"/admin/cases/{case.pk}/", desk_of(mia)

    assert desk.post(f"{address}note/", {"text": "Seen this one before."}).status_code == 302
    form = {"version": held.version, "to": "@Noor", "reason": "she reads Arabic"}
    for to, sentence in (("nobody", "there is no moderator @nobody"), ("mia", "handed to somebody else")):
        refused = desk.post(f"{address}hand_over/", {**form, "to": to})
        assert (refused.status_code, sentence in refused.content.decode()) == (422, True), to
    assert desk.post(f"{address}hand_over/", {**form, "reason": "x"}).status_code == 422
    assert desk.post(f"{address}hand_over/", form).status_code == 302

    case.refresh_from_db()
    assert case.claimed_by_id == noor.id
    page = desk_of(noor).get(address).content.decode()
    assert "Seen this one before." in page
    assert "she reads Arabic" in page
    assert 'data-mine="yes"' in page
