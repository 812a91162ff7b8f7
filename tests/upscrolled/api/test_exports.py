"""People take with them what is theirs, whatever was decided about them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed.models import Bookmark
from feed.operations import lists
from feed.post_types.media import Wanted
from messaging.operations import conversations
from tests.browser import Browser
from tests.chat import say
from tests.media import ready
from tests.people import NOON, PASSWORD, ApiClient, client_of, crowd, publish, token_of
from tests.restricting import restrict
from upscrolled import exports, schedule, switches
from upscrolled.limits import Limit
from upscrolled.media import store
from upscrolled.models import Account, Export, Mute, OwedMail
from upscrolled.operations import exports as operations
from upscrolled.operations import leaving
from upscrolled.operations.relationships import block, follow, mute

pytestmark = pytest.mark.django_db
API = "/api/v1/upscrolled/exports"


def whole(answer: Any) -> bytes:
    """All that was answered; the test client then closes the file behind it."""
    return b"".join(answer.streaming_content)


def rows(client: ApiClient, name: str) -> list[list[str]]:
    answer = client.get(f"{API}/{name}.csv")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    return list(csv.reader(io.StringIO(whole(answer).decode())))


def test_lists_are_as_mastodon_writes_them(
    alice: Account, bob: Account, carol: Account, dave: Account
) -> None:
    """carol is blocked by alice, bob follows her; what is others' is on none of the lists."""
    follow(bob, by=alice, reposts=False, notify=True, languages=["ar", "fr"], now=NOON)
    follow(dave, by=alice, now=NOON)
    follow(carol, by=bob, now=NOON)
    mute(bob, by=alice, notifications=False, now=NOON)
    mute(dave, by=alice, now=NOON)
    Mute.objects.filter(target=dave).update(expires_at=NOON)  # over
    sea = lists.create_list(by=alice, title='Sea, "salt"', now=NOON)
    lists.add_members(sea, [bob.id], by=alice)
    kept, gone = publish(dave, "kept"), publish(dave, "gone", after=1)
    for post in (kept, gone):
        Bookmark.objects.create(post_id=post, account=alice, created_at=NOON)
    client_of(dave).delete(f"/api/v1/statuses/{gone}")
    phone, here = client_of(alice), exports.DOMAIN

    assert rows(phone, "following_accounts") == [
        ["Account address", "Show boosts", "Notify on new posts", "Languages"],
        [f"bob@{here}", "false", "true", "ar, fr"],
        [f"dave@{here}", "true", "false", ""],
    ]
    assert rows(phone, "followers") == [["Account address"], [f"bob@{here}"]]
    assert rows(phone, "blocked_accounts") == [[f"carol@{here}"]]
    assert rows(phone, "muted_accounts") == [
        ["Account address", "Hide notifications"],
        [f"bob@{here}", "false"],
    ]
    assert rows(phone, "lists") == [['Sea, "salt"', f"bob@{here}"]]
    assert [row[0].rpartition("/")[2] for row in rows(phone, "bookmarks")] == [str(kept)]
    assert phone.get(f"{API}/secrets.csv").status_code == 404


def test_a_list_of_any_length_is_read_a_page_at_a_time(alice: Account, monkeypatch: Any) -> None:
    for person in crowd(5, like=alice):
        block(person, by=alice, now=NOON)
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    answer = client_of(alice).get(f"{API}/blocked_accounts.csv")

    with CaptureQueriesContext(connection) as statements:
        pieces = list(answer.streaming_content)  # type: ignore[attr-defined]

    assert [piece.count(b"\n") for piece in pieces[-3:]] == [2, 2, 1]
    assert len(statements) == 3
    assert all("LIMIT 2" in each["sql"] for each in statements)


def test_who_is_suspended_takes_it_along_by_app_and_in_three_languages(alice: Account) -> None:
    phone = client_of(alice)
    restrict("account", alice.id, "account_suspended")
    browser = Browser("fr").open("/accounts/login/").sign_in("alice")

    assert phone.get("/api/v1/timelines/home").status_code == 403
    assert rows(phone, "followers") == [["Account address"]]
    for language, said in (("en", "Whom you follow"), ("fr", "Qui vous suivez"), ("ar", "من تتابعهم")):
        browser.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        assert said in browser.open("/account/export").text
    assert browser.open("/account/export/following_accounts.csv").page.status_code == 200
    assert browser.open("/account/export/secrets.csv").page.status_code == 404
    for page in ("/account/delete", "/disputes/strikes"):
        assert 'href="/account/export"' in browser.open(page).text
    assert Browser().open("/account/export").page.status_code == 302


def test_nothing_goes_out_while_it_is_switched_off(alice: Account) -> None:
    switches.stand_still({"transfers": "off"})
    phone = ApiClient(token_of(alice))

    for answer in (
        phone.get(f"{API}/followers.csv"),
        Browser().open("/accounts/login/").sign_in("alice").open("/account/export/followers.csv").page,
    ):
        assert (answer.status_code, answer["Retry-After"]) == (503, "600")
        assert b"switched off" in answer.content
    assert phone.get("/api/v1/upscrolled/features").json()["switches"]["transfers"] == "off"


def test_lists_beyond_the_limit_are_refused_with_when_to_come_again(alice: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(operations, "LISTS", Limit("exports", 0, 3_600))

    refused = client_of(alice).get(f"{API}/followers.csv")

    assert refused.status_code == 429
    assert "at most 0 in an hour" in refused.json()["error"]
    assert int(refused["Retry-After"]) > 0


class TestArchive:
    """Everything in one file: asked for, made by the clock, told by mail, fetched by its owner alone, removed."""

    def made(self, account: Account, now: datetime) -> Export:
        export = operations.ask_for_archive(by=account, now=now)
        assert operations.make_next(clock=lambda: now)
        export.refresh_from_db()
        return export

    def test_it_holds_what_is_ones_own_and_nothing_of_others(
        self, alice: Account, bob: Account, dave: Account, media_root: Any
    ) -> None:
        Account.objects.filter(pk=alice.pk).update(locale="fr", note="I mend boats")
        boat = publish(alice, "my boat", parts={"media": Wanted((ready(alice, description="A boat"),))})
        publish(bob, "of bob", after=1)
        answer = publish(alice, "an answer", after=2, reply_to=publish(dave, "of dave"), audience="followers")
        for to, text in ((alice, "hello alice"), (dave, "about alice")):
            say(conversations.begin_pair(to.id, by=bob, now=NOON), bob, text)
        restrict("post", answer, "removed")
        restrict("account", alice.id, "account_suspended")
        phone, now = client_of(alice), datetime.now(UTC)

        asked = phone.post(API)
        assert asked.status_code == 202
        assert (asked.json()["state"], asked.json()["url"]) == ("queued", None)
        schedule.make_exports()
        (told,) = phone.get(API).json()

        assert told["state"] == "ready"
        fetched = phone.get(told["url"].removeprefix(settings.PUBLIC_URL))
        archive = zipfile.ZipFile(io.BytesIO(whole(fetched)))
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"README.txt", *(file.name for file in exports.files())}
        assert "Vos données" in archive.read("README.txt").decode()
        (profile,) = self.entries(archive, "profile.json")
        assert (profile["note"], profile["email"]) == ("I mend boats", "alice@example.org")
        assert "password" not in profile
        first, second = self.entries(archive, "posts.ndjson")
        assert (first["id"], first["text"], second["text"]) == (str(boat), "my boat", "an answer")
        assert first["media"][0]["description"] == "A boat"
        assert first["media"][0]["address"].startswith(settings.PUBLIC_URL)
        assert "/@dave/" in second["in_reply_to"]
        assert [each["text"] for each in self.entries(archive, "messages.ndjson")] == ["hello alice"]
        assert {each["measure"] for each in self.entries(archive, "statements.ndjson")} == {
            "removed",
            "account_suspended",
        }
        mail = OwedMail.objects.get(template="account/email/export_ready")
        assert (mail.to, mail.language) == (alice.email, "fr")
        page = Browser().sign_in("alice").open("/account/export")
        assert f"/account/export/{told['id']}/archive.zip" in page.text
        page.open(f"/account/export/{told['id']}/archive.zip")
        assert whole(page.page) == whole(phone.get(told["url"].removeprefix(settings.PUBLIC_URL)))
        assert page.page["Content-Disposition"] == f'attachment; filename="alice-{now:%Y-%m-%d}.zip"'

    def entries(self, archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in archive.read(name).splitlines()]

    def test_nobody_else_fetches_it_and_after_a_week_nobody(
        self, alice: Account, bob: Account, media_root: Any
    ) -> None:
        now = datetime.now(UTC)
        export = self.made(alice, now)
        path = f"{API}/{export.pk}/archive.zip"

        assert client_of(bob).get(path).status_code == 404
        assert (
            Browser().sign_in("bob").open(f"/account/export/{export.pk}/archive.zip").page.status_code == 404
        )
        part = client_of(alice).get(path, Range="bytes=0-3")
        assert (part.status_code, whole(part)) == (206, b"PK\x03\x04")
        assert client_of(alice).get(f"/media/{export.key}").status_code == 404
        assert operations.remove_over(now=now + timedelta(days=6)) == 0
        assert operations.remove_over(now=now + timedelta(days=7)) == 1
        assert client_of(alice).get(path).status_code == 404
        assert not store.store().exists(export.key)

    def test_one_at_a_time_and_one_a_day(self, alice: Account, media_root: Any) -> None:
        phone = client_of(alice)
        assert phone.post(API).status_code == 202

        again = phone.post(API)
        assert (again.status_code, "One archive at a time" in again.json()["error"]) == (409, True)
        now = datetime.now(UTC)
        assert operations.make_next(clock=lambda: now)
        soon = phone.post(API)
        assert (soon.status_code, "one archive a day" in soon.json()["error"]) == (429, True)
        assert 0 < int(soon["Retry-After"]) <= 86_401
        operations.ask_for_archive(by=alice, now=now + timedelta(days=1))

    def test_a_worker_that_dies_loses_nothing_and_one_that_was_given_up_changes_nothing(
        self, alice: Account, media_root: Any
    ) -> None:
        export = operations.ask_for_archive(by=alice, now=NOON)
        given_up = operations._claim(NOON)
        assert given_up is not None

        assert not operations.make_next(clock=lambda: NOON + timedelta(minutes=59))
        assert operations.make_next(clock=lambda: NOON + operations.LEASE)
        export.refresh_from_db()
        before = (export.state, export.attempts, export.size, export.due_at)
        operations._finish(given_up, 1, NOON + timedelta(hours=2))
        export.refresh_from_db()

        assert before[:2] == ("ready", 2)
        assert (export.state, export.attempts, export.size, export.due_at) == before
        assert OwedMail.objects.filter(template="account/email/export_ready").count() == 1

    def test_what_cannot_be_made_has_failed_in_the_end_and_another_may_be_asked_for(
        self, alice: Account
    ) -> None:
        export = operations.ask_for_archive(by=alice, now=NOON)
        for attempt in range(operations.ATTEMPTS):
            assert operations._claim(NOON + attempt * operations.LEASE) is not None

        late = NOON + operations.ATTEMPTS * operations.LEASE
        assert operations.make_next(clock=lambda: late)
        export.refresh_from_db()

        assert export.state == "failed"
        operations.ask_for_archive(by=alice, now=late)

    def test_while_it_is_switched_off_what_was_asked_for_waits(self, alice: Account, media_root: Any) -> None:
        phone = client_of(alice)
        ready_one = self.made(alice, datetime.now(UTC) - timedelta(days=2))
        assert phone.post(API).status_code == 202
        switches.stand_still({"transfers": "off"})

        schedule.make_exports()

        assert [each["state"] for each in phone.get(API).json()] == ["queued", "ready"]
        for answer in (phone.post(API), phone.get(f"{API}/{ready_one.pk}/archive.zip")):
            assert (answer.status_code, answer["Retry-After"]) == (503, "600")
        switches.stand_still({})
        schedule.make_exports()
        assert [each["state"] for each in phone.get(API).json()] == ["ready", "ready"]

    def test_who_is_erased_leaves_no_archive(self, alice: Account, media_root: Any) -> None:
        later = NOON + timedelta(days=31)
        leaving.leave(account=alice, password=PASSWORD, now=NOON)
        export = self.made(alice, later)

        assert leaving.erase_due(now=later) == 1
        assert operations.remove_over(now=later) == 1
        assert not store.store().exists(export.key)
