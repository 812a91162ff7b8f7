"""Somebody from outside, to whom one case was granted: what they see and do there, and that it is nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import Error, connection, transaction
from django.urls import reverse

from moderation.models import Case, CaseEvent, Decision, ReviewGrant, ReviewGrantEnd
from moderation.operations import appeals, cases, claims, outside, staff, together
from moderation.operations.decide import Wish, decide
from moderation.operations.interest import ConflictOfInterest
from moderation.panel.urls import urlpatterns
from moderation.subjects import Subject
from tests.desks import desk_of, reported
from tests.people import client_of, make_account
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import Conflict, Invalid, NotAllowed
from upscrolled.models import Account, Restriction, StaffRole, StaffRoleEnd
from upscrolled.operations.relationships import follow

pytestmark = pytest.mark.django_db
REASONING = {"facts": REASONS.facts, "explanation": REASONS.explanation}
ANSWER = "The post quotes the insult in order to condemn it, which is allowed."
WHY = "nobody else can decide it"
OPEN = {"case", "claim", "heartbeat", "preview", "uncover", "decide", "release", "note"}  # of the case
OPEN_APPEAL = {"appeal", "claim_appeal", "release_appeal", "answer"}


@pytest.fixture
def case(alice, dave) -> Case:
    return reported(alice, dave, "They are vermin, all of them.")


@pytest.fixture
def ruth() -> Account:
    return make_account("ruth")


def granted(
    case: Case, to: Account, by: Account, *, now: datetime | None = None, days: int = 7
) -> ReviewGrant:
    return outside.grant(case.pk, to=to, days=days, because=WHY, by=by, now=now or datetime.now(UTC))


def history(case: Case, who: Account) -> list[str]:
    return list(CaseEvent.objects.filter(case=case, actor=who).order_by("id").values_list("kind", flat=True))


def test_a_moderator_grants_one_case_and_takes_it_back(case, desk, mia, ruth) -> None:
    path = f"/admin/cases/{case.pk}/"
    form = {"to": "@Ruth", "days": "7", "because": WHY}
    assert desk_of(ruth).get(path).status_code == 403
    for bad in (
        {"to": "nobody"},
        {"to": "mia"},
        {"days": "31"},
        {"days": "0"},
        {"days": "x"},
        {"because": "x"},
    ):
        assert desk.post(f"{path}grant/", {**form, **bad}).status_code == 422, bad
    assert desk.post(f"{path}grant/", form)["Location"] == path
    assert desk.post(f"{path}grant/", form).status_code == 409
    page = desk.get(path).content.decode()
    made = ReviewGrant.objects.get()
    assert made.until - made.created_at == timedelta(days=7)
    assert f"to @ruth until {made.until:%Y-%m-%d %H:%M} UTC" in page
    assert desk_of(ruth).get(path).status_code == 200
    assert desk_of(ruth, proven=None).get(path).status_code == 302  # asks for a second factor

    desk_of(ruth).post(f"{path}claim/")
    ending = f"/admin/cases/grants/{made.pk}/end/"
    assert desk.post(ending, {"because": ""}).status_code == 422
    assert desk.post(ending, {"because": "it is decided by now"})["Location"] == path
    assert desk.post(ending, {"because": "it is decided by now"}).status_code == 409
    assert desk_of(ruth).get(path).status_code == 403
    case.refresh_from_db()
    assert (case.state, case.claimed_by_id) == ("open", None)
    assert history(case, mia) == ["granted", "grant ended"]


def test_the_case_is_decided_by_its_guest_and_everything_stands_in_its_history(case, mia, ruth) -> None:
    granted(case, ruth, mia)
    guest, path = desk_of(ruth), f"/admin/cases/{case.pk}/"
    page = guest.get(path).content.decode()
    assert "They are vermin" in page
    for closed in ("queue", "together", "people", "log", "orders", "rules"):
        assert f'href="/admin/{closed}/' not in page, closed
    for form in ("grant/", "hand_over/", "queue/next/"):
        assert form not in page, form
    guest.post(f"{path}note/", {"text": "Seen in its context."})
    assert guest.post(f"{path}claim/")["Location"] == path
    form = {"action": "post:removed", "policy": "hate", "version": "1", **REASONING}
    assert guest.post(f"{path}preview/", form).status_code == 200
    assert guest.post(f"{path}decide/", form)["Location"] == path

    decision = Decision.objects.get()
    assert (decision.decided_by_id, decision.case_id) == (ruth.pk, case.pk)
    assert Restriction.objects.get().kind == "removed"
    assert guest.get(path).status_code == 200
    assert history(case, ruth) == ["looked at", "note", "claimed", "decided", "looked at"]
    shown = desk_of(mia).get(path).content.decode()
    assert "looked at it" in shown
    assert guest.post(f"{path}undo/").status_code == 403


def test_every_other_screen_and_every_other_case_stays_closed(case, alice, dave, mia, ruth) -> None:
    other = reported(make_account("eve"), dave, "Something else altogether.", "spam")
    made = decide(
        Wish(Subject("post", other.subject_id), "sensitive", "hate", REASONS),
        by=mia,
        now=datetime.now(UTC),
        case_id=other.pk,
    )
    appeal = appeals.appeal_decision(
        made.statement_id, by=Account.objects.get(username="eve"), text="No.", now=datetime.now(UTC)
    )
    grant = granted(case, ruth, mia)
    numbers = {
        "case_id": case.pk,
        "appeal_id": appeal.pk,
        "grant_id": grant.pk,
        "decision_id": made.decision_id,
        "account_id": alice.pk,
        "step_id": 1,
        "role_id": 1,
        "bulk": "00000000-0000-0000-0000-000000000000",
    }
    guest = desk_of(ruth)
    for pattern in urlpatterns:
        named = {name: numbers[name] for name in pattern.pattern.converters}
        tried = [named] if pattern.name not in OPEN else [{"case_id": other.pk}, {"case_id": 1}]
        for arguments in tried:
            address = reverse(f"panel:{pattern.name}", kwargs=arguments)
            answers = {guest.get(address).status_code, guest.post(address).status_code}
            assert answers <= {403, 405}, (address, answers)
            assert 403 in answers, address
    assert guest.get("/admin/records/").status_code in (302, 403)
    assert client_of(ruth, scopes="read admin:read").get("/api/v1/admin/reports").status_code == 403
    assert claims_nothing(ruth, other)
    other.refresh_from_db()
    assert (other.state, history(other, ruth)) == ("open", [])


def claims_nothing(who: Account, case: Case) -> bool:
    now = datetime.now(UTC)
    for verb in (
        lambda: claims.next_case(by=who, now=now),
        lambda: claims.claim(case.pk, by=who, now=now),
        lambda: decide(Wish(Subject("post", case.subject_id), "removed", "hate", REASONS), by=who, now=now),
    ):
        with pytest.raises(NotAllowed):
            verb()
    return True


def test_an_appeal_against_the_only_moderator_is_decided_by_somebody_from_outside(
    case, alice, mia, ruth
) -> None:
    now = datetime.now(UTC)
    held = claims.claim(case.pk, by=mia, now=now)
    made = cases.decide_case(
        held, Wish(Subject("post", case.subject_id), "removed", "hate", REASONS), by=mia, now=now
    )
    appeal = appeals.appeal_decision(made.statement_id, by=alice, text="It is a quotation.", now=now)
    path = f"/admin/appeals/{appeal.pk}/"
    assert desk_of(ruth).get(path).status_code == 403
    granted(case, ruth, mia)
    guest = desk_of(ruth)
    assert path in guest.get(f"/admin/cases/{case.pk}/").content.decode()
    assert "It is a quotation." in guest.get(path).content.decode()
    guest.post(f"{path}claim/")
    form = {"version": "1", "outcome": "overturn", "answer": ANSWER}
    assert guest.post(f"{path}answer/", form)["Location"] == path

    appeal.refresh_from_db()
    assert (appeal.state, appeal.decided_by_id) == ("overturned", ruth.pk)
    assert Restriction.objects.get().ends_at is not None
    assert history(case, ruth) == ["looked at", "looked at", "appeal claimed", "appeal answered"]


@pytest.mark.parametrize("way", ["an app", "together"])
def test_what_nobody_reported_has_a_case_to_grant_too(alice, mia, ruth, way: str) -> None:
    now, about = datetime.now(UTC), Subject("account", alice.pk)
    if way == "an app":
        staff.act(
            staff.Asked(alice.pk, "silence", "hate", REASONS.facts, REASONS.explanation), by=mia, now=now
        )
    else:
        together.decide(Wish(about, "account_limited", "hate", REASONS), [about], by=mia, now=now)
    made = Decision.objects.get()
    appeal = appeals.appeal_decision(made.statement_id, by=alice, text="It is a quotation.", now=now)
    with pytest.raises(NotAllowed):
        appeals.claim_appeal(appeal.pk, by=ruth, now=now)

    granted(Case.objects.get(), ruth, mia, now=now)
    held = appeals.claim_appeal(appeal.pk, by=ruth, now=now)
    appeals.overturn(held, by=ruth, answer=ANSWER, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL itself asks for the grant
    assert Restriction.objects.get().ends_at is not None
    assert Case.objects.get().decisions.count() == 2


def test_a_grant_ends_with_its_time(case, mia, ruth) -> None:
    now = datetime.now(UTC)
    granted(case, ruth, mia, days=2)
    held = claims.claim(case.pk, by=ruth, now=now + timedelta(days=2, minutes=-5))
    over = now + timedelta(days=2, seconds=1)
    for verb in (
        lambda: claims.heartbeat(held, by=ruth, now=over),
        lambda: cases.dismiss(held, by=ruth, reason="a quotation", now=over),
        lambda: outside.look(case.pk, by=ruth, now=over),
    ):
        with pytest.raises(NotAllowed):
            verb()
    old = reported(make_account("eve"), make_account("frank"), "Quite another thing.", "spam")
    over_by_now = granted(old, ruth, mia, now=now - timedelta(days=3), days=2)
    with pytest.raises(Conflict):
        outside.take_back(over_by_now.pk, because="it is decided", by=mia, now=now)
    assert desk_of(ruth).get(f"/admin/cases/{old.pk}/").status_code == 403
    granted(old, ruth, mia)  # and again
    assert desk_of(ruth).get(f"/admin/cases/{old.pk}/").status_code == 200


def test_who_has_to_do_with_it_is_granted_nothing(case, alice, dave, mia, ruth) -> None:
    for somebody in (alice, dave):  # whose post it is, and who reported it
        with pytest.raises(ConflictOfInterest):
            granted(case, somebody, mia)
    granted(case, ruth, mia)
    follow(alice, by=ruth, now=datetime.now(UTC))
    assert desk_of(ruth).get(f"/admin/cases/{case.pk}/").status_code == 403
    with pytest.raises(NotAllowed):
        claims.claim(case.pk, by=ruth, now=datetime.now(UTC))
    mine = reported(mia, dave, "A moderator said something bad.")
    with pytest.raises(ConflictOfInterest):
        granted(mine, ruth, mia)
    granted(mine, ruth, moderator("noor"))


def test_the_lane_of_abuse_and_terror_is_granted_to_nobody(case, mia, ruth, dave) -> None:
    dark = reported(make_account("eve"), dave, "something terrible", "terror")
    with pytest.raises(Invalid):
        granted(dark, ruth, mia)
    granted(case, ruth, mia)
    Case.objects.filter(pk=case.pk).update(lane="dark")
    assert desk_of(ruth).get(f"/admin/cases/{case.pk}/").status_code == 403


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moderation_reviewgrant SET until = until + interval '1 day'",
        "DELETE FROM moderation_reviewgrant",
        "UPDATE moderation_reviewgrantend SET because = 'nothing of it'",
        "DELETE FROM moderation_reviewgrantend",
        "INSERT INTO moderation_reviewgrant (case_id, to_id, by_id, because, created_at, until)"
        " SELECT case_id, by_id, to_id, because, now(), now() + interval '1 day' FROM moderation_reviewgrant",
        "INSERT INTO moderation_reviewgrant (case_id, to_id, by_id, because, created_at, until)"
        " SELECT case_id, to_id, by_id, because, now(), now() + interval '31 days' FROM moderation_reviewgrant",
        "INSERT INTO moderation_reviewgrant (case_id, to_id, by_id, because, created_at, until)"
        " SELECT case_id, to_id, by_id, '', now(), now() + interval '1 day' FROM moderation_reviewgrant",
    ],
)
def test_the_database_refuses_what_is_no_grant(case, mia, ruth, statement) -> None:
    made = granted(case, ruth, mia)
    outside.take_back(made.pk, because="it is decided", by=mia, now=datetime.now(UTC))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert (ReviewGrant.objects.count(), ReviewGrantEnd.objects.count()) == (1, 1)


def test_the_database_itself_asks_whether_the_case_is_granted(case, alice, mia, ruth) -> None:
    other = reported(make_account("eve"), make_account("frank"), "Something else altogether.", "spam")
    granted(case, ruth, mia)

    def may(number: int | None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT moderation_may_decide(%s, %s)", [ruth.pk, number])
            return bool(cursor.fetchone()[0])

    assert [may(case.pk), may(other.pk), may(None)] == [True, False, False]
    for role in StaffRole.objects.filter(account=mia):
        at = datetime.now(UTC)
        StaffRoleEnd.objects.create(staff_role=role, at=at, because="left the team", written_at=at)
    with pytest.raises(Error) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO moderation_reviewgrantend (grant_id, by_id, because, at)"
            " SELECT id, by_id, 'for no reason', now() FROM moderation_reviewgrant"
        )
    assert isinstance(refused.value.__cause__, psycopg.errors.CheckViolation)
