"""Orders with their clocks, reach and legal basis; and trusted flaggers, who are only as good as their record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from moderation import flaggers, publishing, statements
from moderation.models import Case, LegalOrder, Statement, TrustedFlagger
from moderation.operations import audit, cases, claims, handling
from moderation.operations.decide import Wish
from moderation.operations.flaggers import Appointment, appoint, end
from moderation.operations.orders import NewOrder, enter_order
from moderation.operations.report import Complaint, file_report
from moderation.queries import authority
from moderation.subjects import Subject
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import Conflict, Invalid, NotAllowed

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
LISTED = Appointment("Hotline", "Coordinator of Ireland", "hatred")


def order(post: int, **other: object) -> NewOrder:
    facts: dict[str, object] = {
        "kind": "eu_terrorist",
        "authority": "Office of Examples",
        "reference": "R-17",
        "demand": "Remove it in all Member States.",
        "subject": Subject("post", post),
        "received_at": NOW - timedelta(minutes=20),
    }
    return NewOrder(**{**facts, **other})  # type: ignore[arg-type]


def test_an_order_has_its_clock_lane_reach_and_legal_basis(alice, bob) -> None:
    post, mia = publish(alice, "hello"), moderator()
    file_report(reporter=bob, complaint=Complaint(alice.id, [post]), now=NOW - HOUR)
    entered = enter_order(order(post), by=mia, now=NOW)

    case = Case.objects.get()  # the one that bob's report had opened
    assert (case.lane, case.source, case.policy) == ("order", "order", "terror")
    assert case.deadline == entered.deadline == NOW + timedelta(minutes=40)
    assert case.factors["lane"] == "order"

    held = claims.claim(case.pk, by=mia, now=NOW)
    wish = Wish(Subject("post", post), "removed", "terror", REASONS, countries=["US"])
    with pytest.raises(Invalid, match="the order does not reach US"):
        cases.decide_case(held, wish, by=mia, now=NOW)
    made = cases.decide_case(
        held, Wish(Subject("post", post), "removed", "terror", REASONS), by=mia, now=NOW + HOUR / 10
    )
    said = Statement.objects.select_related("key").get(pk=made.statement_id)
    assert (said.source, said.ground, len(said.countries)) == ("order", "law", 27)
    readable = statements.unseal(said, said.key.key)
    assert readable is not None
    assert "Regulation (EU) 2021/784, Article 3 (Office of Examples, R-17)" in readable.text
    assert "An authority ordered it." in readable.text

    later = enter_order(order(publish(alice, "again"), reference="R-18"), by=mia, now=NOW)
    clocks = {clock.order.pk: (clock.waits, clock.late) for clock in authority.clocks(now=NOW + HOUR)}
    assert clocks == {entered.pk: (False, False), later.pk: (True, True)}


def test_a_decision_on_an_order_that_goes_further_is_found(alice) -> None:
    post, mia = publish(alice, "hello"), moderator()
    enter_order(order(post), by=mia, now=NOW)
    held = claims.claim(Case.objects.get().pk, by=mia, now=NOW)
    cases.decide_case(held, Wish(Subject("post", post), "removed", "terror", REASONS), by=mia, now=NOW)
    name = "decisions on an order that do not name its law, or go further"
    assert name not in wrong()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE moderation_legalorder SET countries = '{DE}'")
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert name in wrong()


def wrong() -> set[str]:
    publishing.publish(now=NOW + HOUR, delay=timedelta())
    return {finding.name for finding in audit.audit(now=NOW) if finding.wrong}


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"kind": "whim"}, "Kind must be one of"),
        ({"authority": " "}, "Authority has 0 characters"),
        ({"reference": "x" * 101}, "Reference has 101 characters"),
        ({"demand": ""}, "Demand has 0 characters"),
        ({"kind": "court"}, "Law has 0 characters"),
        ({"kind": "court", "law": "Civil Code, § 1004"}, "Deadline can't be blank"),
        ({"received_at": NOW + HOUR}, "in the future"),
        ({"deadline": NOW - 2 * HOUR}, "before the order came"),
        ({"countries": ["Germany"]}, "no country code"),
        ({"policy": "taste"}, "Policy must be one of"),
    ],
)
def test_an_order_must_say_what_the_law_asks(alice, other, sentence) -> None:
    with pytest.raises(Invalid, match=sentence):
        enter_order(order(publish(alice, "hello"), **other), by=moderator(), now=NOW)
    assert not Case.objects.exists()


def test_orders_are_entered_once_and_by_moderators(alice, bob) -> None:
    post = publish(alice, "hello")
    with pytest.raises(NotAllowed):
        enter_order(order(post), by=bob, now=NOW)
    enter_order(order(post), by=moderator(), now=NOW)
    with pytest.raises(Conflict, match="entered before"):
        enter_order(order(post), by=moderator(), now=NOW)


def test_the_shell_enters_an_order_and_lists_the_clocks(alice, capsys) -> None:
    moderator()
    place = f"{settings.PUBLIC_URL}/@alice/{publish(alice, 'hello')}"
    said = (
        "--authority",
        "eSafety",
        "--reference",
        "7",
        "--demand",
        "Remove it.",
        "--by",
        "mia",
        "--about",
        place,
    )
    with pytest.raises(CommandError, match="no moment"):
        call_command("legal_order", "au_removal", *said, "--received", "yesterday")
    call_command("legal_order", "au_removal", *said)
    assert LegalOrder.objects.get().countries == ["AU"]
    call_command("legal_order")
    assert "waits  order 7 of eSafety" in capsys.readouterr().out


def test_a_trusted_flagger_comes_sooner_and_its_record_is_public(
    alice, bob, django_assert_num_queries
) -> None:
    flagger = make_account("hotline")
    appoint(flagger, LISTED, now=NOW)
    posts = [publish(alice, f"hello {n}") for n in range(3)]
    file_report(reporter=bob, complaint=Complaint(alice.id, posts[:1], reason="hate"), now=NOW)
    for post in posts[:2]:
        file_report(reporter=flagger, complaint=Complaint(alice.id, [post], reason="hate"), now=NOW)
    first, second = Case.objects.order_by("id")
    assert first.deadline == second.deadline == NOW + flaggers.WITHIN
    assert first.source == second.source == "trusted_flagger"
    mia = moderator()
    held = claims.claim(second.pk, by=mia, now=NOW)
    made = cases.decide_case(
        held, Wish(Subject("post", posts[1]), "removed", "hate", REASONS), by=mia, now=NOW
    )
    assert Statement.objects.get(pk=made.statement_id).source == "trusted_flagger"

    for language, sentence in (
        ("en", "Reports decided: 1 · upheld: 1 (100 %)"),
        ("fr", "Signalements décidés : 1 · fondés : 1 (100 %)"),
        ("ar", "بلاغات بُتَّ فيها: 1 · صحيحة: 1 (100 %)"),
    ):
        with django_assert_num_queries(1):
            page = Client().get("/trusted-flaggers", headers={"accept-language": language})
        assert sentence in page.content.decode()
        assert "Hotline" in page.content.decode()

    end(flagger, because="The list does not name it any more.", now=NOW)
    file_report(reporter=flagger, complaint=Complaint(alice.id, posts[2:], reason="hate"), now=NOW)
    assert Case.objects.latest("id").source == "report"


def test_a_flagger_that_is_mostly_wrong_is_one_no_more(alice) -> None:
    careless, careful = make_account("careless"), make_account("careful")
    for account, upheld in ((careless, 9), (careful, 10)):
        appoint(account, LISTED, now=NOW)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO moderation_report (reporter_id, target_id, post_ids, rule_ids, category, comment,
                     created_at, outcome)
                   SELECT %s, %s, '{}', '{}', 'other', '', %s, CASE WHEN n <= %s THEN 'upheld' ELSE 'refused' END
                   FROM generate_series(1, 20) AS n""",
                [account.pk, alice.id, NOW, upheld],
            )
    assert flaggers.lapse(now=NOW) == 1
    assert TrustedFlagger.objects.get(until=None).pk == careful.pk
    assert "50%" in TrustedFlagger.objects.get(pk=careless.pk).ended_because


WAVE = "Win a new telephone today, only the first hundred people get one, just follow the link"


def test_an_order_is_about_one_and_its_near_copies_are_looked_at_apart(alice, bob, dave) -> None:
    erin, mia, people = make_account("erin"), moderator(), (alice, bob, dave)
    posts = [publish(one, f"{WAVE} {n}") for n, one in enumerate(people)]
    for one, post in zip(people, posts, strict=True):
        file_report(reporter=erin, complaint=Complaint(one.id, [post], reason="spam"), now=NOW)
    wave = Case.objects.get()
    for post in posts[1::-1]:  # a copy, then what leads
        enter_order(order(post, reference=f"R-{post}"), by=mia, now=NOW)

    apart = Case.objects.get(subject_id=posts[1])
    wave.refresh_from_db()
    assert [(case.source, case.lane, case.copies.count()) for case in (apart, wave)] == [
        ("order", "order", 0),
        ("order", "order", 1),
    ]
    held = claims.claim(wave.pk, by=mia, now=NOW)
    cases.decide_case(held, Wish(Subject("post", posts[0]), "removed", "terror", REASONS), by=mia, now=NOW)
    left = Case.objects.get(subject_id=posts[2])  # dave's, which no order names
    assert (left.source, left.lane, left.state) == ("report", "dark", "open")
    assert Statement.objects.filter(source="order").count() == Statement.objects.count() == 1

    anew = handling.undo(wave.pk, by=mia, reason="looked at the wrong one", now=NOW)
    held = claims.claim(anew.pk, by=mia, now=NOW)
    cases.decide_case(held, Wish(Subject("post", posts[0]), "removed", "terror", REASONS), by=mia, now=NOW)
    again = Statement.objects.latest("id")
    assert (again.source, again.ground, len(again.countries)) == ("order", "law", 27)
    assert not {finding.name for finding in audit.audit(now=NOW) if finding.wrong}


def test_a_near_copy_brings_its_source_and_clock_to_the_case_that_waits(alice, bob, dave) -> None:
    flagger, people = make_account("hotline"), (alice, bob)
    appoint(flagger, LISTED, now=NOW)
    posts = [publish(one, f"{WAVE} {n}") for n, one in enumerate(people)]
    file_report(reporter=dave, complaint=Complaint(alice.id, posts[:1], reason="spam"), now=NOW)
    file_report(reporter=flagger, complaint=Complaint(bob.id, posts[1:], reason="spam"), now=NOW)
    case = Case.objects.get()
    assert (case.source, case.deadline) == ("trusted_flagger", NOW + flaggers.WITHIN)
