"""People take with them what is theirs, whatever was decided about them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed.models import Bookmark
from feed.operations import lists
from tests.browser import Browser
from tests.people import NOON, ApiClient, client_of, crowd, publish, token_of
from tests.restricting import restrict
from upscrolled import exports, switches
from upscrolled.limits import Limit
from upscrolled.models import Account, Mute
from upscrolled.operations import exports as operations
from upscrolled.operations.relationships import block, follow, mute

pytestmark = pytest.mark.django_db
API = "/api/v1/upscrolled/exports"


def rows(client: ApiClient, name: str) -> list[list[str]]:
    answer = client.get(f"{API}/{name}.csv")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


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
