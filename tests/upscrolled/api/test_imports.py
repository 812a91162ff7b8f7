"""People bring their lists with them; each row is what they could do by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.people import NOON, client_of, token_of
from tests.restricting import restrict
from upscrolled import exports, limits, schedule, switches
from upscrolled.limits import Limit
from upscrolled.models import Account, Block, Follow, Import, Mute
from upscrolled.operations import imports
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db
API = "/api/v1/upscrolled/imports"


def bring(account: Account, kind: str, text: str, status: int = 202, *, plain: bool = False) -> Any:
    """Send a list as a browser's form does; `plain`: as the text of a field."""
    file = SimpleUploadedFile("list.csv", text.encode(), content_type="text/csv")
    headers = {"Authorization": f"Bearer {token_of(account)}"}
    answer = Client().post(API, {"type": kind, "data": text if plain else file}, headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_lists_of_mastodon_are_taken_over_and_what_is_not_is_told(
    alice: Account, bob: Account, carol: Account, dave: Account
) -> None:
    """carol is blocked by alice; a list that was exported here comes back as it was."""
    here = exports.DOMAIN
    block(alice, by=dave, now=NOON)
    told = bring(
        alice,
        "following",
        "Account address,Show boosts,Notify on new posts,Languages\n"
        f'bob@{here},false,true,"ar, fr"\n@BOB\nalice\ndave@{here},true,false,\n'
        "somebody@far.example,true,false,\nnobody_here,,,\n\x00,true\n",
    )
    assert (told["state"], told["rows"], told["done"]) == ("waiting", 7, 0)
    schedule.take_imports()
    bring(alice, "blocking", f"dave@{here}\n")
    schedule.take_imports()
    bring(alice, "muting", f"\ufeffAccount address,Hide notifications\nbob@{here},false\n", plain=True)
    schedule.take_imports()

    assert [
        (each["type"], each["state"], each["done"], each["skipped"])
        for each in client_of(alice).get(API).json()
    ] == [
        ("muting", "done", 1, {}),
        ("blocking", "done", 1, {}),
        ("following", "done", 2, {"refused": 2, "elsewhere": 1, "unknown": 2}),
    ]
    (followed,) = Follow.objects.filter(account=alice)
    assert followed.target_id == bob.id
    assert set(Block.objects.filter(account=alice).values_list("target", flat=True)) == {carol.id, dave.id}
    assert list(Mute.objects.filter(account=alice).values_list("target", "notifications")) == [
        (bob.id, False)
    ]
    text = b"".join(client_of(alice).get("/api/v1/upscrolled/exports/muted_accounts.csv").streaming_content)  # type: ignore[attr-defined]
    assert text.decode() == f"Account address,Hide notifications\nbob@{here},false\n"


def test_it_goes_on_where_a_worker_died_and_counts_each_row_once(
    alice: Account, bob: Account, dave: Account, monkeypatch: Any
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 1)
    imports.ask_for_import("muting", "bob\ndave\nnobody_here", by=alice, now=NOON)
    assert imports._claim(NOON) is not None  # and dies

    assert not imports.take_next(clock=lambda: NOON + timedelta(minutes=9))
    for _ in range(3):
        assert imports.take_next(clock=lambda: NOON + imports.LEASE)
    assert not imports.take_next(clock=lambda: NOON + imports.LEASE)

    ((one, rows),) = imports.imports(alice)
    assert (rows, one.state, one.done, one.skipped) == (3, "done", 2, {"unknown": 1})
    assert imports.forget_over(now=NOON + timedelta(days=6)) == 0
    assert imports.forget_over(now=NOON + timedelta(days=8)) == 1


def test_follows_beyond_the_limit_wait_for_their_day(alice: Account, bob: Account, monkeypatch: Any) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr(limits, "FOLLOWS", Limit("follows", 0, 86_400))
    imports.ask_for_import("following", "bob", by=alice, now=now)

    assert imports.take_next(clock=lambda: now)
    assert not imports.take_next(clock=lambda: now)

    one = Import.objects.get()
    assert (one.state, one.cursor) == ("waiting", 0)
    assert now < one.due_at <= now + timedelta(days=1, seconds=1)


def test_what_cannot_be_a_list_is_refused_with_the_limit(alice: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(imports, "ROWS_MAX", 2)

    assert "has no rows" in bring(alice, "muting", "Account address\n", 422)["error"]
    assert "has 3 rows; at most 2" in bring(alice, "muting", "a\nb\nc", 422)["error"]
    large = bring(alice, "muting", "x" * (imports.BYTES_MAX + 1), 422)["error"]
    assert f"has {imports.BYTES_MAX + 1} bytes; at most {imports.BYTES_MAX}" in large
    bring(alice, "loving", "bob", 422)
    assert not Import.objects.exists()
    bring(alice, "muting", "bob")
    assert "One import at a time" in bring(alice, "muting", "bob", 409)["error"]


def test_suspended_people_bring_nothing_and_nobody_does_while_it_is_switched_off(
    alice: Account, bob: Account
) -> None:
    restrict("account", alice.id, "account_suspended")
    bring(alice, "muting", "bob", 403)
    bring(bob, "muting", "alice")
    switches.stand_still({"transfers": "off"})

    schedule.take_imports()

    assert bring(bob, "muting", "alice", 503)["error"].startswith("Import and export are switched off")
    assert [each["state"] for each in client_of(bob).get(API).json()] == ["waiting"]
    assert not Mute.objects.exists()
