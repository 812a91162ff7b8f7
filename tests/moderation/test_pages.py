"""The page of a statement: for the one it is about, in their language and direction, with proof and appeal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from moderation import publishing
from moderation.operations.decide import Wish, decide
from moderation.subjects import Subject
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def decided(account: Account, action: str = "account_suspended") -> int:
    subject = Subject("account", account.id)
    if action == "removed":
        subject = Subject("post", publish(account, "hello"))
    wish = Wish(subject, action, "hate", REASONS)
    return decide(wish, by=moderator(), now=NOW - timedelta(days=1)).statement_id


def test_a_suspended_person_signs_in_reads_and_appeals(alice) -> None:
    number = decided(alice)
    client = browser(alice)

    assert f"/disputes/strikes/{number}" in client.get("/disputes/strikes").content.decode()
    page = client.get(f"/disputes/strikes/{number}").content.decode()
    for part in (REASONS.facts, REASONS.explanation, "Hatred (version 1)", "waits for its place"):
        assert part in page

    assert client.post(f"/disputes/strikes/{number}", {"text": " "}).status_code == 422
    assert (
        client.post(f"/disputes/strikes/{number}", {"text": "I did not say <b>that</b>."}).status_code == 302
    )
    page = client.get(f"/disputes/strikes/{number}").content.decode()
    assert "I did not say &lt;b&gt;that&lt;/b&gt;." in page
    assert "<textarea" not in page


def test_the_proof_stands_there_once_it_is_published(alice) -> None:
    number = decided(alice, "removed")
    publishing.publish(now=NOW)
    page = browser(alice).get(f"/disputes/strikes/{number}").content.decode()
    assert "stands in the public log" in page
    assert "moderation-log" in page


def test_it_is_nobody_elses(alice, bob) -> None:
    number = decided(alice)
    assert browser(bob).get(f"/disputes/strikes/{number}").status_code == 404
    assert browser(bob).post(f"/disputes/strikes/{number}", {"text": "me too"}).status_code == 404
    visitor = Client().get(f"/disputes/strikes/{number}")
    assert (visitor.status_code, visitor["Location"].startswith("/accounts/login/")) == (302, True)


@pytest.mark.parametrize(
    ("locale", "direction", "title"),
    [
        ("en", "ltr", "Statement of reasons"),
        ("fr", "ltr", "Exposé des motifs"),
        ("ar", "rtl", "بيان الأسباب"),
    ],
)
def test_it_speaks_the_readers_language(locale: str, direction: str, title: str) -> None:
    person = make_account("person", locale=locale)
    number = decided(person, "removed")
    page = (
        browser(person)
        .get(f"/disputes/strikes/{number}", headers={"accept-language": locale})
        .content.decode()
    )
    assert f'lang="{locale}" dir="{direction}"' in page
    assert f"<h1>{title}</h1>" in page


def test_a_statement_in_another_language_leaves_the_page_its_direction() -> None:
    person = make_account("person", locale="en")
    number = decided(person, "removed")
    page = (
        browser(person).get(f"/disputes/strikes/{number}", headers={"accept-language": "ar"}).content.decode()
    )
    assert '<html lang="ar" dir="rtl">' in page
    assert '<article class="card" lang="en" dir="ltr">' in page
