"""Both sides of an appeal: whoever reported hears when it succeeds, and nobody with a hand in it decides the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from moderation import queue, tasks
from moderation.models import AppealEvent, Case, Report
from moderation.operations import appeals, cases, claims
from moderation.operations.appeals import SamePerson
from moderation.operations.decide import Wish
from moderation.operations.interest import ConflictOfInterest
from moderation.operations.report import Complaint, file_report
from moderation.subjects import Subject
from tests.desks import desk_of
from tests.people import client_of, publish
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import Invalid
from upscrolled.models import Account
from upscrolled.operations.relationships import follow

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
WHY = "It was read again, in the thread that it answers."


@pytest.fixture
def reported(alice: Account, bob: Account) -> Report:
    post = publish(alice, "hello", now=NOW - timedelta(minutes=5))
    return file_report(reporter=bob, complaint=Complaint(alice.id, [post], reason="hate"), now=NOW)


def close(report: Report, *, action: str = "", by: Account) -> int:
    """Decide the last case of a report, or dismiss it; the statement, if any."""
    report.refresh_from_db()
    case = Case.objects.get(pk=report.cases[-1])
    held = claims.claim(case.pk, by=by, now=NOW)
    statement = 0
    if action:
        wish = Wish(Subject("post", case.subject_id), action, "hate", REASONS)
        statement = cases.decide_case(held, wish, by=by, now=NOW).statement_id
    else:
        cases.dismiss(held, by=by, reason="a song", now=NOW)
    tasks.tell_reporters()
    return statement


def heard(reporter: Account) -> Any:
    (mine,) = client_of(reporter).get("/api/v1/upscrolled/reports").json()
    return mine["outcome"]


def test_whoever_reported_is_told_when_the_decision_does_not_stand(alice, bob, reported) -> None:
    mia, noor, omar = moderator(), moderator("noor"), moderator("omar")
    statement = close(reported, action="removed", by=mia)
    assert heard(bob) == "upheld"
    filed = appeals.appeal_decision(statement, by=alice, text="I quoted them.", now=NOW)
    appeals.overturn(appeals.claim_appeal(filed.pk, by=noor, now=NOW), by=noor, answer=WHY, now=NOW)
    assert Report.objects.get().outcome_told_at is None
    tasks.tell_reporters()

    assert heard(bob) == "refused"
    again = appeals.appeal_refusal(reported.pk, by=bob, text="It was no quotation.", now=NOW)
    for hand in (mia, noor):
        with pytest.raises(SamePerson):
            appeals.claim_appeal(again.pk, by=hand, now=NOW)
    assert appeals.claim_appeal(again.pk, by=omar, now=NOW).appeal_id == again.pk


def test_a_report_that_is_looked_at_again_has_an_outcome_again(alice, bob, reported) -> None:
    mia, noor, fan = moderator(), moderator("noor"), moderator("fan")
    follow(alice, by=fan, now=NOW)
    close(reported, by=mia)
    assert heard(bob) == "refused"
    filed = appeals.appeal_refusal(reported.pk, by=bob, text="Read the second line.", now=NOW)
    with pytest.raises(ConflictOfInterest):
        appeals.claim_appeal(filed.pk, by=fan, now=NOW)
    appeals.overturn(appeals.claim_appeal(filed.pk, by=noor, now=NOW), by=noor, answer=WHY, now=NOW)
    tasks.tell_reporters()
    assert heard(bob) == "received"

    statement = close(reported, action="removed", by=mia)

    assert heard(bob) == "upheld"
    assert client_of(alice).get(f"/api/v1/upscrolled/statements/{statement}").json()["source"] == "appeal"


def test_each_step_of_an_appeal_is_an_event_with_actor_and_reason(alice, bob, reported) -> None:
    mia, noor, omar = moderator(), moderator("noor"), moderator("omar")
    statement = close(reported, action="removed", by=mia)
    filed = appeals.appeal_decision(statement, by=alice, text="It is a song.", now=NOW)
    held = appeals.claim_appeal(filed.pk, by=noor, now=NOW)
    with pytest.raises(Invalid, match="Reason has 0 characters"):
        appeals.release_appeal(held, by=noor, reason=" ", now=NOW)
    appeals.release_appeal(held, by=noor, reason="I know the band", now=NOW)
    with pytest.raises(appeals.LostClaim):
        appeals.release_appeal(held, by=noor, reason="I know the band", now=NOW)
    appeals.claim_appeal(filed.pk, by=noor, now=NOW)
    assert queue.free_appeals(now=NOW + timedelta(minutes=9)) == 0
    assert [queue.free_appeals(now=NOW + timedelta(minutes=10)) for _ in range(2)] == [1, 0]
    later = NOW + timedelta(minutes=30)
    appeals.claim_appeal(filed.pk, by=noor, now=NOW)
    held = appeals.claim_appeal(filed.pk, by=omar, now=later)  # before the clock came round
    appeals.uphold(held, by=omar, answer=WHY, now=later)

    steps = AppealEvent.objects.filter(appeal=filed).order_by("id").values_list("kind", "actor", "reason")
    assert list(steps) == [
        ("filed", alice.pk, ""),
        ("claimed", noor.pk, ""),
        ("skipped", noor.pk, "I know the band"),
        ("claimed", noor.pk, ""),
        ("lease ended", None, "@noor"),
        ("claimed", noor.pk, ""),
        ("lease ended", None, "@noor"),
        ("claimed", omar.pk, ""),
        ("upheld", omar.pk, WHY),
    ]
    for rewritten in ("UPDATE moderation_appealevent SET reason = ''", "DELETE FROM moderation_appealevent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(rewritten)
    page = desk_of(mia).get(f"/admin/appeals/{filed.pk}/").content.decode()
    assert page.count("claim ran out") == 2
    assert "I know the band" in page

    second = file_report(
        reporter=bob, complaint=Complaint(alice.id, [publish(alice, "other")], reason="spam"), now=NOW
    )
    again = appeals.appeal_decision(close(second, action="removed", by=mia), by=alice, text="No.", now=NOW)
    desk, path = desk_of(noor), f"/admin/appeals/{again.pk}/"
    desk.post(f"{path}claim/")
    assert desk.post(f"{path}release/", {"version": "1", "reason": ""}).status_code == 422
    assert desk.post(f"{path}release/", {"version": "1", "reason": "a break"})["Location"] == path
    again.refresh_from_db()
    assert (again.state, again.claimed_by_id) == ("filed", None)
