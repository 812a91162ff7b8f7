"""The operator turns switches; whoever uses the site meets what they mean, and the record says why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.browser import Browser
from tests.people import NOON, PASSWORD, make_account, publish
from tests.waiting import until
from upscrolled import switches
from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Switch, SwitchTurn
from upscrolled.operations.switches import turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def turned():
    """Turn a switch, and let two seconds pass."""

    def turn_and_wait(name, value):
        turn(name=name, value=value, because="a test says so", by=None, now=NOON)
        switches.read()

    return turn_and_wait


def test_a_switch_that_nobody_turned_stands_at_its_default(settings):
    assert switches.value("writes") == "on"
    assert switches.value("discover") == "live"

    settings.REGISTRATIONS = "closed"
    assert switches.value("registrations") == "closed"


def test_a_turn_is_kept_with_who_when_and_why(alice):
    turn(name="fan_out", value="active", because="the queue is an hour behind", by=alice, now=NOON)
    later = NOON + timedelta(hours=1)
    turn(name="fan_out", value="everybody", because="it has caught up", by=None, now=later)

    assert Switch.objects.get(name="fan_out").value == "everybody"
    assert list(
        SwitchTurn.objects.order_by("id").values_list("before", "after", "turned_by", "turned_at")
    ) == [
        ("everybody", "active", alice.id, NOON),
        ("active", "everybody", None, later),
    ]


@pytest.mark.parametrize(
    ("name", "value", "because", "said"),
    [
        ("telepathy", "on", "why not", "no switch 'telepathy'.*registrations"),
        ("writes", "perhaps", "why not", "no value 'perhaps'.*on, off"),
        ("writes", "off", "  ", "Say why"),
        ("writes", "off", "x" * 1_001, "1001 characters; at most 1000"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name_and_changes_nothing(name, value, because, said):
    with pytest.raises(Invalid, match=said):
        turn(name=name, value=value, because=because, by=None, now=NOON)

    assert not Switch.objects.exists()
    assert not SwitchTurn.objects.exists()


class TestReadOnly:
    def test_a_refusal_is_no_error_in_the_log(self, client_of, alice, turned, caplog):
        turned("writes", "off")
        refused = client_of(alice).post("/api/v1/statuses", {"status": "hello"})

        assert refused.status_code == 503
        assert [record for record in caplog.records if record.levelname == "ERROR"] == []

    def test_writes_are_answered_with_when_to_come_again(self, client_of, alice, turned):
        turned("writes", "off")

        for refused in (
            client_of(alice).post("/api/v1/statuses", {"status": "hello"}),
            client_of(alice).delete("/api/v1/statuses/1"),
            client_of().post("/api/v1/accounts", {}),
        ):
            assert refused.status_code == 503
            assert refused["Retry-After"] == "60"
            assert "read-only" in refused.json()["error"]

    @pytest.mark.parametrize(
        ("language", "said"),
        [("en", "Nothing can be changed"), ("ar", "لا يمكن تغيير"), ("fr", "Rien ne peut être modifié")],
    )
    def test_the_page_of_sign_ups_says_so_too(self, db, turned, language, said):
        browser = Browser(language).open("/accounts/signup/")
        turned("writes", "off")
        browser.send(username="erin", email="erin@example.org", password=PASSWORD, agreement="on")

        assert browser.page.status_code == 503
        assert said in browser.text
        assert not Account.objects.filter(username="erin").exists()

    def test_no_form_is_taken_but_those_of_signing_in_and_out(self, alice, turned):
        turned("writes", "off")
        staff = Client()
        staff.force_login(alice)
        for path in (
            "/notice",
            "/notice/1.x",
            "/disputes/strikes/1",
            "/door/x",
            "/accounts/password/reset/",
            "/accounts/password/change/",
            "/account/delete",
            "/mails/stop/x",
            "/admin/cases/1/decide/",
        ):
            refused = staff.post(path)
            assert (refused.status_code, refused["Retry-After"]) == (503, "60"), path
            assert staff.get(path).status_code != 503
        by_script = staff.post("/admin/cases/1/heartbeat/", headers={"accept": "application/json"})
        assert "read-only" in by_script.json()["error"]

        signed_in = Client().post("/accounts/login/", {"login": "alice", "password": PASSWORD})
        assert signed_in.status_code == 302
        assert staff.post("/accounts/2fa/reauthenticate/").status_code != 503
        assert staff.post("/i18n/setlang/", {"language": "fr"}).status_code == 302
        assert staff.post("/admin/crisis/end/").status_code != 503
        assert staff.post("/accounts/logout/").status_code == 302

    def test_reading_and_signing_in_go_on(self, client_of, alice, turned):
        turned("writes", "off")

        assert client_of(alice).get("/api/v1/timelines/home").status_code == 200
        app = {"client_name": "An app", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
        registered = client_of().post("/api/v1/apps", app).json()
        known = {name: registered[name] for name in ("client_id", "client_secret")}
        token = client_of().form("/oauth/token", {**known, "grant_type": "client_credentials"})
        assert token.status_code == 200
        gone = client_of().form("/oauth/revoke", {**known, "token": token.json()["access_token"]})
        assert gone.status_code == 200

    def test_it_ends_as_it_began(self, client_of, alice, turned):
        turned("writes", "off")
        turned("writes", "on")

        assert client_of(alice).post("/api/v1/statuses", {"status": "hello"}).status_code == 200


def test_everybody_may_know_how_the_site_is_run(client_of, turned):
    turned("discover", "last_pool")
    turned("registrations", "invite")

    assert client_of().get("/api/v1/upscrolled/features").json()["switches"] == {
        "registrations": "invite",
        "transfers": "on",
        "discover": "last_pool",
        "writes": "on",
        "crisis": "off",
    }


class TestTheCommand:
    def test_it_lists_where_each_stands_since_when_and_why(self, alice, capsys):
        turn(name="writes", value="off", because="the disk is full", by=alice, now=NOON)

        call_command("switch")

        said = capsys.readouterr().out
        assert "writes         off        since 2026-01-15 12:00:00 UTC, @alice: the disk is full" in said
        assert "fan_out        everybody  (never turned)" in said
        assert all(declared.sentence in said for declared in switches.DECLARED)

    def test_it_turns_one(self, capsys):
        call_command("switch", "fan_out", "active", "--because", "the queue is long")

        assert "fan_out is active" in capsys.readouterr().out
        assert Switch.objects.get().value == "active"

    def test_it_tells_how_one_was_turned_before(self, capsys):
        call_command("switch", "fan_out", "active", "--because", "the queue is long")
        call_command("switch", "fan_out")

        assert "everybody to active, the shell: the queue is long" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "arguments", [["nothing"], ["writes", "off"], ["writes", "no", "--because", "x"]]
    )
    def test_a_slip_is_one_sentence(self, arguments):
        with pytest.raises(CommandError, match=r"switch|why|value"):
            call_command("switch", *arguments)


@pytest.mark.django_db(transaction=True)
def test_a_running_process_learns_of_it_by_itself_and_its_requests_ask_nothing(
    monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(switches, "SECONDS", 0.02)
    monkeypatch.setattr(switches, "_board", switches._Board())
    try:
        with django_assert_num_queries(0):
            assert switches.value("fan_out") == "everybody"
        turn(name="fan_out", value="active", because="the queue is long", by=None, now=NOON)

        until(lambda: switches.value("fan_out") == "active")
        with django_assert_num_queries(0):
            assert switches.value("fan_out") == "active"
    finally:
        switches.stand_still({})


def test_the_page_for_the_operator_names_every_switch_and_value():
    with open("docs/operations.md") as page:
        text = page.read()
    for declared in switches.DECLARED:
        assert f"`{declared.name}`" in text
        assert all(f"`{choice}`" in text for choice in declared.choices)


def test_discover_goes_on_from_the_last_pool(alice, turned, settings):
    from feed.timelines import pools

    publish(make_account("zoe"), "first")
    first = pools.advance(now=NOON)
    assert first is not None
    turned("discover", "last_pool")

    hour_later = NOON + timedelta(hours=1)
    assert pools.advance(now=hour_later) is None
    assert pools.current(now=hour_later).pool.digest == first.digest

    turned("discover", "live")
    assert pools.advance(now=hour_later) is not None


def test_a_pool_that_valkey_forgot_is_published_again_and_none_is_frozen(alice, turned):
    from feed.timelines import pools
    from upscrolled.core import valkey

    publish(alice, "first")
    held = pools.current(now=NOON).pool
    turned("discover", "last_pool")
    valkey.data().flushdb()

    assert pools.current(now=NOON + timedelta(minutes=5)).pool.digest == held.digest
    pools.forget()
    assert pools.current(now=NOON + timedelta(minutes=6)).pool.digest == held.digest
