"""Evidence is deleted when its time is over, and not a day sooner; a hold of law and a waiting appeal keep it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from moderation import schedule
from moderation.models import Case, CaseEvent, CaseHold, Evidence, PublicNotice, Report, StatementKey
from moderation.operations import appeals, cases, claims, keeping
from moderation.operations.decide import Wish
from moderation.operations.forgetting import forget, forget_evidence
from moderation.operations.report import Complaint, file_report
from moderation.subjects import Subject
from tests.moderation.test_audit import wrong
from tests.people import publish
from tests.restricting import REASONS, moderator
from upscrolled import keeping as before_erasure
from upscrolled.models import Departure

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
KEPT = "evidence that is kept longer than it may be"


def closed(alice, bob, days: float, *, policy: str = "hate", refused: bool = False) -> Case:
    """A case of a post of alice's that was closed so many days ago."""
    then = NOW - days * DAY
    post = publish(alice, f"hello {days} {policy}")
    file_report(reporter=bob, complaint=Complaint(alice.id, [post], reason=policy), now=then)
    case = Case.objects.latest("id")
    held = claims.claim(case.pk, by=moderator(), now=then)
    if refused:
        cases.dismiss(held, by=moderator(), reason="criticism", now=then)
    else:
        cases.decide_case(
            held, Wish(Subject("post", post), "removed", policy, REASONS), by=moderator(), now=then
        )
    return case


def kept() -> set[int]:
    schedule.forget()
    return set(Evidence.objects.values_list("case_id", flat=True))


def test_evidence_goes_when_nobody_can_ask_for_it_any_more(alice, bob) -> None:
    old, young = closed(alice, bob, 201), closed(alice, bob, 199)
    graver, gravest = closed(alice, bob, 399, policy="terror"), closed(alice, bob, 401, policy="child_abuse")
    assert kept() == {young.pk, graver.pk}
    told = CaseEvent.objects.filter(kind="evidence deleted").values_list("case_id", flat=True)
    assert sorted(told) == [old.pk, gravest.pk]
    assert forget_evidence(now=NOW) == 0


def test_a_hold_and_a_waiting_appeal_keep_it(alice, bob) -> None:
    held, appealed, over = (
        closed(alice, bob, 300),
        closed(alice, bob, 301, refused=True),
        closed(alice, bob, 302),
    )
    hold = keeping.hold(held.pk, kind="us_child_abuse", because="CyberTip 7", by=moderator(), now=NOW)
    keeping.hold(over.pk, kind="authority", because="file 9", by=None, now=NOW - 10 * DAY, until=NOW - DAY)
    report = Report.objects.get(cases=[appealed.pk])
    appeals.appeal_refusal(report.pk, by=bob, text="Look again.", now=NOW - 120 * DAY)
    assert kept() == {held.pk, appealed.pk}
    assert hold.until == NOW + 365 * DAY
    keeping.release(hold.pk, by=None, now=NOW)
    assert kept() == {appealed.pk}


def test_whoever_appeals_or_is_held_by_a_law_is_not_erased_yet(alice, bob, dave) -> None:
    number = keeping.hold(closed(alice, bob, 3).pk, kind="eu_terrorist", because="R-17", by=None, now=NOW).pk
    refused = closed(dave, bob, 2, refused=True)
    appeals.appeal_refusal(Report.objects.get(cases=[refused.pk]).pk, by=bob, text="Look again.", now=NOW)
    everybody = [alice.pk, bob.pk, dave.pk]

    assert before_erasure.held(everybody) == {alice.pk, bob.pk}
    keeping.release(number, by=None, now=NOW)
    assert before_erasure.held(everybody) == {bob.pk}


def test_a_hold_goes_before_forgetting_a_person(alice, bob) -> None:
    held, free = closed(alice, bob, 2), closed(alice, bob, 1)
    keeping.hold(held.pk, kind="eu_terrorist", because="R-17", by=None, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was decided is committed, so to speak
    alice.is_active = False
    alice.save()
    assert forget(account_id=alice.id) == 1
    left = StatementKey.objects.get(key__isnull=False)
    assert left.statement.decision.case_id == held.pk
    CaseHold.objects.update(released_at=NOW)
    assert forget(account_id=alice.id) == 1
    assert free.pk


def test_what_statements_say_to_whoever_left_is_forgotten_once_they_are_erased(alice, bob, dave) -> None:
    for author in (alice, dave):
        closed(author, bob, 2)
        Departure.objects.create(account=author, left_at=NOW - 40 * DAY, erase_at=NOW - DAY)
        author.is_active = False
        author.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was decided is committed, so to speak
    Departure.objects.filter(account=alice).update(erased_at=NOW)

    for _ in range(2):
        schedule.forget()

    (readable,) = StatementKey.objects.filter(key__isnull=False)
    assert readable.statement.account_id == dave.pk


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"kind": "whim"}, "Kind must be one of"),
        ({"because": " "}, "needs a reason"),
        ({"kind": "authority"}, "needs an end"),
        ({"until": NOW}, "needs an end"),
    ],
)
def test_a_hold_has_a_kind_a_reason_and_an_end(alice, bob, facts, sentence) -> None:
    case = closed(alice, bob, 1)
    with pytest.raises(Exception, match=sentence):
        keeping.hold(case.pk, **{"kind": "eu_terrorist", "because": "R-17", "by": None, "now": NOW, **facts})


def test_the_shell_holds_lists_and_releases(alice, bob, capsys) -> None:
    case = closed(alice, bob, 1)
    with pytest.raises(CommandError, match="needs a reason"):
        call_command("case_hold", str(case.pk), "eu_terrorist")
    last, named = (
        f"{NOW + 300 * DAY:%Y-%m-%d}",
        ("case_hold", str(case.pk), "authority", "--because", "file 9"),
    )
    with pytest.raises(CommandError, match="366 days at the most"):
        call_command(*named, "--until", "2999-01-01")
    call_command(*named, "--until", last)
    assert f"case {case.pk} until {last}, file 9" in capsys.readouterr().out
    call_command("case_hold", "--release", str(CaseHold.objects.get().pk))
    assert capsys.readouterr().out == ""


def test_the_database_refuses_to_delete_or_change_it_sooner(alice, bob) -> None:
    young = closed(alice, bob, 199)
    for statement in ("DELETE FROM moderation_evidence", "UPDATE moderation_evidence SET content = '{}'"):
        with pytest.raises(DatabaseError, match="stays as it was frozen"):
            _run(statement)
    facts = connection.settings_dict
    with (
        psycopg.connect(
            host=facts["HOST"], port=facts["PORT"], dbname=facts["NAME"], user="upscrolled_app"
        ) as opened,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        opened.execute("DELETE FROM moderation_evidence")
    assert kept() == {young.pk}


def test_evidence_that_nobody_deleted_is_found(alice, bob) -> None:
    closed(alice, bob, 410)
    assert KEPT in wrong()
    schedule.forget()
    assert KEPT not in wrong()


def test_who_sent_a_notice_is_forgotten(alice, bob) -> None:
    for case, n in ((closed(alice, bob, 201), 1), (closed(alice, bob, 199), 2)):
        report = Report.objects.get(cases=[case.pk])
        PublicNotice.objects.create(
            report=report, name=f"N {n}", email=f"n{n}@example.net", language="en", told_at=NOW
        )
    schedule.forget()
    assert list(PublicNotice.objects.order_by("report").values_list("name", "email")) == [
        ("", ""),
        ("N 2", "n2@example.net"),
    ]


def _run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
