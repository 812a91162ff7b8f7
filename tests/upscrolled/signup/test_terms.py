"""The terms have versions: each is published once, told in the reader's language, and agreed to by people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.browser import Browser
from tests.newcomers import application, sign_up
from tests.people import ApiClient, client_of
from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Terms, TermsAcceptance
from upscrolled.operations.terms import publish

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
TEXTS = {"en": "Be kind.\n\nNo spam.", "ar": "كن لطيفًا.", "fr": "<p>Soyez <em>aimables</em>.</p>"}


def published(version: str = "2", *, days: float = 0, **texts: str) -> Terms:
    """A version that is in force for a moment, or will be."""
    made = publish(version=version, texts=texts or TEXTS, changes={}, effective_at=NOW, now=NOW)
    Terms.objects.filter(pk=made.pk).update(effective_at=NOW + timedelta(days=days, seconds=-1))
    made.refresh_from_db()
    return made


def told(client: ApiClient, language: str = "en") -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/v1/upscrolled/terms", Accept_Language=language).json()
    return answer


def test_until_one_is_published_the_text_of_the_site_holds(alice: Account) -> None:
    shown = told(client_of(alice))

    assert (shown["version"], shown["accepted"], shown["next_version"]) == ("1", True, None)
    assert "What you publish is yours" in shown["content"]
    own = client_of(alice).get("/api/v1/accounts/verify_credentials").json()
    assert own["upscrolled"]["terms_accepted"] is True
    assert told(ApiClient())["accepted"] is None
    assert "Ce que vous publiez est à vous" in told(ApiClient(), "fr-CA, en;q=0.5")["content"]


def test_signing_up_agrees_to_the_version_in_force(db: None) -> None:
    second, _third = published("2"), published("3", days=30)

    sign_up(application())

    assert TermsAcceptance.objects.get().terms_id == second.pk


def test_a_new_version_locks_nobody_out_and_is_agreed_to_once(alice: Account, dave: Account) -> None:
    published("2")
    client_of(dave).post("/api/v1/upscrolled/terms/accept", {"version": "2"})
    client = client_of(alice)

    def my_own() -> Any:
        return client.get("/api/v1/accounts/verify_credentials").json()["upscrolled"]["terms_accepted"]

    assert (told(client)["accepted"], my_own()) == (False, False)
    assert client.post("/api/v1/statuses", {"status": "still here"}).status_code == 200
    first = client.post("/api/v1/upscrolled/terms/accept", {"version": "2"})
    again = client.post("/api/v1/upscrolled/terms/accept", {"version": "2"})

    assert (first.status_code, first.json()["accepted"], again.status_code) == (200, True, 200)
    assert (TermsAcceptance.objects.filter(account=alice).count(), my_own()) == (1, True)


def test_an_old_version_cannot_be_agreed_to_and_the_next_one_can(alice: Account) -> None:
    published("2", days=-10)
    published("3", days=-5)
    published("4", days=5)
    client = client_of(alice)

    refused = client.post("/api/v1/upscrolled/terms/accept", {"version": "2"})
    ahead = client.post("/api/v1/upscrolled/terms/accept", {"version": "4"})

    assert refused.status_code == 403
    assert "Version 3" in refused.json()["error"]
    assert (ahead.status_code, ahead.json()["version"], ahead.json()["accepted"]) == (200, "3", False)
    assert told(client)["next_version"] == "4"


def test_every_version_has_its_day(client_of: Any, db: None) -> None:
    published("2", days=-10)
    published("3", days=10)
    path = "/api/v1/instance/terms_of_service"
    day = {days: (NOW + timedelta(days=days, seconds=-1)).date().isoformat() for days in (-10, 10)}

    current = client_of().get(path).json()
    coming = client_of().get(f"{path}/{day[10]}").json()
    shipped = client_of().get(f"{path}/2026-11-01").json()

    assert current == client_of().get(f"{path}/{day[-10]}").json()
    assert (current["effective"], current["succeeded_by"]) == (True, day[10])
    assert current["content"] == "<p>Be kind.</p>\n\n<p>No spam.</p>"
    assert (coming["effective"], coming["succeeded_by"]) == (False, None)
    assert (shipped["effective_date"], shipped["succeeded_by"]) == ("2026-11-01", day[-10])
    assert client_of().get(f"{path}/1999-01-01").status_code == 404


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Be kind."), ("fr", "Soyez <em>aimables</em>"), ("ar", "كن لطيفًا")]
)
def test_the_page_and_the_api_speak_the_readers_language(
    client_of: Any, db: None, language: str, text: str
) -> None:
    published("2")

    answer = client_of().get("/api/v1/instance/terms_of_service", Accept_Language=language)
    assert text in Browser(language).open("/terms-of-service").text
    assert text in answer.json()["content"]
    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]


def test_a_language_that_was_not_written_gets_english(client_of: Any, db: None) -> None:
    published("2", en="Only this.")

    answer = client_of().get("/api/v1/instance/terms_of_service", Accept_Language="ar")
    assert "Only this." in answer.json()["content"]
    assert '<div lang="en"' in Browser("ar").open("/terms-of-service").text


def test_what_could_run_in_a_browser_is_taken_out(db: None) -> None:
    made = published(
        "2", en='<p onclick="x()">Hi<script>alert(1)</script> <a href="javascript:x()">there</a></p>'
    )

    assert made.texts["en"] == '<p>Hi <a rel="noopener noreferrer">there</a></p>'


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": "1"}, "came with the site"),
        ({"version": ""}, "0 characters"),
        ({"version": "x" * 21}, "21 characters"),
        ({"texts": {"ar": "كن لطيفًا."}}, "no English text"),
        ({"texts": {**TEXTS, "de": "Seid nett."}}, "does not speak de"),
        ({"effective_at": NOW - timedelta(days=1)}, "before it is published"),
        ({"version": "2"}, "published already"),
    ],
)
def test_what_cannot_be_published_is_refused(change: dict[str, Any], reason: str) -> None:
    published("2")
    given: dict[str, Any] = {"version": "3", "texts": TEXTS, "changes": {}, "effective_at": NOW, "now": NOW}

    with pytest.raises(Invalid, match=reason):
        publish(**{**given, **change})
    assert Terms.objects.count() == 1


def test_the_shell_publishes_a_file(tmp_path: Path, alice: Account) -> None:
    file, out = tmp_path / "terms.toml", StringIO()
    file.write_text('[texts]\nen = "Be kind."\nar = "كن لطيفًا."\n[changes]\nen = "Shorter."\n')

    call_command("terms", "publish", str(file), "--version", "2", stdout=out)
    call_command("terms", "list", stdout=out)

    assert "Version 2 is in force" in out.getvalue()
    assert "In force: 2" in out.getvalue()
    assert told(client_of(alice), "ar")["changes"] == "<p>Shorter.</p>"


@pytest.mark.parametrize("written", ["no toml", 'texts = "x"', "[texts]\nen = 5"])
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path: Path, written: str, db: None) -> None:
    (tmp_path / "terms.toml").write_text(written)

    with pytest.raises(CommandError, match=r"cannot be read|must hold"):
        call_command("terms", "publish", str(tmp_path / "terms.toml"), "--version", "2")
