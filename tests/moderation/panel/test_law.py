"""Orders with their clocks, sealed decisions, appeals at the door, crisis mode: each from its screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from moderation import notices, tickets
from moderation.models import Case, Crisis, DoorAppeal, DoorException, LegalOrder, SealStep, Statement
from moderation.operations.door_appeals import file_appeal
from moderation.operations.orders import NewOrder, enter_order
from moderation.subjects import Subject
from tests.desks import desk_of, reported
from tests.people import publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account

pytestmark = pytest.mark.django_db
WHY = {"facts": REASONS.facts, "explanation": REASONS.explanation}
ANSWER = "It is the name of a town, and the rule should have known that."


def text(desk: Client, path: str) -> str:
    answer = desk.get(f"/admin/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def order(post: int, **other: str) -> dict[str, str]:
    named = {"kind": "eu_terrorist", "authority": "Office of Examples", "reference": "R-17"}
    return {**named, "about": str(post), "demand": "Remove it in all Member States.", **other}


def ordered(author: Account, by: Account, reference: str, *, received: timedelta) -> LegalOrder:
    now, post = datetime.now(UTC), publish(author, f"about {reference}")
    new = NewOrder("eu_terrorist", "Office", reference, "Remove it.", Subject("post", post), now - received)
    return enter_order(new, by=by, now=now)


class TestOrders:
    def test_one_is_entered_read_with_its_case_and_carried_out(self, alice, mia, desk) -> None:
        post = publish(alice, "hello")
        came = datetime.now(UTC) - timedelta(minutes=30)
        entered = desk.post("/admin/orders/", order(post, received=f"{came:%Y-%m-%dT%H:%M}"))
        made = LegalOrder.objects.get()
        assert entered["Location"] == f"/admin/cases/{made.case_id}/"
        assert (made.received_at, len(made.countries)) == (came.replace(second=0, microsecond=0), 27)
        page = text(desk, "orders/")
        assert "Office of Examples" in page
        assert "due in" in page
        case = text(desk, f"cases/{made.case_id}/")
        assert "Remove it in all Member States." in case
        assert "Regulation (EU) 2021/784, Article 3" in case
        assert "Refuse the order" in case

        desk.post(f"/admin/cases/{made.case_id}/claim/")
        form = {"action": "post:removed", "policy": "terror", "version": "1", **WHY}
        desk.post(f"/admin/cases/{made.case_id}/decide/", form)
        assert Statement.objects.get().source == "order"
        assert "carried out" in text(desk, "orders/")

    def test_one_is_refused_with_a_reason(self, alice, mia, desk) -> None:
        case_id = ordered(alice, mia, "R-1", received=timedelta(minutes=1)).case_id
        desk.post(f"/admin/cases/{case_id}/claim/")
        form = {"action": "dismiss", "version": "1"}
        assert desk.post(f"/admin/cases/{case_id}/decide/", form).status_code == 422
        form["explanation"] = "It is a newspaper's report of the attack."
        desk.post(f"/admin/cases/{case_id}/decide/", form)
        page = text(desk, "orders/")
        assert ("refused" in page, "carried out" in page) == (True, False)
        case = text(desk, f"cases/{case_id}/")
        assert "It is a newspaper&#x27;s report of the attack." in case
        assert not Statement.objects.exists()

    def test_what_waits_stands_first_the_most_urgent_of_it_before_the_others(self, alice, mia, desk) -> None:
        answered = ordered(alice, mia, "R-answered", received=timedelta(hours=3))
        Case.objects.filter(pk=answered.case_id).update(state="decided", outcome="upheld")
        ordered(alice, mia, "R-later", received=timedelta(minutes=5))
        ordered(alice, mia, "R-late", received=timedelta(hours=2))
        page = text(desk, "orders/")
        assert [page.count(name) for name in ("late by", "due in", "carried out")] == [1, 1, 1]
        assert page.index("R-late<") < page.index("R-later<") < page.index("R-answered<")

    def test_what_it_does_not_say_comes_back_with_the_form(self, alice, desk) -> None:
        post = publish(alice, "hello")
        for more, status, sentence in (
            ({"about": "@nobody"}, 422, "that is there"),
            ({"about": "12345"}, 404, ""),
            ({"kind": "court"}, 422, "Law has 0 characters"),
            ({"kind": "whim"}, 422, "Kind must be one of"),
            ({"received": "2026-13-45T00:00"}, 422, "is no moment, such as"),
            ({"countries": "Germany"}, 422, "no country code"),
        ):
            answer = desk.post("/admin/orders/", order(post, **more))
            page = answer.content.decode()
            assert (answer.status_code, sentence in page) == (status, True), more
            assert "Remove it in all Member States." in page, more
        assert not Case.objects.exists()
        desk.post("/admin/orders/", order(post))
        again = desk.post("/admin/orders/", order(post))
        assert (again.status_code, "was entered before" in again.content.decode()) == (409, True)


class TestSeals:
    def test_two_people_seal_and_nobody_is_told_before_its_end(self, alice, mia, desk) -> None:
        case_id = ordered(alice, mia, "R-1", received=timedelta(minutes=1)).case_id
        until = datetime.now(UTC) + timedelta(days=10)
        form = {"case": str(case_id), "basis": "terror_order", "reference": "Article 11(3), R-1",
                "until": f"{until:%Y-%m-%dT%H:%M}"}  # fmt: skip
        assert f'value="{case_id}"' in text(desk, f"orders/seals/?case={case_id}")
        assert desk.post("/admin/orders/seals/", form).status_code == 302
        step = SealStep.objects.get()
        confirm = f"/admin/orders/seals/{step.pk}/confirm/"
        assert confirm not in text(desk, "orders/seals/")
        assert desk.post(confirm).status_code == 403
        assert "sealed until" not in text(desk, f"cases/{case_id}/")

        noor = desk_of(moderator("noor"))
        assert confirm in text(noor, "orders/seals/")
        assert "<strong>1</strong> Seals to confirm" in text(noor, "")
        assert noor.post(confirm).status_code == 302
        assert noor.post(confirm).status_code == 409
        assert "sealed until" in text(desk, f"cases/{case_id}/")
        page = text(desk, "orders/seals/")
        assert page.index("In force") < page.index("Article 11(3), R-1") < page.index("Ended")

        desk.post(f"/admin/cases/{case_id}/claim/")
        decided = {"action": "post:removed", "policy": "terror", "version": "1", **WHY}
        desk.post(f"/admin/cases/{case_id}/decide/", decided)
        statement = Statement.objects.get()
        assert "sealed until" in text(desk, f"log/{statement.decision.pk}/")
        assert notices.deliver(now=until - timedelta(minutes=2)) == 0
        assert notices.deliver(now=until + timedelta(minutes=1)) == 1
        assert statement.notice.sent_at > until

    def test_what_is_no_seal_comes_back_with_the_form(self, alice, mia, desk) -> None:
        case_id = ordered(alice, mia, "R-1", received=timedelta(minutes=1)).case_id
        soon, late = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (2, 90))
        fine = {"case": str(case_id), "basis": "court_order", "reference": "2 B 17/26", "until": soon}
        for more, status, sentence in (
            ({"case": "one"}, 422, "is no number of a case"),
            ({"case": "12345"}, 404, ""),
            ({"basis": "bank_hit"}, 422, "Basis must be one of"),
            ({"reference": ""}, 422, "Reference has 0 characters"),
            ({"until": ""}, 422, "until when"),
            ({"until": late}, 422, "84 days"),
        ):
            answer = desk.post("/admin/orders/seals/", {**fine, **more})
            assert (answer.status_code, sentence in answer.content.decode()) == (status, True), more
        assert not SealStep.objects.exists()


class TestAtTheDoor:
    @pytest.fixture
    def appeal(self, db) -> DoorAppeal:
        address = tickets.address_of(rule="calls for death", version=1, field="bio", text="Essex is a town")
        token = address.rpartition("/door/")[2]
        file_appeal(token, text="It is a county.", email="", language="en", now=datetime.now(UTC))
        return DoorAppeal.objects.get()

    def test_a_refusal_that_was_wrong_lets_the_words_in(self, appeal, mia, desk) -> None:
        path = f"appeals/door/{appeal.pk}/"
        assert f"/admin/{path}" in text(desk, "appeals/door/")
        assert "Essex" not in text(desk, "appeals/door/")
        page = text(desk, path)
        assert '<details class="cover" data-cover>' in page
        assert "Essex is a town" in page
        assert "It is a county." in page
        for form, sentence in (
            ({"outcome": "overturn", "answer": "yes"}, "answer has 3 characters; it needs 20"),
            ({"answer": ANSWER}, "say whether"),
        ):
            refused = desk.post(f"/admin/{path}", form)
            assert (refused.status_code, sentence in refused.content.decode()) == (422, True)
        assert ANSWER in desk.post(f"/admin/{path}", {"answer": ANSWER}).content.decode()

        form = {"outcome": "overturn", "answer": ANSWER}
        assert desk.post(f"/admin/{path}", form)["Location"] == "/admin/appeals/door/"
        appeal.refresh_from_db()
        assert (appeal.state, appeal.decided_by_id) == ("overturned", mia.id)
        assert DoorException.objects.get().appeal_id == appeal.pk
        assert desk.post(f"/admin/{path}", form).status_code == 409
        listed = text(desk, "appeals/door/")
        assert listed.index("Answered") < listed.index(f"/admin/{path}")
        assert "The words are let in" in listed
        assert ANSWER in text(desk, path)

    def test_one_that_was_right_stands(self, appeal, mia, desk) -> None:
        form = {"outcome": "uphold", "answer": ANSWER}
        desk.post(f"/admin/appeals/door/{appeal.pk}/", form)
        appeal.refresh_from_db()
        assert (appeal.state, DoorException.objects.exists()) == ("upheld", False)
        assert desk.get("/admin/appeals/door/12345/").status_code == 404


def test_crisis_mode_begins_with_a_reason_is_seen_everywhere_and_ends(mia, desk) -> None:
    assert "Crisis mode is off." in text(desk, "crisis/")
    for because, hours, sentence in (
        ("short", "24", "the reason has 5 characters"),
        ("So much comes in.", "73", "73 hours; crisis mode lasts 1 to 72"),
        ("So much comes in.", "many", "lasts 1 to 72"),
    ):
        refused = desk.post("/admin/crisis/", {"because": because, "hours": hours})
        assert (refused.status_code, sentence in refused.content.decode()) == (422, True), sentence
        assert because in refused.content.decode()
    assert desk.post("/admin/crisis/end/").status_code == 409

    desk.post("/admin/crisis/", {"because": "So much <b>comes</b> in.", "hours": "24"})
    assert Crisis.objects.get().begun_by_id == mia.id
    for path in ("", "queue/", "crisis/"):
        page = text(desk, path)
        assert "Crisis mode is on, until" in page, path
        assert "So much &lt;b&gt;comes&lt;/b&gt; in." in page, path
    again = desk.post("/admin/crisis/", {"because": "So much comes in.", "hours": "24"})
    assert (again.status_code, "on already" in again.content.decode()) == (409, True)

    assert desk.post("/admin/crisis/end/").status_code == 302
    assert "Crisis mode is on" not in text(desk, "queue/")
    assert "So much" in text(desk, "crisis/")


def test_these_lists_cost_the_same_whatever_waits(alice, dave, mia, desk) -> None:
    paths = ("", "orders/", "orders/seals/", "appeals/door/", "crisis/")

    def costs() -> list[int]:
        counted = []
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                text(desk, path)
            counted.append(len(captured))
        return counted

    def more(number: int) -> None:
        case_id = ordered(alice, mia, f"R-{number}", received=timedelta(minutes=number)).case_id
        until = datetime.now(UTC) + timedelta(days=1)
        form = {
            "case": str(case_id),
            "basis": "court_order",
            "reference": "2 B 17/26",
            "until": until.isoformat(),
        }
        assert desk.post("/admin/orders/seals/", form).status_code == 302
        noor = desk_of(moderator("noor"))
        if number % 2:
            noor.post(f"/admin/orders/seals/{SealStep.objects.latest('id').pk}/confirm/")
        address = tickets.address_of(rule="calls for death", version=1, field="bio", text=f"words {number}")
        token = address.rpartition("/door/")[2]
        file_appeal(token, text="They are fine.", email="", language="en", now=datetime.now(UTC))
        if number % 2:
            form = {"outcome": "uphold", "answer": ANSWER}
            noor.post(f"/admin/appeals/door/{DoorAppeal.objects.latest('id').pk}/", form)

    for number in (1, 2):
        more(number)
    before = costs()
    for number in (3, 4, 5, 6):
        more(number)
    reported(alice, dave, "another")
    assert costs() == before
