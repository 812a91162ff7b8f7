"""The notice of illegal content for everybody: Article 16 without an account, in three languages, without script."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest
from django.conf import settings
from django.test import Client

from moderation import tasks
from moderation.models import Appeal, Case, Evidence, PublicNotice, Report, Statement
from moderation.operations import appeals, cases, claims, public_notice
from moderation.operations.decide import Wish
from moderation.subjects import Subject
from tests.people import publish
from tests.restricting import REASONS, moderator
from upscrolled.models import OwedMail

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def address(author, post_id: int) -> str:
    return f"{settings.PUBLIC_URL}/@{author.username}/{post_id}"


def fields(*addresses: str, **other: str) -> dict[str, str]:
    return {
        "addresses": "\n".join(addresses),
        "explanation": "It calls for violence against my neighbours, by name and street.",
        "reason": "violence",
        "law": "Criminal code, section 111",
        "name": "Nadia",
        "email": "nadia@example.net",
        "good_faith": "yes",
        **other,
    }


def send(form: dict[str, str]) -> str:
    answer = Client().post("/notice", form)
    assert answer.status_code == 302, unescape(answer.content.decode())
    return str(answer["Location"])


def test_a_notice_is_confirmed_looked_at_and_its_outcome_is_told(alice, django_assert_num_queries) -> None:
    posts = [publish(alice, f"hello {n}") for n in range(2)]
    place = send(fields(*(address(alice, post) for post in posts)))

    report = Report.objects.get()
    assert (report.reporter_id, report.target_id, report.post_ids) == (None, alice.id, posts)
    opened = Case.objects.get(pk=report.cases[0])
    assert (opened.source, opened.policy, Case.objects.count()) == ("notice", "violence", 2)
    assert Evidence.objects.filter(case=opened).exists()
    receipt = OwedMail.objects.get(to="nadia@example.net")
    assert place in receipt.facts["body"]
    visitor = Client()
    with django_assert_num_queries(2):
        page = visitor.get(place).content.decode()
    assert "A person looks at it" in page
    assert "by name and street" in page

    mia = moderator()
    decided = []
    for number in report.cases:
        held = claims.claim(number, by=mia, now=NOW)
        subject = Subject("post", Case.objects.get(pk=number).subject_id)
        decided.append(
            cases.decide_case(held, Wish(subject, "removed", "violence", REASONS), by=mia, now=NOW)
        )
    assert Statement.objects.get(pk=decided[0].statement_id).source == "notice"
    receipt.delete()
    tasks.tell_reporters()
    tasks.tell_reporters()
    told = OwedMail.objects.get(to="nadia@example.net")
    assert "broke our rules" in told.facts["body"]
    assert place in told.facts["body"]
    assert "broke our rules" in visitor.get(place).content.decode()
    assert PublicNotice.objects.get().told_at is not None


def test_the_refusal_of_a_notice_is_told_too(alice) -> None:
    send(fields(f"{settings.PUBLIC_URL}/@alice", email="n@example.net"))
    held = claims.claim(Case.objects.get(subject_kind="account").pk, by=moderator(), now=NOW)
    cases.dismiss(held, by=moderator(), reason="criticism of a state", now=NOW)
    OwedMail.objects.all().delete()
    tasks.tell_reporters()
    assert "keeps to our rules" in OwedMail.objects.get().facts["body"]


def test_who_reports_the_abuse_of_children_need_not_say_who_they_are(alice) -> None:
    place = send(fields(f"{settings.PUBLIC_URL}/@alice", reason="child_abuse", name="", email=""))
    assert Case.objects.get().lane == "dark"
    assert not OwedMail.objects.exists()
    assert Client().get(place).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"explanation": "too short"}, "explanation"),
        ({"explanation": "x" * 5_001}, "explanation"),
        ({"reason": "taste"}, "reason"),
        ({"name": " "}, "name"),
        ({"email": "nobody"}, "email"),
        ({"law": "§" * 501}, "law"),
        ({"good_faith": ""}, "good_faith"),
        ({"addresses": ""}, "addresses"),
        ({"addresses": "https://elsewhere.example/@alice"}, "addresses"),
        ({"addresses": f"{settings.PUBLIC_URL}/about"}, "addresses"),
        ({"addresses": f"{settings.PUBLIC_URL}/@alice\n{settings.PUBLIC_URL}/@bob"}, "addresses"),
    ],
)
def test_each_field_that_is_missing_is_named_and_nothing_is_stored(alice, bob, wrong, field) -> None:
    form = fields(f"{settings.PUBLIC_URL}/@alice") | wrong
    answer = Client().post("/notice", form)
    assert (answer.status_code, set(answer.context["wrong"])) == (422, {field})
    assert answer.context["filled"]["explanation"] == form["explanation"]
    assert not Report.objects.exists()


def test_what_only_followers_see_is_not_told_to_exist(alice) -> None:
    private = publish(alice, "for you", audience="followers")
    answers = [
        Client().post("/notice", fields(address(alice, number))).content.decode()
        for number in (private, private + 1)
    ]
    assert all("public pages of this site" in answer for answer in answers)


def test_a_link_is_nobody_elses(alice) -> None:
    place = send(fields(f"{settings.PUBLIC_URL}/@alice"))
    number, _, signature = place.removeprefix("/notice/").partition(".")
    for guess in (f"{int(number) + 1}.{signature}", number, f"{number}.x", "x"):
        assert Client().get(f"/notice/{guess}").status_code == 404


def test_notices_are_limited_and_the_page_says_so(alice, monkeypatch) -> None:
    monkeypatch.setattr(
        public_notice, "PER_ADDRESS", public_notice.PER_ADDRESS.__class__("notices", 1, 3_600)
    )
    send(fields(f"{settings.PUBLIC_URL}/@alice"))
    answer = Client().post("/notice", fields(f"{settings.PUBLIC_URL}/@alice"))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "Too many notices" in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "direction", "title", "link"),
    [
        ("en", "ltr", "Report illegal content", "Report illegal content"),
        ("fr", "ltr", "Signaler un contenu illicite", "Signaler un contenu illicite"),
        ("ar", "rtl", "أبلغ عن محتوى غير قانوني", "الإبلاغ عن محتوى غير قانوني"),
    ],
)
def test_the_form_speaks_the_readers_language_without_script(
    db, django_assert_num_queries, language: str, direction: str, title: str, link: str
) -> None:
    with django_assert_num_queries(0):
        page = Client().get("/notice?address=x", headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert f"<h1>{title}</h1>" in page
    assert f">{link}</a>" in page
    assert "<script" not in page


def test_who_sent_a_notice_that_was_refused_gets_a_second_look_by_another_person(alice) -> None:
    place, mia, noor = send(fields(f"{settings.PUBLIC_URL}/@alice")), moderator(), moderator("noor")
    visitor = Client()
    assert visitor.post(place, {"text": "Now!"}).status_code == 422  # there is no answer yet
    held = claims.claim(Case.objects.get().pk, by=mia, now=NOW)
    cases.dismiss(held, by=mia, reason="criticism of a state", now=NOW)
    assert "<textarea" in visitor.get(place).content.decode()
    assert visitor.post(place, {"text": "  "}).status_code == 422
    assert visitor.post(place, {"text": "It names a street."}).status_code == 302
    assert visitor.post(place, {"text": "Once more."}).status_code == 422
    assert visitor.post("/notice/7.x", {"text": "It names a street."}).status_code == 404

    filed = Appeal.objects.get()
    with pytest.raises(appeals.SamePerson):
        appeals.claim_appeal(filed.pk, by=mia, now=NOW)
    claim = appeals.claim_appeal(filed.pk, by=noor, now=NOW)
    OwedMail.objects.all().delete()
    appeals.overturn(claim, by=noor, answer="It does name a street; we look again.", now=NOW)
    tasks.tell_reporters()
    assert "looked at it again" in OwedMail.objects.latest("id").facts["body"]
    assert "It does name a street" in visitor.get(place).content.decode()
    assert Case.objects.latest("id").source == "appeal"
