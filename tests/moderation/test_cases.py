"""Reports become cases, cases are one person's for a while, appeals somebody else's; reporters are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from moderation import queue, tasks, triage
from moderation.models import Appeal, Case, CaseEvent, Evidence, Report
from moderation.operations import appeals, cases, claims
from moderation.operations.cases import Wish
from moderation.operations.claims import LostClaim
from moderation.operations.decide import AlreadySo
from moderation.operations.interest import ConflictOfInterest
from moderation.operations.report import Complaint, file_report
from moderation.states import OutOfOrder
from moderation.subjects import Subject
from moderation.triage import Factors, Reporter
from tests.people import client_of, crowd, make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Notification, OwedMail, Restriction
from upscrolled.operations.relationships import follow
from upscrolled.operations.staffing import appoint

NOW = datetime.now(UTC)
ANSWER = "The post quotes the insult in order to condemn it, which is allowed."
db = pytest.mark.django_db


def report(reporter, post: int, author, reason: str = "hate", now: datetime = NOW) -> Report:
    complaint = Complaint(target_id=author.id, post_ids=[post], reason=reason)
    return file_report(reporter=reporter, complaint=complaint, now=now)


def removal(post: int) -> Wish:
    return Wish(Subject("post", post), "removed", "hate", REASONS)


@db
class TestReports:
    def test_all_reports_of_a_post_are_one_case_with_the_evidence_frozen(self, alice, bob, dave) -> None:
        post = publish(alice, "what was said")
        for reporter in (bob, dave):
            report(reporter, post, alice)

        case = Case.objects.get()
        assert (case.subject_id, case.account_id, case.policy, case.lane) == (
            post,
            alice.id,
            "hate",
            "ordinary",
        )
        client_of(alice).put(f"/api/v1/statuses/{post}", {"status": "something harmless"})
        report(make_account("erin"), post, alice)
        texts = Evidence.objects.filter(case=case).order_by("id").values_list("content__text", flat=True)
        assert list(texts) == ["what was said", "something harmless"]

    def test_a_report_costs_four_statements_and_to_join_a_case_six(self, alice, bob, dave) -> None:
        post, costs = publish(alice, "hello"), []
        for person in (dave, bob):
            with CaptureQueriesContext(connection) as asked:
                report(person, post, alice)
            costs.append(len([each for each in asked.captured_queries if "SAVEPOINT" not in each["sql"]]))
        assert costs == [4, 6]

    def test_the_reporter_is_told_on_receipt_and_on_the_outcome(self, alice, bob, dave) -> None:
        post = publish(alice, "hello")
        report(dave, post, alice)
        assert told(dave) == [("upscrolled.report", "received")]

        held = claims.next_case(by=moderator(), now=NOW)
        cases.decide_case(held, removal(post), by=moderator(), now=NOW)
        for _ in range(2):
            tasks.tell_reporters()

        assert told(dave) == [("upscrolled.report", "upheld")]
        (mail,) = OwedMail.objects.filter(to=dave.email)
        assert "broke our rules" in mail.facts["body"]
        (mine,) = client_of(dave).get("/api/v1/upscrolled/reports").json()
        assert (mine["outcome"], mine["reason"]) == ("upheld", "hate")

    def test_nobody_learns_who_reported(self, alice, dave) -> None:
        post = publish(alice, "hello")
        report(dave, post, alice)
        held = claims.next_case(by=moderator(), now=NOW)
        recorded = cases.decide_case(held, removal(post), by=moderator(), now=NOW)
        tasks.carry_out(decision_id=recorded.decision_id)

        client = client_of(alice)
        for path in (
            "/api/v1/notifications",
            "/api/v1/upscrolled/standing",
            f"/api/v1/upscrolled/statements/{recorded.statement_id}",
            "/api/v1/upscrolled/reports",
        ):
            answer = client.get(path)
            assert answer.status_code == 200
            assert str(dave.id) not in answer.content.decode()
            assert "dave" not in answer.content.decode()

    def test_what_makes_no_sense_is_refused(self, alice, bob) -> None:
        post = publish(alice, "hello")
        for complaint in (
            Complaint(target_id=alice.id, comment="x" * 1_001),
            Complaint(target_id=alice.id, reason="boredom"),
            Complaint(target_id=bob.id, post_ids=[post]),
            Complaint(target_id=bob.id),
        ):
            with pytest.raises(Invalid):
                file_report(reporter=bob, complaint=complaint, now=NOW)
        with pytest.raises(NotFound):
            file_report(reporter=bob, complaint=Complaint(hashtag="never"), now=NOW)

    def test_a_hashtag_is_reported_and_its_decision_is_public(self, client_of, alice, bob) -> None:
        publish(alice, "hello #Badword")
        body = {"upscrolled": {"hashtag": "#badword", "reason": "hate"}}
        assert client_of(bob).post("/api/v1/reports", body).status_code == 200
        case = Case.objects.get(subject_kind="hashtag")
        held = claims.claim(case.pk, by=moderator(), now=NOW)
        wish = Wish(Subject("hashtag", case.subject_id), "hidden_from_discover", "hate", REASONS)
        cases.decide_case(held, wish, by=moderator(), now=NOW)
        assert Restriction.objects.get().subject_kind == "hashtag"


@db
class TestClaims:
    @pytest.fixture
    def post(self, alice, dave) -> int:
        number = publish(alice, "hello")
        report(dave, number, alice)
        return number

    def test_a_case_is_one_persons_until_the_lease_ends(self, post) -> None:
        mia, noor = moderator(), moderator("noor")
        held = claims.next_case(by=mia, now=NOW)
        assert claims.next_case(by=noor, now=NOW) is None
        with pytest.raises(LostClaim):
            claims.claim(held.case_id, by=noor, now=NOW)

        until = claims.heartbeat(held, by=mia, now=NOW + timedelta(minutes=9))
        assert claims.next_case(by=noor, now=NOW + timedelta(minutes=11)) is None
        taken = claims.next_case(by=noor, now=until)
        assert taken.version == held.version + 1
        for verb in (
            lambda: claims.heartbeat(held, by=mia, now=until),
            lambda: cases.decide_case(held, removal(post), by=mia, now=until),
            lambda: cases.dismiss(held, by=mia, reason="fine", now=until),
        ):
            with pytest.raises(LostClaim):
                verb()
        cases.dismiss(taken, by=noor, reason="a quotation", now=until)
        with pytest.raises(OutOfOrder):
            claims.claim(held.case_id, by=mia, now=until)

    def test_who_has_to_do_with_somebody_does_not_get_their_case(self, post, alice) -> None:
        fan, filer, target = moderator("fan"), moderator("filer"), moderator("target")
        follow(alice, by=fan, now=NOW)
        report(filer, post, alice)
        file_report(reporter=alice, complaint=Complaint(target_id=target.id), now=NOW)
        appoint(alice, "senior", because="helps out", now=NOW)
        case = Case.objects.get(subject_id=post)

        for person in (fan, filer, target, alice):
            with pytest.raises(ConflictOfInterest):
                claims.claim(case.pk, by=person, now=NOW)
            held = claims.next_case(by=person, now=NOW)
            assert held is None or held.case_id != case.pk
        with pytest.raises(NotAllowed):
            claims.next_case(by=make_account("nobody"), now=NOW)

    def test_a_skipped_case_goes_to_somebody_else_with_its_reason(self, post) -> None:
        mia, noor = moderator(), moderator("noor")
        held = claims.next_case(by=mia, now=NOW)
        with pytest.raises(Invalid):
            claims.release(held, by=mia, reason=" ", now=NOW)
        claims.release(held, by=mia, reason="I do not read this language", now=NOW, second_opinion=True)

        assert claims.next_case(by=mia, now=NOW) is None
        assert claims.next_case(by=noor, now=NOW).case_id == held.case_id
        kinds = CaseEvent.objects.order_by("id").values_list("kind", flat=True)
        assert list(kinds) == ["opened", "claimed", "second opinion", "claimed"]

    def test_a_hold_ends_when_a_person_has_looked(self, post, alice, bob) -> None:
        from moderation.operations.decide import decide

        decide(Wish(Subject("post", post), "hold", "hate", REASONS), by=None, now=NOW - timedelta(hours=1))
        assert client_of(bob).get(f"/api/v1/statuses/{post}").status_code == 404
        held = claims.next_case(by=moderator(), now=NOW)
        cases.dismiss(held, by=moderator(), reason="it keeps to the rules", now=NOW)
        assert client_of(bob).get(f"/api/v1/statuses/{post}").status_code == 200


class TestOrder:
    def test_a_brigade_counts_as_about_one(self) -> None:
        one = triage.probability([Reporter(1)])
        thirty = triage.probability([Reporter(number) for number in range(30)])
        ring = [Reporter(n, upheld=3, refused=3, together_with=frozenset(range(30)) - {n}) for n in range(30)]
        assert thirty == one
        assert triage.probability(ring) == triage.probability(ring[:1])
        trusted = [Reporter(n, upheld=9) for n in range(2)]
        assert triage.probability(trusted) > triage.probability(trusted[:1]) > 0.6 > one > triage.BASE_RATE
        assert triage.probability([Reporter(1, refused=20)]) < triage.BASE_RATE

    def test_lanes_of_law_come_first_then_harm_and_nothing_starves(self) -> None:
        def at(lane: str, hours: float, views: float = 1.0) -> float:
            factors = Factors(0.3, 7, views, 1, 0.6, hours)
            return triage.place(lane, factors, NOW + timedelta(hours=hours))

        order = [
            at("life", 5),
            at("dark", 1),
            at("dark", 2),
            at("intimate", 40),
            at("ordinary", 20, views=1_000),
            at("ordinary", -24),
            at("ordinary", 20, views=10),
            at("ordinary", 20),
        ]
        assert at("ordinary", -24 * 8) < at("ordinary", 20, views=1_000) < at("ordinary", -24)
        assert order[:4] == sorted(order[:4])
        assert order[6] < order[7]
        assert max(order[:4]) < min(order[4:])

    @db
    def test_a_brigade_moves_a_case_no_further_than_one_reporter_would(self, alice, bob, dave) -> None:
        one, many = publish(alice, "said once"), publish(alice, "said to a brigade")
        report(bob, one, alice)
        for person in crowd(30, like=dave):
            report(person, many, alice)
        queue.refresh(now=NOW)
        assert Case.objects.filter(subject_id=many).count() == 1
        probabilities = dict(Case.objects.values_list("subject_id", "factors__probability"))
        assert probabilities[one] == probabilities[many]

    @db
    def test_where_more_wait_than_are_placed_at_once_each_has_its_turn(self, alice, bob) -> None:
        for n in range(6):
            report(bob, publish(alice, f"post {n}"), alice)
        Case.objects.update(factors={})
        for minute in range(6):
            assert queue.refresh(now=NOW + timedelta(minutes=minute), at_most=2) <= 2
        assert Case.objects.filter(factors__has_key="probability").count() == 6

    @db
    def test_a_sample_of_what_nobody_reported_keeps_its_chance(self, alice) -> None:
        for n in range(5):
            publish(alice, f"post {n}", now=NOW)
        assert queue.sample(wanted=50, now=NOW) == 5
        case = Case.objects.filter(lane="sample").first()
        assert case.inclusion_probability == 1.0
        assert queue.sample(wanted=50, now=NOW) == 0


@db
class TestAppeals:
    @pytest.fixture
    def removed(self, alice, dave):
        post = publish(alice, "hello")
        filed = report(dave, post, alice, now=NOW - timedelta(hours=2))
        held = claims.next_case(by=moderator(), now=NOW - timedelta(hours=1))
        recorded = cases.decide_case(held, removal(post), by=moderator(), now=NOW - timedelta(hours=1))
        tasks.carry_out(decision_id=recorded.decision_id)
        return post, recorded, filed

    def test_another_person_overturns_and_everything_is_restored(self, alice, bob, removed) -> None:
        post, recorded, _ = removed
        mia, noor = moderator(), moderator("noor")
        filed = client_of(alice).post(
            f"/api/v1/upscrolled/statements/{recorded.statement_id}/appeal",
            {"text": "I quoted it to condemn it."},
        )
        assert filed.status_code == 200, filed.content
        number = int(filed.json()["id"])
        with pytest.raises(appeals.SamePerson):
            appeals.claim_appeal(number, by=mia, now=NOW)
        held = appeals.claim_appeal(number, by=noor, now=NOW)
        with pytest.raises(Invalid):
            appeals.overturn(held, by=noor, answer="ok", now=NOW)

        appeals.overturn(held, by=noor, answer=ANSWER, now=NOW)
        tasks.tell_reporters()

        assert client_of(bob).get(f"/api/v1/statuses/{post}").status_code == 200
        standing = client_of(alice).get("/api/v1/upscrolled/standing").json()
        assert (standing["weight"], standing["in_force"]) == (0, [])
        assert [(one["state"], one["answer"]) for one in standing["appeals"]] == [("overturned", ANSWER)]
        warning = client_of(alice).get("/api/v1/notifications").json()[0]["moderation_warning"]
        assert warning["appeal"] == {"text": "I quoted it to condemn it.", "state": "approved"}

    def test_one_that_is_upheld_leaves_things_as_they_are(self, alice, bob, removed) -> None:
        post, recorded, _ = removed
        filed = appeals.appeal_decision(recorded.statement_id, by=alice, text="Why?", now=NOW)
        noor = moderator("noor")
        held = appeals.claim_appeal(filed.pk, by=noor, now=NOW)
        appeals.uphold(held, by=noor, answer=ANSWER, now=NOW)
        assert client_of(bob).get(f"/api/v1/statuses/{post}").status_code == 404
        with pytest.raises(Conflict):
            appeals.appeal_decision(recorded.statement_id, by=alice, text="Why, again?", now=NOW)

    def test_it_is_for_whom_it_concerns_and_for_six_months(self, alice, bob, removed) -> None:
        _, recorded, _ = removed
        with pytest.raises(NotFound):
            appeals.appeal_decision(recorded.statement_id, by=bob, text="Why?", now=NOW)
        with pytest.raises(Invalid):
            appeals.appeal_decision(recorded.statement_id, by=alice, text=" ", now=NOW)
        with pytest.raises(Conflict, match="184 days"):
            appeals.appeal_decision(
                recorded.statement_id, by=alice, text="Why?", now=NOW + timedelta(days=185)
            )

    def test_a_reporter_whose_report_was_refused_gets_a_second_look(self, alice, bob, dave) -> None:
        post = publish(alice, "hello")
        filed = report(dave, post, alice)
        held = claims.next_case(by=moderator(), now=NOW)
        cases.dismiss(held, by=moderator(), reason="a quotation", now=NOW)
        tasks.tell_reporters()
        assert told(dave) == [("upscrolled.report", "refused")]
        mailed = OwedMail.objects.get(to=dave.email)
        page = "/notice/" + mailed.facts["body"].rpartition("/notice/")[2]
        assert "Your report" in Client().get(page).content.decode()

        assert Client().post(page, {"text": "Look again."}).status_code == 302
        again = client_of(dave).post(f"/api/v1/upscrolled/reports/{filed.pk}/appeal", {"text": "And again."})
        assert again.status_code == 409
        number = Appeal.objects.get(account=dave).pk
        with pytest.raises(appeals.SamePerson):
            appeals.claim_appeal(number, by=moderator(), now=NOW)
        noor = moderator("noor")
        second = appeals.claim_appeal(number, by=noor, now=NOW)
        appeals.overturn(second, by=noor, answer="It is no quotation; somebody looks at it again.", now=NOW)
        assert list(Case.objects.order_by("id").values_list("state", flat=True)) == ["decided", "open"]


@db
def test_a_suspended_person_reads_why_and_appeals(client_of, alice, bob) -> None:
    from moderation.operations.decide import decide

    wish = Wish(Subject("account", alice.id), "account_suspended", "hate", REASONS)
    recorded = decide(wish, by=moderator(), now=NOW)
    with pytest.raises(AlreadySo):
        decide(wish, by=moderator(), now=NOW)
    client = client_of(alice)

    assert client.get("/api/v1/timelines/home").status_code == 403
    standing = client.get("/api/v1/upscrolled/standing").json()
    assert standing["suspended"] is True
    assert standing["in_force"][0]["facts"] == REASONS.facts
    path = f"/api/v1/upscrolled/statements/{recorded.statement_id}"
    assert client.get(path).json()["read_at"] is None
    assert client.get(path).json()["read_at"] is not None
    assert client_of(bob).get(path).status_code == 404
    assert client.post(f"{path}/appeal", {"text": "I did not say that."}).status_code == 200


@db
def test_the_standing_costs_a_fixed_number_of_statements(client_of, alice, django_assert_num_queries) -> None:
    from moderation.operations.decide import decide

    client = client_of(alice)
    for n in range(2):
        decide(
            Wish(Subject("post", publish(alice, f"post {n}")), "removed", "hate", REASONS),
            by=moderator(),
            now=NOW,
        )
    client.get("/api/v1/upscrolled/standing")
    with django_assert_num_queries(11):
        client.get("/api/v1/upscrolled/standing")
    for n in range(5):
        decide(
            Wish(Subject("post", publish(alice, f"more {n}")), "removed", "hate", REASONS),
            by=moderator(),
            now=NOW,
        )
    with django_assert_num_queries(11):
        client.get("/api/v1/upscrolled/standing")


def told(person) -> list[tuple[str, str]]:
    """What a reporter is told, by an application that asks for it; no other sees a type that it does not know."""
    unasked = client_of(person).get("/api/v1/notifications").json()
    groups = client_of(person).get("/api/v2/notifications").json()["notification_groups"]
    count = client_of(person).get("/api/v1/notifications/unread_count").json()["count"]
    assert (unasked, groups, count) == ([], [], 0)
    shown = client_of(person).get("/api/v1/notifications", {"types[]": "upscrolled.report"}).json()
    assert Notification.objects.filter(recipient=person, kind="report").count() == len(shown)
    return [(one["type"], one["upscrolled"]["report"]["outcome"]) for one in shown]
