"""Sealed decisions: two people, an end, a leaf at once; the database refuses whatever is less."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from feed.models import PostMedia
from moderation import notices, publishing, tasks
from moderation.models import Case, LogLeaf, Notice, PublicAct, SealStep, Statement
from moderation.operations import appeals, cases, claims, hits, sealing
from moderation.operations.decide import Wish
from moderation.operations.orders import NewOrder, enter_order
from moderation.queries import publiclog, standing
from moderation.subjects import Subject
from tests.moderation.test_audit import wrong
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import MediaAttachment

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def case(alice) -> Case:
    """A case that an order with silence opened."""
    order = NewOrder(
        "eu_terrorist", "Office of Examples", "R-1", "Silence.", Subject("post", publish(alice, "hello")), NOW
    )
    return enter_order(order, by=moderator(), now=NOW).case


def sealed(
    case: Case, *, by: str = "noor", second: str = "omar", until: datetime = NOW + 42 * DAY
) -> SealStep:
    facts = {"basis": "terror_order", "reference": "Article 11(3), R-1", "until": until}
    step = sealing.propose(case.pk, **facts, by=moderator(by), now=NOW)  # type: ignore[arg-type]
    return sealing.confirm(step.pk, by=moderator(second), now=NOW)


def remove(case: Case) -> int:
    held = claims.claim(case.pk, by=moderator(), now=NOW)
    wish = Wish(Subject("post", case.subject_id), "removed", "terror", REASONS)
    return cases.decide_case(held, wish, by=moderator(), now=NOW).statement_id


def test_a_sealed_statement_waits_and_unseals_itself(alice, case) -> None:
    sealed(case)
    number = remove(case)

    assert notices.deliver(now=NOW + 41 * DAY) == 0
    assert standing.decisions(alice.id) == []
    assert standing.binding(alice.id, now=NOW) == []
    with pytest.raises(NotFound):
        standing.decision(alice.id, number)
    with pytest.raises(NotFound):
        appeals.appeal_decision(number, by=alice, text="What is this?", now=NOW)
    assert wrong() == set()

    assert notices.deliver(now=NOW + 42 * DAY) == 1
    assert Notice.objects.get(statement_id=number).sent_at == NOW + 42 * DAY


def test_the_log_tells_of_a_seal_at_once_and_of_nobody(case) -> None:
    assert PublicAct.objects.count() == 0  # zero is provable: there is no such leaf
    sealed(case)
    tasks.publish_log()
    leaf = LogLeaf.objects.get()
    assert json.loads(leaf.act.data) == {
        "v": 2, "act": "sealed", "day": f"{NOW:%Y-%m-%d}", "basis": "terror_order", "days": 42, "renewal": False,
    }  # fmt: skip
    assert leaf.act.data.encode() in publiclog.entries(0, 1)
    assert publishing.rebuild() == 1


def test_without_a_second_person_nothing_is_sealed(case) -> None:
    facts = {"basis": "court_order", "reference": "2 B 17/26", "until": NOW + DAY}
    step = sealing.propose(case.pk, **facts, by=moderator("noor"), now=NOW)  # type: ignore[arg-type]
    with pytest.raises(sealing.NotYours):
        sealing.confirm(step.pk, by=moderator("noor"), now=NOW)
    remove(case)
    assert notices.deliver(now=NOW) == 1
    with pytest.raises(Conflict, match="the notice was sent"):
        sealing.confirm(step.pk, by=moderator("omar"), now=NOW)


def test_a_renewal_is_by_two_others(case) -> None:
    sealed(case)
    with pytest.raises(sealing.NotYours):
        sealed(case, by="omar", second="lea")
    with pytest.raises(sealing.NotYours):
        sealed(case, by="lea", second="noor")
    renewed = sealed(case, by="lea", second="kim", until=NOW + 84 * DAY)
    assert json.loads(PublicAct.objects.get(ref=renewed.pk).data)["renewal"] is True
    remove(case)
    assert notices.deliver(now=NOW + 83 * DAY) == 0


def test_a_hit_in_a_bank_seals_for_a_day_once(alice, case) -> None:
    sealing.seal_at_hit(case.pk, bank="terror bank, entry 7", now=NOW)
    with pytest.raises(Conflict, match="seals once, for 24 hours"):
        sealing.seal_at_hit(case.pk, bank="terror bank, entry 7", now=NOW)
    remove(case)
    assert [notices.deliver(now=NOW + hours * DAY / 24) for hours in (23, 24)] == [0, 1]
    case.policy = "spam"
    case.save()
    with pytest.raises(Conflict, match="Only a hit"):
        sealing.seal_at_hit(case.pk, bank="spam", now=NOW)


@pytest.mark.parametrize(
    ("bent", "sentence"),
    [
        ({"basis": "shame"}, "Basis must be one of"),
        ({"reference": ""}, "Reference has 0"),
        ({"until": NOW + 85 * DAY}, "84 days"),
        ({"until": NOW}, "84 days"),
    ],
)
def test_a_seal_names_its_basis_paper_and_end(case, bent, sentence) -> None:
    facts = {"basis": "court_order", "reference": "2 B 17/26", "until": NOW + DAY, **bent}
    with pytest.raises(Invalid, match=sentence):
        sealing.propose(case.pk, **facts, by=moderator(), now=NOW)


def test_only_moderators_seal(case, bob) -> None:
    with pytest.raises(NotAllowed):
        sealing.propose(case.pk, basis="court_order", reference="2 B 17/26", until=NOW + DAY, by=bob, now=NOW)


_STEP = """INSERT INTO moderation_sealstep (case_id, basis, reference, until, by_id, confirms_id, at)
VALUES (%(case)s, %(basis)s, 'some paper', now() + %(for)s::interval, %(by)s, %(confirms)s, now()) RETURNING id"""


@pytest.mark.parametrize(
    ("bent", "why"),
    [
        ({}, "silent seal refused"),
        ({"for": "85 days"}, "84 days"),
        ({"by": "bob"}, "only who may seal"),
        ({"by": "alice"}, "only who may seal"),
        ({"by": "noor"}, "two people"),
        ({"basis": "shame"}, "not proposed"),
        ({"basis": "bank_hit", "by": "omar"}, "seals once, for 24 hours"),
        ({"basis": "shame", "confirms": None}, "a_seal_has_a_legal_basis"),
        ({"basis": "bank_hit", "confirms": None, "for": "1 hour"}, "only_a_bank_seals_by_itself"),
        ({"basis": "bank_hit", "by": None, "confirms": None, "for": "25 hours"}, "24 hours"),
        ({"basis": "bank_hit", "by": None, "confirms": None, "for": "24 hours"}, "silent seal refused"),
        ({"basis": "court_order", "for": "3 days"}, "not proposed"),
    ],
)
def test_the_database_refuses_a_seal_that_is_less(alice, bob, case, bent, why) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        begun = cursor.fetchone()[0]
    proposal = SealStep(
        case=case,
        basis="terror_order",
        reference="some paper",
        until=begun + 2 * DAY,
        by=moderator("noor"),
        at=begun,
    )
    if "confirms" not in bent:
        proposal.save()
    people = {"bob": bob.id, "alice": alice.id, "noor": moderator("noor").id, "omar": moderator("omar").id}
    facts = {
        "case": case.pk,
        "basis": "terror_order",
        "for": "2 days",
        "by": "omar",
        "confirms": proposal.pk,
        **bent,
    }
    facts["by"] = people.get(facts["by"])
    with pytest.raises(DatabaseError, match=why):
        _insert(facts)


def _insert(facts: dict[str, object]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STEP, facts)  # type: ignore[arg-type]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("table", ["moderation_sealstep", "moderation_publicact", "moderation_legalorder"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id + 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_role_of_web_and_workers_cannot_change_them(db, table, verb) -> None:
    facts = connection.settings_dict
    with (
        psycopg.connect(
            host=facts["HOST"], port=facts["PORT"], dbname=facts["NAME"], user="upscrolled_app"
        ) as opened,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        opened.execute(verb.format(table))


def test_a_seal_that_somebody_made_with_the_refusals_off_is_found(alice, case) -> None:
    sealed(case)
    make_account("eve")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM moderation_publicact")
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert "seals without their two people, or that the log does not tell" in wrong()


BANK = hits.Bank("Bank of Examples", "child_abuse")


@pytest.fixture
def pictured(alice) -> int:
    """A post of alice's with a picture whose SHA-256 is 64 times a."""
    post = publish(alice, "look")
    MediaAttachment.objects.create(id=7, owner=alice, kind="image", state="ready", sha256="a" * 64)
    PostMedia.objects.create(post_id=post, attachment_id=7, position=0)
    return post


def test_a_hit_in_a_bank_hides_at_once_seals_for_a_day_and_waits_for_a_person(
    client_of, alice, dave, pictured
) -> None:
    address, now = f"/api/v1/statuses/{pictured}", NOW - 3 * HOUR
    assert hits.of_digests(["b" * 64, "a" * 64], bank=BANK, now=now) == 1

    assert client_of(dave).get(address).status_code == 404
    case, step = Case.objects.get(), SealStep.objects.get()
    assert (case.lane, case.source, step.case_id, step.reference) == ("dark", "bank", case.pk, BANK.name)
    said = Statement.objects.get()
    assert (said.measure, said.automated_detection, said.automated_decision) == ("hold", True, True)
    assert PublicAct.objects.get().kind == "sealed"
    assert notices.deliver(now=now + 23 * HOUR) == 0
    assert hits.of_digests(["a" * 64], bank=BANK, now=now) == 0
    assert wrong() == set()

    held = claims.next_case(by=moderator(), now=now + HOUR, dark=True)
    assert held is not None
    cases.dismiss(held, by=moderator(), reason="a drawing of a tree", now=now + HOUR)
    assert client_of(dave).get(address).status_code == 200
    assert hits.of_digests(["a" * 64], bank=BANK, now=now + 2 * HOUR) == 0  # a person has looked
    assert notices.deliver(now=now + 25 * HOUR) == 2


@pytest.mark.parametrize(
    ("bank", "sentence"),
    [
        (hits.Bank("x", "terror"), "1 characters"),
        (hits.Bank("Bank of Examples", "spam"), "one of child_abuse"),
    ],
)
def test_a_bank_has_a_name_and_is_of_abuse_or_terror(pictured, bank, sentence) -> None:
    with pytest.raises(Invalid, match=sentence):
        hits.hit(Subject("post", pictured), bank=bank, now=NOW)


def test_the_shell_takes_digests_or_posts(alice, pictured, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(f"{'b' * 64}\n\n{'A' * 64}\n"))
    call_command("bank_hit", BANK.name, BANK.policy)
    call_command("bank_hit", BANK.name, BANK.policy, str(pictured), str(publish(alice, "another")))
    assert capsys.readouterr().out.count("1 posts are held back") == 2
    with pytest.raises(CommandError):
        call_command("bank_hit", BANK.name, BANK.policy, "1")


def test_a_line_that_is_no_digest_is_named(pictured, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("a picture\n"))
    with pytest.raises(CommandError, match="Line 1: 'a picture'"):
        call_command("bank_hit", BANK.name, BANK.policy)
