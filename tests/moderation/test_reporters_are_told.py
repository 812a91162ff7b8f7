"""Whoever reported is told what came of it, and again when that changes: whichever way it changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from moderation import tasks
from moderation.models import Case, Decision, Report
from moderation.operations import appeals, bulk, cases, claims, handling, staff, together
from moderation.operations.decide import Wish
from moderation.operations.interest import ConflictOfInterest
from moderation.operations.report import Complaint, file_report
from moderation.subjects import Subject
from tests.desks import desk_of, reported
from tests.people import client_of, publish
from tests.restricting import REASONS, moderator
from tests.waiting import until
from upscrolled.models import Account, OwedMail
from upscrolled.operations.relationships import follow

NOW = datetime.now(UTC)
BACK = {"facts": REASONS.facts, "explanation": "It was read again, and it quotes the insult."}


def heard(reporter: Account) -> str:
    tasks.tell_reporters()
    (mine,) = client_of(reporter).get("/api/v1/upscrolled/reports").json()
    outcome: str = mine["outcome"]
    return outcome


def suspend(case: Case, *, by: Account) -> None:
    wish = Wish(Subject("account", case.account_id or 0), "account_suspended", "hate", REASONS)
    cases.decide_case(claims.claim(case.pk, by=by, now=NOW), wish, by=by, now=NOW)


def remove_together(case: Case, *, by: Account) -> None:
    wish = Wish(Subject("post", case.subject_id), "removed", "hate", REASONS)
    assert together.decide(wish, [wish.subject], by=by, now=NOW).decided


def on_its_screen(by: Account) -> None:
    number = Decision.objects.get(reverses=None).pk
    assert desk_of(by).post(f"/admin/log/{number}/", BACK).status_code == 302


def as_a_batch(by: Account) -> None:
    number = Decision.objects.exclude(bulk=None).get().bulk
    assert number is not None
    assert bulk.undo(number, by=by, reason=BACK["explanation"], now=NOW).decided


def by_an_app(by: Account) -> None:
    staff.lift(Decision.objects.get(reverses=None).subject_id, "account_suspended", by=by, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("decided", "taken_back"),
    [(suspend, on_its_screen), (remove_together, as_a_batch), (suspend, by_an_app)],
)
def test_they_hear_that_it_was_refused_after_all_however_a_decision_is_taken_back(
    alice: Account, dave: Account, decided: Callable[..., None], taken_back: Callable[[Account], None]
) -> None:
    decided(reported(alice, dave, "They are vermin, all of them."), by=moderator())
    assert heard(dave) == "upheld"
    taken_back(moderator("noor"))
    assert heard(dave) == "refused"
    assert OwedMail.objects.filter(to=dave.email).count() == 2


@pytest.mark.django_db
def test_nobody_takes_back_what_is_about_somebody_they_have_to_do_with(alice: Account, dave: Account) -> None:
    fan, case = moderator("fan"), reported(alice, dave, "They are vermin, all of them.")
    remove_together(case, by=moderator())
    follow(alice, by=fan, now=NOW)
    number = Decision.objects.get()
    assert desk_of(fan).post(f"/admin/log/{number.pk}/", BACK).status_code == 403
    assert number.bulk is not None
    undone = bulk.undo(number.bulk, by=fan, reason=BACK["explanation"], now=NOW)
    assert list(undone.refused.values()) == [ConflictOfInterest.safe]
    assert Decision.objects.count() == 1


@pytest.mark.django_db
def test_a_moderator_who_reported_it_does_not_decide_the_appeal(alice: Account) -> None:
    noor, mia = moderator("noor"), moderator()
    remove_together(reported(alice, noor, "They are vermin, all of them."), by=mia)
    filed = appeals.appeal_decision(Decision.objects.get().statement_id, by=alice, text="No.", now=NOW)
    with pytest.raises(ConflictOfInterest):
        appeals.claim_appeal(filed.pk, by=noor, now=NOW)
    assert appeals.claim_appeal(filed.pk, by=moderator("omar"), now=NOW).appeal_id == filed.pk


@pytest.mark.django_db
def test_who_has_no_account_is_mailed_again_when_the_outcome_changes(alice: Account) -> None:
    form = {
        "addresses": f"{settings.PUBLIC_URL}/@alice/{publish(alice, 'They are vermin, all of them.')}",
        "explanation": "It calls a group of people vermin, by the name of their faith.",
        "reason": "hate",
        "name": "Nadia",
        "email": "nadia@example.net",
        "good_faith": "yes",
    }
    assert Client().post("/notice", form).status_code == 302
    mia, first = moderator(), Case.objects.get()
    remove_together(first, by=mia)
    tasks.tell_reporters()
    again = handling.undo(first.pk, by=mia, now=NOW)
    cases.dismiss(claims.claim(again.pk, by=mia, now=NOW), by=mia, reason="a quotation", now=NOW)
    for _ in range(2):
        tasks.tell_reporters()
    bodies = (
        OwedMail.objects.filter(to="nadia@example.net").order_by("id").values_list("facts__body", flat=True)
    )
    said = ["broke our rules" in body for body in bodies], ["keeps to our rules" in body for body in bodies]
    assert said == ([False, True, False], [False, False, True])


@pytest.mark.django_db(transaction=True)
def test_they_hear_of_it_when_two_moderators_close_its_last_cases_at_once(
    alice: Account, dave: Account
) -> None:
    posts = [publish(alice, text) for text in ("They are vermin, all of them.", "Buy cheap followers here.")]
    complaint = Complaint(target_id=alice.id, post_ids=posts, reason="hate")
    filed = file_report(reporter=dave, complaint=complaint, now=NOW)
    mia, noor = moderator(), moderator("noor")
    one, other = (
        (claims.claim(number, by=by, now=NOW), by)
        for number, by in zip(filed.cases, (mia, noor), strict=True)
    )

    def close(held: claims.Claim, by: Account) -> None:
        cases.dismiss(held, by=by, reason="a song", now=NOW)

    def closes_beside() -> None:
        try:
            close(*other)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            close(*one)
            beside = pool.submit(closes_beside)
            until(lambda: beside.done() or _somebody_waits())
        beside.result()
    assert Report.objects.get().outcome == "refused"
    assert heard(dave) == "refused"


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
