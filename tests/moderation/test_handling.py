"""Notes, handing over, taking back, and a look at what nobody reported though much waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from moderation import casework, queue, tasks, triage
from moderation.models import Case, CaseEvent, Decision, Statement
from moderation.operations import cases, claims, handling
from moderation.operations.cases import Wish
from moderation.operations.claims import LostClaim
from moderation.operations.decide import decide
from moderation.operations.interest import ConflictOfInterest
from moderation.operations.report import Complaint, file_report
from moderation.subjects import Subject, load
from tests.people import client_of, make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Follow
from upscrolled.operations.relationships import follow

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def case(alice, dave) -> Case:
    post = publish(alice, "hello", now=NOW - timedelta(minutes=5))
    complaint = Complaint(target_id=alice.id, post_ids=[post], reason="hate")
    return Case.objects.get(pk=file_report(reporter=dave, complaint=complaint, now=NOW).cases[0])


def test_a_note_stays_with_the_case_and_is_for_who_may_look(case, alice, dave) -> None:
    mia, fan = moderator(), moderator("fan")
    follow(alice, by=fan, now=NOW)
    handling.add_note(case.pk, by=mia, text="The second line is a song.", now=NOW)
    for person, number, text, error in (
        (fan, case.pk, "I know her", ConflictOfInterest),
        (dave, case.pk, "I reported it", NotAllowed),
        (mia, 0, "about nothing", NotFound),
        (mia, case.pk, " ", Invalid),
        (mia, case.pk, "x" * 2_001, Invalid),
    ):
        with pytest.raises(error):
            handling.add_note(number, by=person, text=text, now=NOW)
    notes = CaseEvent.objects.filter(kind="note").values_list("actor_id", "reason")
    assert list(notes) == [(mia.id, "The second line is a song.")]


def test_a_case_is_handed_to_a_colleague_who_then_holds_it(case, alice, dave) -> None:
    mia, noor, fan = moderator(), moderator("noor"), moderator("fan")
    follow(alice, by=fan, now=NOW)
    held = claims.next_case(by=mia, now=NOW)
    assert held is not None
    for person, reason, error in (
        (fan, "she reads Arabic", ConflictOfInterest),
        (dave, "he reported it", NotAllowed),
        (mia, "to myself", Invalid),
        (noor, "", Invalid),
    ):
        with pytest.raises(error):
            claims.hand_over(held, to=person, by=mia, reason=reason, now=NOW)

    theirs = claims.hand_over(held, to=noor, by=mia, reason="she reads Arabic", now=NOW)

    with pytest.raises(LostClaim):
        cases.dismiss(held, by=mia, reason="fine", now=NOW)
    cases.dismiss(theirs, by=noor, reason="a song", now=NOW)
    events = CaseEvent.objects.order_by("id").values_list("kind", "reason")
    assert ("handed over", "to @noor: she reads Arabic") in list(events)


def test_what_was_decided_in_a_case_is_taken_back_and_looked_at_anew(case, dave) -> None:
    mia, post = moderator(), case.subject_id
    held = claims.next_case(by=mia, now=NOW)
    assert held is not None
    with pytest.raises(Conflict):
        handling.undo(case.pk, by=mia, reason="not yet", now=NOW)
    cases.decide_case(held, Wish(Subject("post", post), "removed", "hate", REASONS), by=mia, now=NOW)
    tasks.tell_reporters()

    anew = handling.undo(case.pk, by=mia, reason="the wrong key was pressed", now=NOW)

    assert client_of(dave).get(f"/api/v1/statuses/{post}").status_code == 200
    assert list(Decision.objects.order_by("id").values_list("action", flat=True)) == ["removed", "restore"]
    with pytest.raises(Conflict):
        handling.undo(case.pk, by=mia, reason="once more", now=NOW)
    again = claims.next_case(by=mia, now=NOW)
    assert again is not None
    assert again.case_id == anew.pk
    cases.dismiss(again, by=mia, reason="a song", now=NOW)
    tasks.tell_reporters()
    (mine,) = client_of(dave).get("/api/v1/upscrolled/reports").json()
    assert mine["outcome"] == "refused"


def test_that_it_was_found_to_keep_to_the_rules_is_taken_back_as_well(case, dave) -> None:
    mia = moderator()
    held = claims.next_case(by=mia, now=NOW)
    assert held is not None
    cases.dismiss(held, by=mia, reason="a song", now=NOW)
    tasks.tell_reporters()

    again = claims.claim(handling.undo(case.pk, by=mia, now=NOW).pk, by=mia, now=NOW)
    with pytest.raises(Conflict):
        handling.undo(case.pk, by=mia, now=NOW)
    wish = Wish(Subject("post", case.subject_id), "removed", "hate", REASONS)
    cases.decide_case(again, wish, by=mia, now=NOW)
    tasks.tell_reporters()

    (mine,) = client_of(dave).get("/api/v1/upscrolled/reports").json()
    assert mine["outcome"] == "upheld"
    kinds = CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["opened", "claimed", "dismissed", "undone"]
    assert Statement.objects.get().source == "report"


def test_what_a_program_found_is_said_to_be_found_by_one(alice) -> None:
    found, _ = casework.open_or_join(
        load(Subject("account", alice.id)), policy="spam", lane="ordinary", source="ring", now=NOW
    )
    held = claims.claim(found.pk, by=moderator(), now=NOW)
    cases.decide_case(
        held, Wish(Subject("account", alice.id), "warn", "spam", REASONS), by=moderator(), now=NOW
    )
    said = Statement.objects.get()
    assert (said.source, said.automated_detection, said.automated_decision) == ("own_initiative", True, False)


def test_who_followed_until_a_suspension_has_to_do_with_whom_it_is_about(case, alice) -> None:
    fan = moderator("fan")
    follow(alice, by=fan, now=NOW)
    wish = Wish(Subject("account", alice.id), "account_suspended", "spam", REASONS)
    made = decide(wish, by=moderator(), now=NOW)
    tasks.carry_out(decision_id=made.decision_id)
    assert not Follow.objects.filter(account=fan).exists()

    with pytest.raises(ConflictOfInterest):
        claims.claim(case.pk, by=fan, now=NOW)
    assert claims.next_case(by=fan, now=NOW) is None


def test_now_and_then_the_sample_comes_first_but_never_before_the_law(case, alice, dave, monkeypatch) -> None:
    unreported = publish(alice, "nobody reported this", now=NOW - timedelta(hours=1))
    assert queue.sample(wanted=50, now=NOW) == 1
    danger = publish(alice, "this is the last you hear of me", now=NOW - timedelta(minutes=1))
    urgent = Complaint(target_id=alice.id, post_ids=[danger], reason="self_harm")
    file_report(reporter=make_account("erin"), complaint=urgent, now=NOW)

    monkeypatch.setattr(triage, "sample_chance", lambda *_: 1.0)
    order = [claims.next_case(by=moderator(), now=NOW) for _ in range(3)]
    taken = [Case.objects.get(pk=held.case_id).subject_id for held in order if held]
    assert taken == [danger, unreported, case.subject_id]
    assert claims.next_case(by=moderator(), now=NOW) is None
