"""Crisis mode: a reason, an end, a banner, an entry in the log; it hides nothing and ends by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from moderation import crisis as state
from moderation import door, publishing, queue, tasks, triage
from moderation.models import Case, CrisisEnd, PublicAct
from moderation.models import Crisis as Row
from moderation.operations import claims, crisis
from moderation.operations.report import Complaint, file_report
from moderation.screening import RULES
from tests.moderation.test_audit import wrong
from tests.people import publish
from tests.restricting import moderator
from upscrolled import switches
from upscrolled.core.errors import Conflict, Invalid, NotAllowed
from upscrolled.operations.switches import turn

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
WHY = "Ten times as many reports as yesterday."
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def everything_is_sampled(monkeypatch) -> None:
    """As many an hour as there are, and each before what was reported: nothing here is left to chance."""
    monkeypatch.setattr(queue, "SAMPLED_LEAST", 50)
    monkeypatch.setattr(triage, "sample_chance", lambda *_: 1.0)


def test_it_is_told_changes_what_its_page_says_and_ends_by_itself(alice, bob, client_of) -> None:
    for n in range(3):
        publish(alice, f"hello {n}", now=NOW - HOUR)
    crisis.begin(because=WHY, hours=2, by=moderator(), now=NOW - HOUR)
    publishing.publish(now=NOW)
    act = PublicAct.objects.select_related("leaf").get()
    told = json.loads(act.data)
    assert (told["act"], told["because"], told["hours"], act.leaf.index) == ("crisis_on", WHY, 2, 0)
    assert switches.read()["crisis"] == "on"

    tasks.sample_posts()
    assert not Case.objects.exists()
    shadows = [rule.name for rule in RULES if rule.mode == "shadow"]
    assert all(door._modes()[name] == "queue" for name in shadows)
    file_report(reporter=bob, complaint=Complaint(alice.id), now=NOW)
    assert "later than usual" in client_of(bob).get("/api/v1/upscrolled/reports").json()[0]["text"]

    assert state.close_over(now=NOW) == 0
    assert state.close_over(now=NOW + HOUR) == 1
    assert state.close_over(now=NOW + HOUR) == 0
    assert switches.read()["crisis"] == "off"
    assert json.loads(PublicAct.objects.get(kind="crisis_off").data)["early"] is False
    assert wrong() == set()


def test_its_effects_end_with_its_time_even_if_the_clock_does_not_run(alice, bob) -> None:
    publish(alice, "hello", now=NOW - HOUR)
    crisis.begin(because=WHY, hours=1, by=None, now=NOW - 3 * HOUR)
    assert door._modes() == {}
    tasks.sample_posts()
    assert Case.objects.filter(lane="sample").exists()
    file_report(reporter=bob, complaint=Complaint(alice.id), now=NOW)
    with transaction.atomic():
        first = claims.next_case(by=moderator(), now=NOW)
        assert first is not None
        assert Case.objects.get(pk=first.case_id).lane == "sample"
        transaction.set_rollback(True)
    first = claims.next_case(by=moderator(), now=NOW - 2 * HOUR - HOUR / 2)  # while it was on
    assert first is not None
    assert Case.objects.get(pk=first.case_id).lane == "ordinary"
    assert "crises that the log does not tell, or that nobody ended" in wrong()
    tasks.end_crisis()
    assert {act.leaf.index for act in PublicAct.objects.select_related("leaf")} == {
        0,
        1,
    }  # in an order by chance
    crisis.begin(because=WHY, hours=1, by=None, now=NOW)


@pytest.mark.parametrize(
    ("language", "direction", "banner", "effect"),
    [
        ("en", "ltr", "We are in crisis mode", "We pause looking at randomly chosen posts"),
        ("fr", "ltr", "Nous sommes en mode de crise", "Nous cessons de lire des publications"),
        ("ar", "rtl", "نحن في وضع الأزمة", "نوقف النظر في منشورات"),
    ],
)
def test_everybody_sees_the_banner_and_reads_why(
    db, django_assert_num_queries, language, direction, banner, effect
) -> None:
    visitor = Client(headers={"accept-language": language})
    assert banner not in visitor.get("/").content.decode()
    crisis.begin(because=WHY, hours=72, by=None, now=NOW)
    switches.read()
    assert banner in visitor.get("/").content.decode()
    with django_assert_num_queries(1):
        page = visitor.get("/crisis").content.decode()
    assert f'dir="{direction}"' in page
    assert WHY in page
    assert effect in page
    assert "<script" not in page
    crisis.end(by=moderator(), now=NOW + HOUR)
    page = visitor.get("/crisis").content.decode()
    assert WHY in page  # among those before


@pytest.mark.parametrize(
    ("bent", "sentence"),
    [({"hours": 73}, "73 hours"), ({"hours": 0}, "0 hours"), ({"because": "so"}, "2 characters")],
)
def test_it_has_a_reason_and_an_end(db, bent, sentence) -> None:
    with pytest.raises(Invalid, match=sentence):
        crisis.begin(**{"because": WHY, "hours": 1, "by": None, "now": NOW, **bent})


def test_it_is_begun_once_by_moderators_and_not_by_the_switch(bob) -> None:
    with pytest.raises(NotAllowed):
        crisis.begin(because=WHY, hours=1, by=bob, now=NOW)
    with pytest.raises(Conflict):
        crisis.end(by=None, now=NOW)
    with pytest.raises(Invalid, match=r"manage\.py crisis"):
        turn(name="crisis", value="on", because="why not", by=None, now=NOW)
    crisis.begin(because=WHY, hours=1, by=None, now=NOW)
    with pytest.raises(Conflict, match="on already"):
        crisis.begin(because=WHY, hours=1, by=None, now=NOW)


def test_the_database_refuses_one_that_nobody_is_told_of(db) -> None:
    def write(hours: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            Row.objects.create(because=WHY, starts_at=NOW, ends_at=NOW + hours * HOUR)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match="silent crisis refused"):
        write(72)
    with pytest.raises(DatabaseError, match="within_72_hours"):
        write(73)


def test_the_shell_begins_and_ends_it(db, capsys) -> None:
    with pytest.raises(CommandError, match="0 characters"):
        call_command("crisis", "on")
    call_command("crisis", "on", "--because", WHY, "--hours", "3")
    assert WHY in capsys.readouterr().out
    call_command("crisis", "off")
    assert "is off" in capsys.readouterr().out
    assert CrisisEnd.objects.exists()
