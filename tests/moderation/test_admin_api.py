"""Mastodon's admin API, as moderators' apps call it: every restriction with reasons, staff alone."""

from __future__ import annotations

import pytest

from moderation.models import Case, Decision, Report, Statement
from tests.desks import reported
from tests.people import client_of, make_account
from tests.restricting import REASONS, moderator
from upscrolled.models import Account, Restriction

pytestmark = pytest.mark.django_db
SCOPES = "admin:read admin:write"
TEXT = f"{REASONS.facts}\n\n{REASONS.explanation}"


@pytest.fixture
def mia() -> Account:
    return moderator()


@pytest.fixture
def app(mia):
    return client_of(mia, scopes=SCOPES)


@pytest.fixture
def report(alice, dave) -> Report:
    reported(alice, dave, "They are vermin, all of them.")
    return Report.objects.get()


def test_accounts_are_listed_found_and_shown(app, alice, bob, mia) -> None:
    listed = app.get("/api/v1/admin/accounts").json()
    assert {one["username"] for one in listed} == {"alice", "bob", "mia"}
    assert [one["username"] for one in app.get("/api/v1/admin/accounts", {"username": "AL"}).json()] == [
        "alice"
    ]
    assert [one["username"] for one in app.get("/api/v1/admin/accounts", {"staff": "true"}).json()] == ["mia"]
    assert app.get("/api/v1/admin/accounts", {"suspended": "true"}).json() == []
    first = app.get("/api/v1/admin/accounts", {"limit": 1})
    assert 'rel="next"' in first["Link"]
    shown = app.get(f"/api/v1/admin/accounts/{alice.id}").json()
    assert (shown["email"], shown["suspended"], shown["role"]["id"], shown["ips"]) == (
        "alice@example.org",
        False,
        "-99",
        [],
    )
    assert app.get("/api/v1/admin/accounts/12345").status_code == 404


def test_who_is_no_staff_is_refused_whatever_the_token(alice, mia, report) -> None:
    for account, scopes in ((alice, SCOPES), (mia, "read write"), (mia, "admin:write")):
        for path in ("accounts", f"accounts/{alice.id}", "reports", f"reports/{report.pk}"):
            assert client_of(account, scopes=scopes).get(f"/api/v1/admin/{path}").status_code == 403, path
    for account, scopes in ((alice, SCOPES), (mia, "admin:read")):
        for path in (f"accounts/{alice.id}/action", f"reports/{report.pk}/resolve"):
            assert client_of(account, scopes=scopes).post(f"/api/v1/admin/{path}").status_code == 403, path
    assert Case.objects.get().state == "open"


@pytest.mark.django_db(transaction=True)  # a restriction is in force from the moment at which it is made
def test_suspending_needs_reasons_and_is_taken_back(app, alice) -> None:
    path = f"/api/v1/admin/accounts/{alice.id}"
    for body, sentence in (
        ({"type": "suspend"}, "policy"),
        ({"type": "suspend", "upscrolled": {"policy": "hate"}}, "facts has 0 characters"),
        ({"type": "suspend", "text": REASONS.facts, "upscrolled": {"policy": "hate"}}, "explanation has 0"),
        ({"type": "disable", "text": TEXT, "upscrolled": {"policy": "hate"}}, "not done here"),
        ({"type": "sensitive", "text": TEXT, "upscrolled": {"policy": "hate"}}, "Report can't be blank"),
    ):
        answer = app.post(f"{path}/action", body)
        assert (answer.status_code, sentence in answer.json()["error"]) == (422, True), body
    assert not Restriction.objects.exists()

    body = {"type": "suspend", "text": TEXT, "upscrolled": {"policy": "hate"}}
    assert app.post(f"{path}/action", body).status_code == 200
    statement = Statement.objects.get()
    assert (statement.account_id, statement.measure, statement.source) == (
        alice.id,
        "account_suspended",
        "own_initiative",
    )
    assert app.get(path).json()["suspended"] is True
    assert [one["id"] for one in app.get("/api/v1/admin/accounts", {"suspended": "1"}).json()] == [
        str(alice.id)
    ]
    assert app.post(f"{path}/unsilence").status_code == 409
    assert app.post(f"{path}/unsuspend").json()["suspended"] is False
    assert app.post(f"{path}/unsuspend").status_code == 409
    for step in ("enable", "unsensitive"):
        assert app.post(f"{path}/{step}").status_code == 200


def test_a_report_is_assigned_answered_and_closed_with_its_case(app, alice, dave, report) -> None:
    noor = client_of(moderator("noor"), scopes=SCOPES)
    (listed,) = app.get("/api/v1/admin/reports").json()
    assert (listed["id"], listed["action_taken"], listed["assigned_account"]) == (str(report.pk), False, None)
    assert listed["account"]["username"] == "dave"
    assert listed["target_account"]["username"] == "alice"
    assert [post["id"] for post in listed["statuses"]] == [str(number) for number in report.post_ids]

    path = f"/api/v1/admin/reports/{report.pk}"
    assert app.post(f"{path}/assign_to_self").json()["assigned_account"]["username"] == "mia"
    assert noor.post(f"{path}/assign_to_self").status_code == 409
    assert noor.post(f"{path}/resolve").status_code == 409
    assert noor.post(f"{path}/unassign").json()["assigned_account"]["username"] == "mia"

    body = {"type": "sensitive", "text": TEXT, "report_id": str(report.pk)}
    assert app.post(f"/api/v1/admin/accounts/{dave.id}/action", body).status_code == 422
    assert app.post(f"/api/v1/admin/accounts/{alice.id}/action", body).status_code == 200
    decision = Decision.objects.get()
    assert (decision.action, decision.subject_id, decision.policy.key) == (
        "sensitive",
        report.post_ids[0],
        "hate",
    )
    assert app.get("/api/v1/admin/reports").json() == []
    (closed,) = app.get("/api/v1/admin/reports", {"resolved": "true"}).json()
    assert (closed["action_taken"], closed["action_taken_at"] is not None) == (True, True)
    assert app.post(f"{path}/resolve").status_code == 409


def test_resolving_says_that_it_keeps_to_the_rules_and_reopening_opens_a_new_case(app, report) -> None:
    path = f"/api/v1/admin/reports/{report.pk}"
    assert app.post(f"{path}/resolve").json()["action_taken"] is True
    report.refresh_from_db()
    assert report.outcome == "refused"
    assert not Decision.objects.exists()
    assert app.post(f"{path}/reopen").json()["action_taken"] is False
    assert app.post(f"{path}/reopen").status_code == 200
    assert [case.state for case in Case.objects.order_by("id")] == ["decided", "open"]
    assert len(app.get("/api/v1/admin/reports").json()) == 1
    assert app.post(f"{path}/resolve").json()["action_taken"] is True


def test_nobody_acts_on_themselves(app, mia) -> None:
    body = {"type": "suspend", "text": TEXT, "upscrolled": {"policy": "hate"}}
    assert app.post(f"/api/v1/admin/accounts/{mia.id}/action", body).status_code == 403


def test_who_waits_is_let_in_or_turned_away_with_a_reason(app) -> None:
    for name in ("wanda", "willem"):
        account = make_account(name, confirmed=False)
        Account.objects.filter(pk=account.pk).update(awaits_approval=True)
    pending = app.get("/api/v1/admin/accounts", {"pending": "true"}).json()
    willem, wanda = (f"/api/v1/admin/accounts/{one['id']}" for one in pending)
    assert app.post(f"{wanda}/approve").json()["approved"] is True
    assert app.post(f"{wanda}/approve").status_code == 403
    assert app.post(f"{willem}/reject").status_code == 403
    assert app.post(f"{willem}/reject", {"text": "We know nothing about you."}).json()["username"] == "willem"
    assert app.get(willem).status_code == 404


def test_a_list_costs_the_same_whatever_it_holds(app, alice, dave, report) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def costs() -> list[int]:
        counted = []
        for path in ("accounts", "reports"):
            with CaptureQueriesContext(connection) as captured:
                assert app.get(f"/api/v1/admin/{path}").status_code == 200
            counted.append(len(captured))
        return counted

    costs()
    few = costs()
    for number in range(4):
        reported(make_account(f"someone{number}"), dave, f"somebody, {number}")
    assert costs() == few
