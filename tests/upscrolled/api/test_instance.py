"""What the site says of itself: every field that clients insist on, and nothing that is not so."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.people import make_account, publish
from tests.waiting import steady


@pytest.mark.parametrize("path", ["/api/v2/instance", "/api/v2/instance/"])
def test_the_second_version_has_what_clients_insist_on(client_of, db, settings, path):
    response = client_of().get(path, Origin="https://client.example")

    shown = response.json()
    assert response["Access-Control-Allow-Origin"] == "*"
    assert shown["domain"] == settings.PUBLIC_URL.partition("://")[2]
    assert shown["title"] == settings.SITE_NAME
    assert shown["thumbnail"]["url"].startswith("http")
    assert shown["languages"] == ["en", "ar", "fr"]
    assert shown["registrations"]["enabled"] is True
    assert shown["contact"] == {"email": settings.CONTACT_EMAIL, "account": None}
    assert {rule["id"] for rule in shown["rules"]} == {"1", "2", "3", "4", "5"}
    assert all(rule["text"] for rule in shown["rules"])
    configuration = shown["configuration"]
    assert configuration["urls"]["streaming"].startswith(("ws://", "wss://"))
    assert configuration["statuses"]["max_characters"] == settings.POST_MAX_CHARACTERS
    assert set(configuration["polls"]) == {
        "max_options",
        "max_characters_per_option",
        "min_expiration",
        "max_expiration",
    }
    assert configuration["accounts"]["max_note_length"] == 500
    assert configuration["translation"]["enabled"] is False
    assert isinstance(configuration["vapid"]["public_key"], str)


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "PUT", "DELETE", "PARAMS"])
def test_a_stranger_with_a_method_that_is_not_offered_is_told_which_are(db, method):
    for path, offered in (
        ("/api/v2/instance", "GET, HEAD, OPTIONS"),
        ("/api/v1/timelines/home", "GET, HEAD, OPTIONS"),
    ):
        answer = Client().generic(method, path)

        assert (answer.status_code, answer["Allow"]) == (405, offered)
        assert answer.json() == {"error": f"Method {method} is not allowed here."}


def test_a_method_that_is_offered_still_asks_who_one_is(db):
    assert Client().get("/api/v1/timelines/home").status_code == 401
    assert Client().put("/api/v2/instance", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_the_version_starts_with_a_number_and_promises_no_more_than_stands(client_of, db):
    for path in ("/api/v1/instance", "/api/v2/instance"):
        shown = client_of().get(path).json()
        assert re.match(r"4\.5\.0 \(compatible; UpScrolled \d+\.\d+\.\d+\)\Z", shown["version"])
        assert float(shown["version"][:3]) == 4.5
    assert shown["api_versions"] == {"mastodon": 7, "upscrolled": 1}


@pytest.mark.parametrize("path", ["/api/v1/instance", "/api/v1/instance/"])
def test_the_first_version_has_what_toot_insists_on(client_of, alice, settings, path):
    make_account("newcomer", confirmed=False)
    publish(alice)

    shown = client_of().get(path).json()

    assert shown["uri"] == settings.PUBLIC_URL.partition("://")[2]
    assert shown["stats"] == {"user_count": 1, "status_count": 1, "domain_count": 1}
    assert shown["urls"]["streaming_api"].startswith(("ws://", "wss://"))
    for flag in ("registrations", "approval_required", "invites_enabled"):
        assert isinstance(shown[flag], bool)
    for name in ("short_description", "description", "email", "title"):
        assert shown[name]
    assert shown["configuration"]["statuses"]["characters_reserved_per_url"] == 23
    assert shown["contact_account"] is None


def test_closed_registrations_are_said(client_of, db, settings):
    settings.REGISTRATIONS = "closed"

    assert client_of().get("/api/v2/instance").json()["registrations"]["enabled"] is False
    assert client_of().get("/api/v1/instance").json()["registrations"] is False


def test_figures_are_counted_once_a_minute(client_of, alice, django_assert_num_queries):
    steady(60)
    client_of().get("/api/v1/instance")

    with django_assert_num_queries(0):
        client_of().get("/api/v1/instance")


def test_the_pictures_that_everybody_starts_with_exist(client_of, alice):
    shown = client_of().get(f"/api/v1/accounts/{alice.id}").json()

    for address in (shown["avatar"], shown["header"]):
        path = address.partition("/static/")[2]
        with open(finders.find(path), "rb") as file:
            assert file.read(8) == b"\x89PNG\r\n\x1a\n"


def test_languages_to_write_in_have_names(client_of, db):
    listed = client_of().get("/api/v1/instance/languages").json()

    names = {language["code"]: language["name"] for language in listed}
    assert (names["ar"], names["pt-BR"], names["zh-Hans"]) == (
        "Arabic",
        "Brazilian Portuguese",
        "Simplified Chinese",
    )
    assert [language["code"] for language in listed] == sorted(names, key=str.lower)


def test_rules_stand_alone_too(client_of, db):
    rules = client_of().get("/api/v1/instance/rules").json()

    assert rules == client_of().get("/api/v2/instance").json()["rules"]


@pytest.mark.parametrize("name", ["extended_description", "privacy_policy", "terms_of_service"])
def test_documents_are_the_text_of_their_pages(client_of, db, name):
    shown = client_of().get(f"/api/v1/instance/{name}").json()

    assert shown["content"].startswith("<h1>")
    assert "<html" not in shown["content"]
    assert re.match(r"\d{4}-\d\d-\d\d", shown.get("updated_at") or shown["effective_date"])


@pytest.mark.parametrize(
    ("name", "arabic"), [("extended_description", "حول"), ("privacy_policy", "الخصوصية")]
)
def test_documents_come_in_the_language_of_the_phone(client_of, db, name, arabic):
    path = f"/api/v1/instance/{name}"
    shown = client_of().get(path, **{"Accept-Language": "ckb, ar-EG;q=0.8, en;q=0.5"})

    assert shown["Content-Language"] == "ar"
    assert arabic in shown.json()["content"]
    assert arabic not in client_of().get(path, **{"Accept-Language": "de"}).json()["content"]


@pytest.mark.parametrize(
    ("language", "named"),
    [
        (
            "en",
            (
                "date of birth",
                "pronouns",
                "place",
                "pictures",
                "device",
                "sessions",
                "not end-to-end encrypted",
                "report",
                "keys",
            ),
        ),
        (
            "ar",
            (
                "تاريخ ميلادك",
                "ضمائرك",
                "مكانك",
                "صورك",
                "الجهاز",
                "جلسات",
                "ليست مشفّرة من طرف إلى طرف",
                "يبلّغهم",
                "بمفاتيح",
            ),
        ),
        (
            "fr",
            (
                "date de naissance",
                "pronoms",
                "lieu",
                "images",
                "appareil",
                "sessions",
                "pas chiffrés de bout en bout",
                "signale",
                "clés",
            ),
        ),
    ],
)
def test_the_privacy_page_names_all_that_is_kept(client_of, db, language, named):
    shown = client_of().get("/api/v1/instance/privacy_policy", **{"Accept-Language": language}).json()

    assert [word for word in named if word not in shown["content"]] == []


@pytest.mark.parametrize(
    ("language", "said", "closed"),
    [
        ("en", "promises are mechanisms", "no new registrations"),
        ("ckb, ar-EG;q=0.8", "وعودها آليات", "تسجيلات جديدة"),
        ("fr", "promesses sont des mécanismes", "nouvelles inscriptions"),
        ("de", "promises are mechanisms", "no new registrations"),
    ],
)
def test_the_site_describes_itself_in_the_language_of_the_phone(
    client_of, db, settings, language, said, closed
):
    settings.REGISTRATIONS = "closed"
    headers = {"Accept-Language": language}

    second = client_of().get("/api/v2/instance", **headers)
    first = client_of().get("/api/v1/instance", **headers)

    assert second["Content-Language"] == first["Content-Language"]
    assert second["Vary"].startswith("Accept-Language")
    for text in (second.json()["description"], first.json()["description"]):
        assert said in text
    assert first.json()["short_description"] == first.json()["description"]
    message = second.json()["registrations"]["message"]
    assert message.startswith("<p>")
    assert closed in message


@pytest.mark.parametrize(
    ("name", "empty"),
    [("peers", []), ("domain_blocks", []), ("translation_languages", {})],
)
def test_what_one_site_does_not_have_is_empty(client_of, db, name, empty):
    assert client_of().get(f"/api/v1/instance/{name}").json() == empty


def test_what_is_beyond_the_mastodon_api_is_listed_and_is_there(client_of, db):
    shown = client_of().get("/api/v1/upscrolled/features").json()

    assert shown["version"] == 1
    for feature in shown["features"]:
        answer = client_of().get(feature["path"].replace(":id", "1"))
        # Nobody's post, and a log that holds nothing yet.
        absent = answer.status_code == 404 and (
            ":id" in feature["path"] or feature["path"].startswith("/log/")
        )
        assert absent or answer.status_code in (200, 401, 405), feature
