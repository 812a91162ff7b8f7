"""Beyond single reports: many at once, cases that nobody reported, sign-ups, like rings."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from feed.queries import rings
from moderation import notices
from moderation.models import Case, CaseEvent, Decision, LogEntry, Report, Statement
from moderation.operations import sealing
from tests.desks import desk_of, reported
from tests.people import crowd, make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account, Restriction
from upscrolled.operations.relationships import follow

pytestmark = pytest.mark.django_db
WHY = {"facts": REASONS.facts, "explanation": REASONS.explanation, "policy": "spam"}
COPY = "Cheap followers for everybody, only today, click the address in my profile."


class TestTogether:
    def test_near_copies_are_tried_decided_and_taken_back_together(self, alice, bob, dave, mia, desk) -> None:
        (case,) = {reported(author, dave, COPY, "spam") for author in (alice, alice, bob)}
        posts = [post for named in Report.objects.values_list("post_ids", flat=True) for post in named]
        beside = publish(bob, "not reported by anybody")
        page = desk.get(f"/admin/cases/{case.pk}/").content.decode()
        assert "Near copies in this case: 2" in page
        form = desk.get(f"/admin/together/?like={case.pk}").content.decode()
        assert all(str(post) in form for post in posts)

        about = "\n".join(
            [*(f"https://upscrolled.example/@x/{post}" for post in posts), str(beside), "@nobody"]
        )
        form = {"about": about, "action": "removed", **WHY}
        tried = desk.post("/admin/together/", form).content.decode()
        for part in (
            "Decisions: 4. People told: 2.",
            "@nobody",
            "Statement of reasons",
            "Decide all of it: 4",
        ):
            assert part in tried, part
        assert not Decision.objects.exists()

        sent = desk.post("/admin/together/", {**form, "step": "send"})
        bulk = Decision.objects.values_list("bulk", flat=True).distinct().get()
        assert sent["Location"] == f"/admin/together/{bulk}/"
        assert Statement.objects.filter(account=alice).count() == 2
        assert set(Case.objects.values_list("state", "outcome")) == {("decided", "upheld")}
        answered = dict(Decision.objects.values_list("subject_id", "case_id"))
        own = Case.objects.get(source="own")  # what nobody reported: an appeal against it has a case too
        assert answered == {**dict.fromkeys(posts, case.pk), beside: own.pk}
        assert list(own.events.order_by("id").values_list("kind", flat=True)) == [
            *("opened", "came across", "claimed", "decided")
        ]
        told = [json.loads(data) for data in LogEntry.objects.values_list("data", flat=True)]
        assert sorted(entry["source"] for entry in told) == ["own_initiative", *["report"] * 3]
        clocks = [(entry["lane"], entry["took"] is not None, entry["in_time"]) for entry in told]
        assert sorted(clocks, key=str) == [("", False, None), *[("ordinary", True, True)] * 3]
        assert set(Report.objects.values_list("outcome", flat=True)) == {"upheld"}
        assert "in force: 4 of 4" in desk.get(f"/admin/together/{bulk}/").content.decode()

        assert desk.post(f"/admin/together/{bulk}/", {"because": "oops"}).status_code == 422
        assert (
            desk.post(
                f"/admin/together/{bulk}/", {"because": "The filter caught what it should not have."}
            ).status_code
            == 302
        )
        assert "in force: 0 of 4" in desk.get(f"/admin/together/{bulk}/").content.decode()
        assert not Restriction.objects.filter(ends_at=None).exists()

    def test_what_is_not_for_this_moderator_is_named_and_left(self, alice, bob, dave, mia, desk) -> None:
        follow(alice, by=mia, now=datetime.now(UTC))
        held = reported(bob, dave, COPY, "spam")
        tried = desk.post("/admin/together/", {"about": str(held.subject_id), "action": "warn", **WHY})
        assert "Somebody reported it." in tried.content.decode()
        desk_of(moderator("noor")).post(f"/admin/cases/{held.pk}/claim/")
        form = {"about": f"@alice\n{held.subject_id}\n@mia\n@DAVE", "action": "warn", **WHY}
        tried = desk.post("/admin/together/", form).content.decode()
        assert "Decisions: 1. People told: 1." in tried
        desk.post("/admin/together/", {**form, "step": "send"})
        decision = Decision.objects.get()
        assert (decision.subject_kind, decision.subject_id) == ("account", dave.id)

    def test_an_order_is_left_to_its_case_and_a_notice_is_named(self, alice, bob, dave, mia, desk) -> None:
        ordered, noticed = reported(alice, dave, "one"), reported(bob, dave, "another")
        Case.objects.filter(pk=ordered.pk).update(source="order")
        Case.objects.filter(pk=noticed.pk).update(source="notice")
        form = {"about": f"{ordered.subject_id}\n{noticed.subject_id}", "action": "removed", **WHY}
        assert "Decisions: 1." in desk.post("/admin/together/", form).content.decode()
        sent = desk.post("/admin/together/", {**form, "step": "send"}).content.decode()
        assert "An authority ordered this" in sent
        assert Statement.objects.get().source == "notice"
        assert Case.objects.exclude(state="decided").get() == ordered

    def test_each_answers_its_own_case_and_a_seal_of_one_holds(self, alice, bob, dave, mia, desk) -> None:
        sealed, late = reported(alice, dave, "one thing"), reported(bob, dave, "quite another")
        now = datetime.now(UTC)
        Case.objects.filter(pk=late.pk).update(deadline=now - timedelta(hours=1))
        facts = {"basis": "court_order", "reference": "2 B 17/26", "until": now + timedelta(days=2)}
        step = sealing.propose(sealed.pk, **facts, by=moderator("noor"), now=now)
        sealing.confirm(step.pk, by=moderator("lea"), now=now)
        form = {"about": f"{sealed.subject_id}\n{late.subject_id}", "action": "removed", **WHY}
        desk.post("/admin/together/", {**form, "step": "send"})
        assert set(Decision.objects.values_list("subject_id", "case_id")) == {
            (case.subject_id, case.pk) for case in (sealed, late)
        }
        told = [json.loads(data)["in_time"] for data in LogEntry.objects.values_list("data", flat=True)]
        assert sorted(told) == [False, True]
        assert notices.deliver(now=now + timedelta(days=1)) == 1
        assert Statement.objects.get(account=alice).notice.sent_at is None

    def test_a_form_that_says_nothing_comes_back(self, alice, desk) -> None:
        for form, sentence in (
            ({"about": "", "action": "warn", **WHY}, "name at least one"),
            ({"about": "@alice", "action": "", **WHY}, "Action must be one of"),
            ({"about": "@alice", "action": "warn", **WHY, "facts": "no"}, "facts has 2 characters"),
            ({"about": "@alice", "action": "warn", **WHY, "days": "many"}, "a number from 1 to"),
            (
                {"about": "\n".join(map(str, range(1, 202))), "action": "removed", **WHY},
                "at most 200 at once",
            ),
        ):
            answer = desk.post("/admin/together/", form)
            assert (answer.status_code, sentence in answer.content.decode()) == (422, True), form
        assert desk.get("/admin/together/00000000-0000-0000-0000-000000000000/").status_code == 404

    def test_the_dark_lane_asks_for_the_second_factor_again(self, alice, dave, mia) -> None:
        case = reported(alice, dave, "something terrible", "terror")
        form = {"about": str(case.subject_id), "action": "removed", **WHY}
        stale = desk_of(mia, proven=3_600).post("/admin/together/", form)
        assert (stale.status_code, Case.objects.get().state) == (302, "open")


class TestWithoutAReport:
    def test_a_moderator_opens_a_case_and_holds_it(self, alice, mia, desk) -> None:
        post = publish(alice, "They are vermin.")
        form = {"about": f"/@alice/{post}", "policy": "hate", "because": "seen in discover"}
        opened = desk.post("/admin/cases/open/", form)
        case = Case.objects.get()
        assert opened["Location"] == f"/admin/cases/{case.pk}/"
        assert (case.source, case.state, case.claimed_by_id, case.subject_id) == (
            "own",
            "claimed",
            mia.id,
            post,
        )
        assert CaseEvent.objects.filter(case=case, actor=mia, reason="seen in discover").exists()
        assert "came across it" in desk.get(opened["Location"]).content.decode()

        decided = {"action": "post:removed", "version": str(case.version), **WHY}
        desk.post(f"/admin/cases/{case.pk}/decide/", decided)
        assert Statement.objects.get().source == "own_initiative"

    def test_what_is_not_there_or_not_for_them_is_refused(self, alice, mia, desk) -> None:
        follow(alice, by=mia, now=datetime.now(UTC))
        for about, because, status in (
            ("@nobody", "seen", 422),
            ("12345", "seen", 404),
            ("@alice", "x", 422),
            ("@alice", "seen in discover", 403),
        ):
            form = {"about": about, "policy": "hate", "because": because}
            assert desk.post("/admin/cases/open/", form).status_code == status, about
        assert (
            desk.post(
                "/admin/cases/open/", {"about": "@alice", "policy": "boredom", "because": "seen"}
            ).status_code
            == 422
        )
        assert not Case.objects.exists()


class TestSignUps:
    @pytest.fixture
    def newcomers(self) -> list[Account]:
        made = []
        for name in ("wanda", "willem"):
            account = make_account(name, confirmed=False)
            Account.objects.filter(pk=account.pk).update(awaits_approval=True, sign_up_reason=f"I am {name}.")
            EmailAddress.objects.update_or_create(
                user=account, email=account.email, defaults={"verified": True}
            )
            made.append(account)
        return made

    def test_somebody_is_let_in_and_somebody_turned_away_with_a_reason(self, newcomers, desk) -> None:
        wanda, willem = newcomers
        page = desk.get("/admin/people/waiting/").content.decode()
        assert "I am wanda." in page
        assert page.index("@wanda") < page.index("@willem")

        assert desk.post(f"/admin/people/{wanda.pk}/let_in/").status_code == 302
        wanda.refresh_from_db()
        assert (wanda.awaits_approval, wanda.is_confirmed) == (False, True)
        assert desk.post(f"/admin/people/{wanda.pk}/let_in/").status_code == 403

        assert desk.post(f"/admin/people/{willem.pk}/turn_away/", {"because": " "}).status_code == 403
        assert (
            desk.post(
                f"/admin/people/{willem.pk}/turn_away/", {"because": "We know nothing of you."}
            ).status_code
            == 302
        )
        assert not Account.objects.filter(pk=willem.pk).exists()
        assert "Nobody waits." in desk.get("/admin/people/waiting/").content.decode()


def test_like_rings_are_shown_to_be_judged_and_nothing_happens(alice, desk) -> None:
    posts = [publish(alice, f"post {number}") for number in range(rings.COMMON_LEAST)]
    ring = crowd(3, like=alice)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO feed_like (post_id, account_id, created_at) "
            "SELECT p, a, now() FROM unnest(%(posts)s::bigint[]) AS p, unnest(%(people)s::bigint[]) AS a",
            {"posts": posts, "people": [account.pk for account in ring]},
        )
    assert "@crowd1" not in desk.get("/admin/people/rings/").content.decode()
    page = desk.get("/admin/people/rings/?look=1").content.decode()
    assert "Accounts: 3; likes in common: 100%" in page
    assert "/admin/together/?about=%40crowd1%0A%40crowd2%0A%40crowd3" in page
    assert not Decision.objects.exists()
