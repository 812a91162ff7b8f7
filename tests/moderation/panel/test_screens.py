"""Every screen of the panel: who comes in, what a form does, and how many statements it costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feed.models import PostMedia
from moderation import tasks, triage
from moderation.models import Appeal, Case, CaseEvent, Decision, Exposure, Report
from moderation.operations import appeals, cases, claims
from moderation.operations.decide import Wish, decide
from moderation.operations.report import Complaint, file_report
from moderation.panel import shown
from moderation.panel.gate import POLICY
from moderation.panel.site import POLICY as RECORDS_POLICY
from moderation.panel.words import LANGUAGES
from moderation.subjects import Subject
from tests.appscreens import totp
from tests.browser import Browser
from tests.desks import desk_of, reported
from tests.people import PASSWORD, make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account, MediaAttachment, Restriction

pytestmark = pytest.mark.django_db
SCREENS = (
    "",
    "queue/",
    "together/",
    "appeals/",
    "appeals/door/",
    "orders/",
    "orders/seals/",
    "crisis/",
    "log/",
    "policies/",
    "rules/",
    "people/",
    "people/waiting/",
    "people/rings/?look=1",
    "places/",
    "figures/",
)
CHANGES = ("rules/mode/", "rules/rehearse/", "places/change/", "figures/lift/")  # for administrators
SCRIPT = {"accept": "application/json"}
REMEMBERED = ("rules/", "places/")  # a part of these is read once a minute at the most
# Statements of each of the other screens, of which three find out who asks.
COSTS = {
    "": 10,
    "queue/": 6,
    "together/": 5,
    "appeals/": 5,
    "appeals/door/": 5,
    "orders/": 6,
    "orders/seals/": 6,
    "crisis/": 5,
    "log/": 4,
    "policies/": 4,
    "people/": 4,
    "people/waiting/": 4,
    "people/rings/?look=1": 8,
    "figures/": 4,
    "cases/*/": 21,
    "appeals/*/": 7,
    "log/*/": 4,
    "people/*/": 7,
}
REASONING = {"facts": REASONS.facts, "explanation": REASONS.explanation}


@pytest.fixture
def case(alice, dave) -> Case:
    return reported(alice, dave, "They are <b>vermin</b>, all of them.")


def addresses(case: Case, by: Account) -> list[str]:
    now = datetime.now(UTC)
    made = decide(Wish(Subject("post", case.subject_id), "sensitive", "hate", REASONS), by=by, now=now)
    appeal = appeals.appeal_decision(
        made.statement_id, by=Account.objects.get(pk=case.account_id), text="It is a quotation.", now=now
    )
    mine = (
        f"cases/{case.pk}/",
        f"appeals/{appeal.pk}/",
        f"log/{made.decision_id}/",
        f"people/{case.account_id}/",
    )
    return [f"/admin/{path}" for path in (*SCREENS, *mine)]


class TestWhoComesIn:
    def test_staff_with_a_second_factor_and_nobody_else(self, case, mia, admin, bob) -> None:
        paths = addresses(case, make_account("noor", role="moderator"))
        for path in paths:
            anonymous = Client().get(path)
            assert (anonymous.status_code, anonymous["Location"].split("?")[0]) == (
                302,
                "/accounts/login/",
            ), path
            assert desk_of(bob).get(path).status_code == 403, path
            for staff in (mia, admin):
                shown = desk_of(staff).get(path)
                assert shown.status_code == 200, path
                assert shown["Content-Security-Policy"] == POLICY
                assert "no-store" in shown["Cache-Control"]
                once = desk_of(staff, proven=None).get(path)
                assert (once.status_code, once["Location"].split("?")[0]) == (
                    302,
                    "/accounts/2fa/totp/activate/",
                )

    def test_what_writes_asks_the_same(self, case, mia, bob) -> None:
        for path in ("queue/next/", "cases/open/", f"cases/{case.pk}/claim/", f"cases/{case.pk}/decide/",
                     f"cases/{case.pk}/undo/", f"people/{mia.pk}/let_in/", f"people/{mia.pk}/turn_away/",
                     "orders/seals/1/confirm/", "crisis/end/", *CHANGES):  # fmt: skip
            assert Client().post(f"/admin/{path}").status_code == 302, path
            assert desk_of(bob).post(f"/admin/{path}").status_code == 403, path
            refused = 403 if path in CHANGES else 302
            assert desk_of(mia, proven=None).post(f"/admin/{path}").status_code == refused, path
            assert desk_of(mia).get(f"/admin/{path}").status_code == 405, path
        for path in CHANGES:
            assert desk_of(mia).post(f"/admin/{path}").status_code == 403, path
        assert Client(enforce_csrf_checks=True).post("/admin/queue/next/").status_code == 403
        case.refresh_from_db()
        assert case.state == "open"

    def test_a_suspended_moderator_stays_outside(self, mia, admin) -> None:
        now = datetime.now(UTC) - timedelta(hours=1)
        decide(Wish(Subject("account", mia.id), "account_suspended", "hate", REASONS), by=admin, now=now)
        assert desk_of(mia).get("/admin/queue/").status_code == 403

    def test_records_are_for_administrators_to_read(self, mia, admin, bob) -> None:
        for path in ("", "moderation/policyversion/", "upscrolled/place/"):
            shown = desk_of(admin).get(f"/admin/records/{path}")
            assert (shown.status_code, shown["Content-Security-Policy"]) == (200, RECORDS_POLICY), path
            assert "<script>" not in shown.content.decode(), path
            assert desk_of(mia).get(f"/admin/records/{path}", follow=True).status_code == 403, path
            assert desk_of(bob).get(f"/admin/records/{path}", follow=True).status_code == 403, path
        assert desk_of(admin).get("/admin/records/moderation/policyversion/add/").status_code == 403

    def test_the_dark_lane_asks_for_the_second_factor_again(self, alice, dave, mia) -> None:
        dark = reported(alice, dave, "something terrible", "terror")
        assert dark.lane == "dark"
        for path in (f"/admin/cases/{dark.pk}/", "/admin/appeals/"):
            assert desk_of(mia).get(path).status_code == 200
        stale = desk_of(mia, proven=3_600)
        assert stale.get(f"/admin/cases/{dark.pk}/").status_code == 302
        assert stale.post("/admin/queue/next/")["Location"] == "/admin/queue/"
        assert stale.post(f"/admin/cases/{dark.pk}/claim/").status_code == 302
        dark.refresh_from_db()
        assert dark.state == "open"
        assert desk_of(mia).post("/admin/queue/next/")["Location"] == f"/admin/cases/{dark.pk}/"


class TestCases:
    def test_from_the_queue_to_a_decision_and_the_next_case(self, case, alice, dave, mia) -> None:
        other = reported(alice, dave, "And another thing that is not so bad.", "spam")
        desk = desk_of(mia)
        queue = desk.get("/admin/queue/").content.decode()
        assert f"/admin/cases/{case.pk}/" in queue
        assert "Harm that a minute of review prevents" in queue
        assert "They are" not in queue

        assert desk.post(f"/admin/cases/{case.pk}/claim/")["Location"] == f"/admin/cases/{case.pk}/"
        page = desk.get(f"/admin/cases/{case.pk}/").content.decode()
        assert "They are &lt;b&gt;vermin&lt;/b&gt;" in page
        assert '<details class="cover" data-cover>' in page
        assert "look at this" in page
        assert "dave" not in page
        digits = re.findall(r'name="action" [^>]*data-digit="(.?)"', page)
        assert len({*digits} - {""}) == len(digits) == 12  # each choice has a key of its own
        form = {"action": "post:removed", "policy": "hate", "version": "1", "days": "30", **REASONING}
        assert (
            desk.post(f"/admin/cases/{case.pk}/decide/", form)["Location"]
            == f"/admin/cases/{other.pk}/?after={case.pk}"
        )

        restriction = Restriction.objects.get(subject_id=case.subject_id)
        assert (restriction.kind, restriction.ends_at is not None) == ("removed", True)
        decision = Decision.objects.get()
        assert (decision.decided_by_id, decision.case_id) == (mia.id, case.pk)
        assert "Remove" in desk.get(f"/admin/log/{decision.pk}/").content.decode()

    def test_a_form_that_gives_no_reasons_comes_back_as_it_was(self, case, mia) -> None:
        desk = desk_of(mia)
        desk.post(f"/admin/cases/{case.pk}/claim/")
        form = {
            "action": "post:removed",
            "policy": "hate",
            "version": "1",
            "facts": "bad",
            "explanation": "x",
        }
        answer = desk.post(f"/admin/cases/{case.pk}/decide/", form)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "facts has 3 characters; it needs 20 to 5000" in page
        assert ">bad</textarea>" in page
        for more, sentence in (
            ({"days": "-1"}, "a number from 1 to"),
            ({"action": ""}, "choose what is to be done"),
            ({"action": "account:removed"}, "is nothing for a account"),
            ({"countries": "nowhere"}, "no country code"),
            ({"policy": "boredom"}, "there is no policy"),
        ):
            answer = desk.post(f"/admin/cases/{case.pk}/decide/", {**form, **REASONING, **more})
            assert (answer.status_code, sentence in answer.content.decode()) == (422, True), more
        assert not Decision.objects.exists()

    def test_what_was_just_decided_is_undone_and_held_again(self, case, mia) -> None:
        desk, path = desk_of(mia), f"/admin/cases/{case.pk}"
        desk.post(f"{path}/claim/")
        form = {"action": "post:removed", "policy": "hate", "version": "1", **REASONING}
        told = desk.post(f"{path}/decide/", form, headers=SCRIPT).json()
        assert told == {
            "done": "Remove",
            "address": f"/admin/queue/?after={case.pk}",
            "undo": f"{path}/undo/",
        }
        assert f'action="{path}/undo/"' in desk.get(told["address"]).content.decode()
        assert desk_of(moderator("noor")).post(f"{path}/undo/").status_code == 403

        held = desk.post(f"{path}/undo/")
        again = Case.objects.exclude(pk=case.pk).get()
        assert held["Location"] == f"/admin/cases/{again.pk}/"
        assert (again.state, again.claimed_by_id, again.source) == ("claimed", mia.id, "report")
        assert Restriction.objects.get().ends_at is not None
        assert [one.action for one in Decision.objects.order_by("id")] == ["removed", "restore"]
        assert desk.post(f"{path}/undo/").status_code == 403

        form = {"action": "dismiss", "version": "1", "explanation": "It is a quotation."}
        path = f"/admin/cases/{again.pk}"
        assert desk.post(f"{path}/decide/", form, headers=SCRIPT).json()["undo"] == f"{path}/undo/"
        assert desk.post(f"{path}/undo/").status_code == 302
        assert Case.objects.get(state="claimed").pk not in (case.pk, again.pk)

    def test_only_a_moment_ago_can_be_undone(self, case, mia) -> None:
        earlier = datetime.now(UTC) - timedelta(minutes=11)
        held = claims.claim(case.pk, by=mia, now=earlier)
        cases.decide_case(
            held, Wish(Subject("post", case.subject_id), "removed", "hate", REASONS), by=mia, now=earlier
        )
        answer = desk_of(mia).post(f"/admin/cases/{case.pk}/undo/")
        assert (answer.status_code, "within 10 minutes" in answer.content.decode()) == (403, True)
        assert "data-undo" not in desk_of(mia).get("/admin/queue/").content.decode().split("hidden")[0]

    def test_a_script_is_told_in_json_what_is_refused(self, case, mia) -> None:
        desk, path = desk_of(mia), f"/admin/cases/{case.pk}/decide/"
        desk.post(f"/admin/cases/{case.pk}/claim/")
        for form, status, sentence in (
            ({"version": "1", "action": "post:removed", "policy": "hate"}, 422, "facts has 0 characters"),
            (
                {"version": "7", "action": "post:removed", "policy": "hate", **REASONING},
                409,
                "not yours any more",
            ),
        ):
            refused = desk.post(path, form, headers=SCRIPT)
            assert (refused.status_code, sentence in refused.json()["error"]) == (status, True), form

    def test_pictures_of_a_post_are_there_to_be_looked_at_and_kept_by_content(self, alice, dave, mia) -> None:
        post, files = publish(alice, "look"), {"original": "ab/whole.jpg", "small": "cd/small.jpg"}
        media = MediaAttachment.objects.create(
            pk=post + 1,
            owner=alice,
            kind="image",
            state="ready",
            files=files,
            sha256="ab" * 32,
            description="A cat",
        )
        PostMedia.objects.create(attachment_id=media.pk, post_id=post, position=0)
        file_report(
            reporter=dave, complaint=Complaint(alice.id, [post], reason="adult"), now=datetime.now(UTC)
        )
        case = Case.objects.get()
        page = desk_of(mia).get(f"/admin/cases/{case.pk}/").content.decode()
        assert re.search(r'class="veil" data-veil[^>]*><img src="/media/private/[^"]+/ab/whole.jpg"', page)
        assert "A cat" in page
        (kept,) = case.evidence.get().content["media"]
        assert (kept["sha256"], kept["id"], kept["kind"]) == ("ab" * 32, str(media.pk), "image")

    def test_who_lost_the_case_cannot_decide_it(self, case, mia) -> None:
        noor = desk_of(moderator("noor"))
        desk = desk_of(mia)
        desk.post(f"/admin/cases/{case.pk}/claim/")
        assert noor.post(f"/admin/cases/{case.pk}/claim/").status_code == 409
        form = {"action": "post:removed", "policy": "hate", **REASONING}
        for who, version in ((noor, "1"), (desk, "0"), (desk, ""), (desk, "٣"), (desk, "9" * 30)):
            answer = who.post(f"/admin/cases/{case.pk}/decide/", {**form, "version": version})
            assert answer.status_code == 409, version
        assert not Decision.objects.exists()

    def test_the_statement_is_shown_in_its_readers_language_before(self, dave, mia) -> None:
        layla = make_account("layla", locale="ar")
        case = reported(layla, dave, "شيء ما")
        desk = desk_of(mia)
        form = {"action": "post:removed", "policy": "hate", **REASONING}
        told = desk.post(f"/admin/cases/{case.pk}/preview/", form).json()
        assert (told["language"], told["direction"]) == ("ar", "rtl")
        assert REASONS.facts in told["text"]
        assert "بيان" in told["text"]
        refused = desk.post(f"/admin/cases/{case.pk}/preview/", {**form, "facts": ""})
        assert (refused.status_code, "facts has 0" in refused.json()["error"]) == (422, True)
        assert not Decision.objects.exists()

    def test_a_case_that_keeps_to_the_rules_is_dismissed(self, case, mia) -> None:
        desk = desk_of(mia)
        desk.post(f"/admin/cases/{case.pk}/claim/")
        form = {"action": "dismiss", "version": "1", "facts": "", "explanation": "It is a quotation."}
        assert (
            desk.post(f"/admin/cases/{case.pk}/decide/", form)["Location"] == f"/admin/queue/?after={case.pk}"
        )
        case.refresh_from_db()
        assert (case.state, case.outcome) == ("decided", "refused")
        assert not Decision.objects.exists()

    def test_a_case_is_let_go_with_a_reason_and_kept_by_a_heartbeat(self, case, mia, desk) -> None:
        desk.post(f"/admin/cases/{case.pk}/claim/")
        assert "until" in desk.post(f"/admin/cases/{case.pk}/heartbeat/", {"version": "1"}).json()
        assert (
            desk.post(f"/admin/cases/{case.pk}/release/", {"version": "1", "reason": "x"}).status_code == 422
        )
        form = {"version": "1", "reason": "I know too little about it", "second": "on"}
        assert desk.post(f"/admin/cases/{case.pk}/release/", form)["Location"] == "/admin/queue/"
        case.refresh_from_db()
        assert (case.state, case.second_opinion) == ("open", True)
        assert desk.post("/admin/queue/next/", headers={"accept": "application/json"}).json() == {
            "case": None
        }
        assert desk.post(f"/admin/cases/{case.pk}/heartbeat/", {"version": "1"}).status_code == 409


class TestAppeals:
    def test_another_person_overturns_it(self, case, mia) -> None:
        noor = make_account("noor", role="moderator")
        addresses(case, noor)
        appeal = Appeal.objects.get()
        assert desk_of(noor).post(f"/admin/appeals/{appeal.pk}/claim/").status_code == 403
        desk = desk_of(mia)
        assert "It is a quotation." in desk.get(f"/admin/appeals/{appeal.pk}/").content.decode()
        assert desk.post(f"/admin/appeals/{appeal.pk}/claim/").status_code == 302
        form = {"version": "1", "outcome": "overturn", "answer": "too short"}
        assert desk.post(f"/admin/appeals/{appeal.pk}/answer/", form).status_code == 422
        form["answer"] = "The post quotes the insult in order to condemn it, which is allowed."
        assert desk.post(f"/admin/appeals/{appeal.pk}/answer/", form)["Location"] == "/admin/appeals/"
        appeal.refresh_from_db()
        assert (appeal.state, appeal.decided_by_id) == ("overturned", mia.id)
        assert Restriction.objects.get().ends_at is not None
        assert desk.get(f"/admin/appeals/{appeal.pk}/").status_code == 200

    def test_the_content_is_there_to_be_looked_at_and_the_dark_lane_asks_again(self, case, mia) -> None:
        noor, path = moderator("noor"), f"/admin/cases/{case.pk}"
        desk_of(noor).post(f"{path}/claim/")
        form = {"action": "post:removed", "policy": "hate", "version": "1", **REASONING}
        desk_of(noor).post(f"{path}/decide/", form)
        appeal = appeals.appeal_decision(
            Decision.objects.get().statement_id,
            by=Account.objects.get(pk=case.account_id),
            text="It is a quotation.",
            now=datetime.now(UTC),
        )
        page = desk_of(mia).get(f"/admin/appeals/{appeal.pk}/").content.decode()
        assert '<details class="cover" data-cover>' in page
        assert "They are &lt;b&gt;vermin&lt;/b&gt;" in page
        Case.objects.filter(pk=case.pk).update(lane="dark")
        assert desk_of(mia, proven=3_600).get(f"/admin/appeals/{appeal.pk}/").status_code == 302

    def test_its_media_are_blurred_and_counted_and_what_is_for_few_is_written_down(
        self, alice, dave, mia
    ) -> None:
        """Of the post that the appeal is about, and of no copy that was decided with it."""
        post = publish(alice, "They are vermin, all of them, every one.", audience="followers")
        copy = publish(alice, "They are vermin, all of them, every one!")
        for number, of in ((1, post), (2, copy)):
            picture = MediaAttachment.objects.create(
                pk=number, owner=alice, kind="image", state="ready", files={"original": f"ab/{number}.jpg"}
            )
            PostMedia.objects.create(attachment_id=picture.pk, post_id=of, position=0)
        filed = file_report(
            reporter=dave, complaint=Complaint(alice.id, [post, copy], reason="hate"), now=datetime.now(UTC)
        )
        (number,) = filed.cases
        now, noor = datetime.now(UTC), moderator("noor")
        wish = Wish(Subject("post", post), "removed", "hate", REASONS)
        made = cases.decide_case(claims.claim(number, by=noor, now=now), wish, by=noor, now=now)
        appeal = appeals.appeal_decision(made.statement_id, by=alice, text="It is a quotation.", now=now)
        path, desk = f"/admin/appeals/{appeal.pk}/", desk_of(mia)

        page = desk.get(path).content.decode()
        assert ("ab/1.jpg" in page, "ab/2.jpg" in page, "exhibit clear" in page) == (True, False, False)
        assert list(CaseEvent.objects.filter(kind="looked at").values_list("actor_id", "reason")) == [
            (mia.pk, "followers")
        ]
        answer = desk.post(f"{path}uncover/", {"medium": "1"}, headers=SCRIPT)
        assert answer.json() == {"clear": ["1"], "seen": "Media uncovered today: 1 of 200"}
        assert desk.post(f"{path}uncover/", {"medium": "2"}, headers=SCRIPT).status_code == 404
        assert "exhibit clear" in desk.post(f"{path}uncover/", {"medium": "1"}).content.decode()
        assert list(Exposure.objects.values_list("seen", flat=True)) == [[f"{number}/1"]]

    def test_who_has_no_account_or_none_any_more_is_called_so(self, case, mia) -> None:
        now, report = datetime.now(UTC), Report.objects.get()
        facts = {
            "report": report,
            "text": "Look again.",
            "filed_at": now,
            "deadline": now + timedelta(days=7),
        }
        for account_id, words in (
            (None, "somebody without an account"),
            (12_345, "an account that was erased"),
        ):
            appeal = Appeal.objects.create(account_id=account_id, **facts)
            for path in ("appeals/", f"appeals/{appeal.pk}/"):
                page = desk_of(mia).get(f"/admin/{path}").content.decode()
                assert (words in page, ">@<" in page) == (True, False), (path, account_id)

    def test_a_decision_is_taken_back_with_reasons(self, case, mia, admin) -> None:
        now = datetime.now(UTC)
        made = decide(Wish(Subject("post", case.subject_id), "removed", "hate", REASONS), by=mia, now=now)
        path = f"/admin/log/{made.decision_id}/"
        assert desk_of(admin).post(path, {"facts": "", "explanation": ""}).status_code == 422
        assert desk_of(admin).post(path, REASONING).status_code == 302
        assert "taken back" in desk_of(mia).get(path).content.decode()
        assert desk_of(admin).post(path, REASONING).status_code == 409


def test_an_administrator_turns_rules_and_places(mia, admin) -> None:
    from moderation.models import ScreenMode
    from upscrolled.operations import places

    form = {"rule": "calls for death", "mode": "queue", "because": "to look at them for a week"}
    assert desk_of(admin).post("/admin/rules/mode/", form).status_code == 302
    assert ScreenMode.objects.get().mode == "queue"
    assert desk_of(admin).post("/admin/rules/mode/", {**form, "because": ""}).status_code == 422
    assert "opens a case" in desk_of(mia).get("/admin/rules/").content.decode()
    form = {**form, "rule": "slurs"}
    assert desk_of(admin).post("/admin/rules/mode/", {**form, "mode": "shadow"}).status_code == 302
    make_account("towelhead_fan", now=datetime.now(UTC) - timedelta(days=1))
    assert desk_of(admin).post("/admin/rules/mode/", form).status_code == 409
    assert desk_of(admin).post("/admin/rules/rehearse/").status_code == 302
    assert "It is being looked at now" in desk_of(mia).get("/admin/rules/").content.decode()
    tasks.rehearse_rules()
    page = desk_of(mia).get("/admin/rules/").content.decode()
    assert ("1 of " in page, "towelhead_fan" in page, "/rules/rehearse/" in page) == (True, True, False)
    assert desk_of(admin).post("/admin/rules/mode/", form).status_code == 302
    places.load(places.DEFAULT, by=None, because="", now=datetime.now(UTC))
    code = next(iter(places.current()))
    assert desk_of(admin).post("/admin/places/change/", {"code": code, "hidden": "on"}).status_code == 302
    assert places.current()[code].hidden
    assert desk_of(admin).post("/admin/places/change/", {"code": "nowhere"}).status_code == 404


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_why_a_case_is_first_says_what_its_lane_goes_by(language: str) -> None:
    factors = triage.Factors(0.1, 7, 20.0, 1, 0.6, hours_left=3).explain()
    told = {lane: shown.why({**factors, "lane": lane}, language) for lane in ("ordinary", "order", "sample")}
    assert [len(sentences) for sentences in told.values()] == [8, 7, 7]
    first = {lane: sentences[0] for lane, sentences in told.items()}
    assert first["order"] == LANGUAGES[language]["why_lane_law"]
    assert first["sample"] == LANGUAGES[language]["why_lane_sample"]


def test_a_screen_costs_the_same_whatever_waits(case, alice, dave, mia) -> None:
    paths = addresses(case, make_account("noor", role="moderator"))
    desk = desk_of(mia)

    def costs() -> dict[str, int]:
        counted = {}
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                assert desk.get(path).status_code == 200
            counted[re.sub(r"/\d+/", "/*/", path).removeprefix("/admin/")] = len(captured)
        assert all(counted.pop(path) <= 9 for path in REMEMBERED)
        return counted

    costs()
    assert costs() == COSTS
    for number in range(5):
        more = reported(alice, dave, f"another, {number}")
        decide(
            Wish(Subject("post", more.subject_id), "removed", "hate", REASONS), by=mia, now=datetime.now(UTC)
        )
        reported(make_account(f"someone{number}"), dave, f"somebody, {number}")
    assert costs() == COSTS


def test_the_panel_speaks_arabic_and_mirrors(case, mia) -> None:
    for words in LANGUAGES.values():
        assert words.keys() == LANGUAGES["en"].keys()
        for name, text in words.items():
            assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", LANGUAGES["en"][name]), (name, text)
    page = desk_of(mia).get(f"/admin/cases/{case.pk}/", headers={"accept-language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert "قائمة الانتظار" in page
    french = desk_of(mia).get("/admin/queue/", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="fr" dir="ltr">' in french
    assert "Prendre en charge" in french
    for path in SCREENS:
        shown = desk_of(mia).get(f"/admin/{path}").content.decode()
        assert "<style" not in shown, path
        assert " style=" not in shown, path
        assert " onclick=" not in shown, path


@pytest.mark.django_db(transaction=True)
def test_a_moderator_sets_up_a_second_factor_on_the_way_in(mia) -> None:
    browser = Browser().open("/admin/queue/").follow().sign_in("mia")
    assert (
        browser.page.request["PATH_INFO"] == "/accounts/reauthenticate/"
    )  # who sets one up knows the password
    browser.send(password=PASSWORD).follow()
    assert browser.page.request["PATH_INFO"] == "/accounts/2fa/totp/activate/"
    secret = re.search(r'value="([A-Z2-7]{16,})"', browser.text)[1]

    browser.send(code=totp(secret)).follow()
    assert browser.open("/admin/queue/").follow().page.request["PATH_INFO"] == "/accounts/2fa/reauthenticate/"
    browser.send(code="000000")
    assert browser.page.status_code == 200
    browser.send(code=totp(secret, steps=1)).follow()

    assert browser.page.request["PATH_INFO"] == "/admin/queue/"
    assert browser.page.status_code == 200
