"""The few pages a browser sees."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest
from django.test import Client

from tests.browser import Browser
from tests.people import NOON, make_account
from tests.restricting import restrict
from upscrolled.models import Account
from upscrolled.operations import accounts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/about", "/privacy-policy", "/terms-of-service", "/accounts/login/"])
@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("fr", "ltr"), ("ar", "rtl"), ("xx", "ltr")]
)
def test_every_page_speaks_three_languages(path: str, language: str, direction: str) -> None:
    page = Browser(language).open(path)

    assert page.page.status_code == 200
    assert f'dir="{direction}"' in page.text
    assert "UpScrolled" in page.text


def test_a_chosen_language_stays() -> None:
    browser = Browser("en").open("/about")
    browser.page = browser.client.post(
        "/i18n/setlang/",
        {
            "language": "fr",
            "next": "/about",
            "csrfmiddlewaretoken": browser.client.cookies["upscrolled_csrf"].value,
        },
    )

    assert 'lang="fr"' in browser.follow().text


def test_a_profile_shows_name_and_text_as_text() -> None:
    make_account("erin", display_name="<script>Erin", note="hello <b>there</b>")

    page = Browser().open("/@ERIN")

    assert "&lt;script&gt;Erin" in page.text
    assert "hello &lt;b&gt;there&lt;/b&gt;" in page.text


def test_a_private_profile_keeps_its_text_to_itself() -> None:
    make_account("erin", note="only for friends", locked=True)

    assert "only for friends" not in Browser().open("/@erin").text


def test_nobody_suspended_or_gone_has_a_page(alice: Account, dave: Account) -> None:
    restrict("account", alice.id, "account_suspended", starts_at=NOON)
    accounts.close_account(account=dave)

    assert [Client().get(f"/@{name}").status_code for name in ("alice", "dave", "nobody")] == [404, 404, 404]


def test_a_form_from_elsewhere_is_refused(alice: Account) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "alice", "password": "x"})

    assert response.status_code == 403
    assert b"too old" in response.content


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("/about/", "/about"),
        ("/about/?lang=fr&x=%D8%B3", "/about?lang=fr&x=%D8%B3"),
        ("/accounts/login", "/accounts/login/"),
        ("/accounts/password/reset", "/accounts/password/reset/"),
    ],
)
def test_a_slash_too_many_or_too_few_keeps_nobody_from_a_page(typed: str, page: str) -> None:
    answer = Client().get(typed)

    assert (answer.status_code, answer["Location"]) == (302, page)


def test_machines_that_look_through_the_web_are_kept_from_what_is_nobodys_page() -> None:
    answer = Client().get("/robots.txt")
    rules = RobotFileParser()
    rules.parse(answer.content.decode().splitlines())

    assert answer["Content-Type"].startswith("text/plain")
    for path in ("/", "/about", "/@alice", "/@alice/1", "/tags/sea", "/api/docs", "/notice", "/transparency"):
        assert rules.can_fetch("*", path), path
    for path in (
        "/api/v1/timelines/public",
        "/media/private/x/y",
        "/disputes/strikes/1",
        "/notice/1.x",
        "/admin/",
    ):
        assert not rules.can_fetch("*", path), path


@pytest.mark.parametrize("typed", ["/nothing", "/nothing/", "/about//"])
def test_what_is_no_page_either_way_is_not_found(typed: str) -> None:
    assert Client().get(typed).status_code == 404
    assert Client().post("/about/").status_code == 404


def test_a_name_among_arabic_words_keeps_its_sign_in_front() -> None:
    """An @ stands between directions: without a mark before it, it is shown behind the name."""
    page = Path("upscrolled/locale/ar/LC_MESSAGES/django.po").read_text()
    sentences = re.findall(r'^msgstr(?:\[\d\])? ".*"\n(?:".*"\n)*', page, re.MULTILINE)

    assert [text for text in sentences if re.search(r"(?<!\u200e)@%\(", text)] == []
