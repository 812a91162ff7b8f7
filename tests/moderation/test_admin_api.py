"""Mastodon's admin API, as moderators' apps call it: every restriction with reasons, staff alone."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
import requests
from django.test import Client
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError
from requests.adapters import BaseAdapter

from moderation.models import Case, Decision, Report, Statement
from tests.desks import desk_of, reported, with_second_factor
from tests.people import client_of, make_account, token_of
from tests.restricting import REASONS, moderator
from upscrolled.models import Account, Restriction
from upscrolled.operations.access import register_application
from upscrolled.operations.relationships import follow

pytestmark = pytest.mark.django_db
SCOPES = "admin:read admin:write"
TEXT = f"{REASONS.facts}\n\n{REASONS.explanation}"


@pytest.fixture
def mia() -> Account:
    return with_second_factor(moderator())


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
    for query, names in (
        ({"status": "active", "username": "al"}, {"alice"}),
        ({"status": "disabled"}, set()),
        ({"permissions": "staff"}, {"mia"}),
        ({"role_ids[]": "2"}, {"mia"}),
        ({"role_ids[]": "1"}, set()),
        ({"display_name": "bo"}, {"bob"}),
        ({"email": "ALICE@example.org"}, {"alice"}),
        ({"invited_by": str(bob.id)}, set()),
        ({"origin": "local"}, {"alice", "bob", "mia"}),
        ({"origin": "remote"}, set()),
        ({"ip": "192.0.2.1"}, set()),
    ):
        found = app.get("/api/v2/admin/accounts", query).json()
        assert {one["username"] for one in found} == names, query
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


def test_a_moderator_without_a_second_factor_is_refused(report) -> None:
    noor = client_of(moderator("noor"), scopes=SCOPES)
    for path in ("accounts", f"reports/{report.pk}"):
        answer = noor.get(f"/api/v1/admin/{path}")
        assert (answer.status_code, "second factor" in answer.json()["error"]) == (403, True), path
    assert noor.post(f"/api/v1/admin/reports/{report.pk}/resolve").status_code == 403


def test_a_token_that_may_moderate_is_given_by_a_session_with_a_second_factor(mia, alice) -> None:
    made = register_application(
        name="Toolbox", redirect_uris=["https://toolbox.example/"], scopes="read admin:write"
    )
    asked = {"response_type": "code", "client_id": made.application.client_id}
    for account, proven, scope, answer in (
        (mia, None, "admin:write", "/accounts/2fa/reauthenticate/"),
        (mia, 3_600, "admin:write", ""),
        (mia, None, "read", ""),
        (alice, None, "read admin:write:reports", "/accounts/2fa/totp/activate/"),
    ):
        query = {**asked, "redirect_uri": "https://toolbox.example/", "scope": scope}
        shown = desk_of(account, proven=proven).get("/oauth/authorize", query)
        assert shown.get("Location", "").split("?")[0] == answer, (account, proven, scope)
        if not answer:
            assert shown.status_code == 200, (account, scope)


def test_the_dark_lane_is_looked_at_in_the_panel_alone(app, alice, dave) -> None:
    case = reported(alice, dave, "something terrible", "terror")
    path = f"/api/v1/admin/reports/{Report.objects.get().pk}"
    for step in ("assign_to_self", "resolve", "unassign"):
        answer = app.post(f"{path}/{step}")
        assert (answer.status_code, "in the panel" in answer.json()["error"]) == (403, True), step
    case.refresh_from_db()
    assert (case.state, case.version) == ("open", 0)


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
    noor = client_of(with_second_factor(moderator("noor")), scopes=SCOPES)
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


def test_nobody_acts_on_themselves_or_on_whom_they_have_to_do_with(app, mia, alice) -> None:
    body = {"type": "suspend", "text": TEXT, "upscrolled": {"policy": "hate"}}
    follow(alice, by=mia, now=datetime.now(UTC))
    for account in (mia, alice):
        assert app.post(f"/api/v1/admin/accounts/{account.id}/action", body).status_code == 403
        assert app.post(f"/api/v1/admin/accounts/{account.id}/unsuspend").status_code == 403
    assert not Decision.objects.exists()


def test_nobody_deletes_somebody_else(app, alice) -> None:
    answer = app.delete(f"/api/v1/admin/accounts/{alice.id}")
    assert (answer.status_code, "suspend it" in answer.json()["error"]) == (403, True)
    assert Account.objects.filter(pk=alice.pk).exists()


def test_a_report_is_sorted_and_listed_with_all_others(app, report) -> None:
    path = f"/api/v1/admin/reports/{report.pk}"
    assert app.put(path, {"category": "spam", "rule_ids": ["1"]}).json()["category"] == "spam"
    assert app.put(path, {"category": "boredom"}).status_code == 422
    report.refresh_from_db()
    assert (report.category, report.rule_ids) == ("spam", ["1"])
    for query, count in (
        ({"unresolved": "1"}, 1),
        ({"resolved": "1"}, 0),
        ({"resolved": "1", "unresolved": "1"}, 1),
    ):
        assert len(app.get("/api/v1/admin/reports", query).json()) == count, query


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


def test_domains_are_refused_by_administrators_and_nothing_by_address_or_out_of_trends(app) -> None:
    address = "/api/v1/admin/email_domain_blocks"
    chief = client_of(with_second_factor(make_account("chief", role="admin")), scopes=SCOPES)

    assert app.post(address, {"domain": "throwaway.example"}).status_code == 403
    made = chief.post(address, {"domain": "Throwaway.example"}).json()
    assert [each["domain"] for each in app.get(address).json()] == ["throwaway.example"]
    assert app.get(f"{address}/{made['id']}").json() == made
    assert chief.delete(f"{address}/{made['id']}").json() == {}
    assert chief.get(f"{address}/{made['id']}").status_code == 404
    for kind in ("links", "statuses", "tags"):
        assert app.get(f"/api/v1/admin/trends/{kind}").json() == []
        refused = app.post(f"/api/v1/admin/trends/{kind}/1/reject")
        assert (refused.status_code, refused.json()["error"][:30]) == (403, "Trends follow a public formula")
    assert app.get("/api/v1/admin/ip_blocks").json() == []
    assert app.post("/api/v1/admin/ip_blocks", {"ip": "192.0.2.1"}).status_code == 403
    assert app.get("/api/v1/admin/canonical_email_blocks/1").status_code == 404
    assert app.post("/api/v1/admin/measures", {"keys": ["new_users"]}).json() == []


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


class Wire(BaseAdapter):
    """What a library sends arrives without a network."""

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        """Hand a request to the site, and its answer back."""
        body = request.body or b""
        answer = Client().generic(
            request.method or "",
            request.path_url,
            body.encode() if isinstance(body, str) else body,
            content_type=request.headers.get("Content-Type", ""),
            headers={"Authorization": request.headers["Authorization"]},
        )
        response = requests.Response()
        response.status_code, response.raw, response.request = (
            answer.status_code,
            BytesIO(answer.content),
            request,
        )
        response.headers.update(answer.headers)
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.django_db(transaction=True)
def test_a_library_of_moderators_finds_what_it_expects(mia, alice, dave) -> None:
    reported(alice, dave, "They are vermin, all of them.")
    session = requests.Session()
    session.mount("https://", Wire())
    tool = Mastodon(
        access_token=token_of(mia, scopes=SCOPES),
        api_base_url="https://upscrolled.example",
        version_check_mode="none",
        session=session,
    )
    (found,) = tool.admin_accounts_v2(username="alice", status="active", origin="local")
    assert (found.account.acct, found.role.id, found.suspended) == ("alice", "-99", False)
    assert [one.username for one in tool.admin_accounts_v2(permissions="staff")] == ["mia"]
    assert tool.admin_account(found.id).email == "alice@example.org"

    (filed,) = tool.admin_reports()
    assert (filed.target_account.username, filed.statuses[0].account.acct) == ("alice", "alice")
    assert tool.admin_report_assign(filed).assigned_account.username == "mia"
    assert tool.admin_report_unassign(filed).assigned_account is None
    assert tool.admin_report_resolve(filed).action_taken
    assert not tool.admin_report_reopen(filed).action_taken
    with pytest.raises(MastodonAPIError, match="facts has 0 characters"):
        tool.admin_account_moderate(found, action="silence", report_id=filed)

    tool.admin_account_moderate(found, action="silence", report_id=filed, text=TEXT)
    assert tool.admin_account(found).silenced
    assert tool.admin_reports() == []
    assert [one.id for one in tool.admin_reports(resolved=True)] == [filed.id]
    assert not tool.admin_account_unsilence(found).silenced
    with pytest.raises(MastodonAPIError, match="suspend it"):
        tool.admin_account_delete(found)
