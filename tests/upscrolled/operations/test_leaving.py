"""People delete their accounts: closed at once, erased by the clock, and nobody takes the name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command

from feed.models import Post
from feed.operations import audit, interact
from feed.operations.leaving import empty_erased
from moderation.operations.audit import audit as moderation_audit
from tests.browser import Browser
from tests.media import ready
from tests.people import NOON, PASSWORD, ApiClient, client_of, publish, seen_by, token_of
from tests.restricting import restrict
from upscrolled import keeping, people, switches
from upscrolled.api import entities
from upscrolled.core.errors import Conflict
from upscrolled.models import Account, AccountNote, Departure, Follow, MediaAttachment, OwedMail, SignInRecord
from upscrolled.operations import accounts, leaving, signins
from upscrolled.operations.holds import place_hold, release_hold
from upscrolled.operations.leaving import WrongPassword, erase_due, leave
from upscrolled.operations.relationships import follow
from upscrolled.origin import Origin
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db
HERE = Origin("192.0.2.7", "device", "Sunbird", "")
LATER = NOON + timedelta(days=31)
API = "/api/v1/upscrolled/account/delete"
ME = "/api/v1/accounts/verify_credentials"


def left(account: Account) -> Departure:
    return leave(account=account, password=PASSWORD, now=NOON)


def link(account: Account) -> str:
    """The path of the link in the mail."""
    address = OwedMail.objects.get(to=account.email, template="account/email/left").facts["link"]
    return "/accounts/come-back/" + str(address).rpartition("come-back/")[2]


def test_an_account_closes_at_once_and_is_erased_after_thirty_days(alice: Account, bob: Account) -> None:
    phone = ApiClient(token_of(alice))

    departure = left(alice)

    assert departure.erase_at == NOON + timedelta(days=30)
    assert phone.get(ME).status_code == 401
    assert client_of(bob).get(f"/api/v1/accounts/{alice.id}").status_code == 404
    person = people.load(Viewer(bob), [alice.id])[alice.id]  # as beside messages that bob keeps
    assert entities.account(person).display_name == "Deleted account"
    assert "@alice" not in Browser().sign_in("alice").text
    assert erase_due(now=NOON + timedelta(days=29)) == 0
    assert left(alice) == departure  # said twice, it counts once
    assert OwedMail.objects.filter(template="account/email/left").count() == 1


def test_the_link_in_the_mail_opens_the_account_again_and_only_once(alice: Account) -> None:
    leave(account=alice, password=PASSWORD, now=_now())
    browser, path = Browser("fr"), link(alice)

    asked = browser.open(path)
    assert asked.page.status_code == 200
    assert not Account.objects.get(pk=alice.pk).is_active  # programs that read mails follow links
    browser.send()

    assert "@alice" in Browser().sign_in("alice").text
    assert Browser().open(path).page.status_code == 404
    assert Browser().open(path[:-2] + "/").page.status_code == 404


def test_the_shell_opens_it_too_but_not_once_its_time_is_over(alice: Account, bob: Account) -> None:
    leave(account=alice, password=PASSWORD, now=_now())
    call_command("account", "restore", "alice")
    assert Account.objects.get(pk=alice.pk).is_active

    left(bob)
    with pytest.raises(Conflict):
        leaving.come_back(account=bob, now=LATER)
    assert not Account.objects.get(pk=bob.pk).is_active


def test_erasure_leaves_a_name_and_nothing_else_and_every_number_agrees(
    alice: Account, bob: Account, dave: Account
) -> None:
    bio, note = "I mend boats", "met at the harbour"
    accounts.change_columns(account=alice, note=bio, pronouns="she", display_name="Alice of the sea")
    address = alice.email
    follow(dave, by=alice, now=NOON)
    AccountNote.objects.create(account=alice, target=bob, text=note, created_at=NOON)
    signins.record(account=alice, kind="sign_in", origin=HERE, now=NOON)
    first = publish(alice, "a secret of mine #sea")
    publish(alice, "second", after=1)
    publish(bob, "an answer", after=2, reply_to=first)
    his = publish(dave, "of dave", after=3)
    interact.repost(seen_by(alice, his), by=alice, audience="public", now=NOON)
    restrict("post", first, "sensitive")
    left(alice)

    assert erase_due(now=LATER) == 1
    assert Post.objects.filter(author=alice, deleted_at=None).count() == 3  # the feed's own clock comes after
    empty_erased(now=LATER)
    once = Account.objects.filter(pk=alice.pk).values().get()

    assert (once["username"], once["email"]) == ("alice", f"{alice.id}@erased.invalid")
    assert (once["display_name"], once["note"], once["pronouns"]) == ("", "", "")
    assert not Account.objects.get(pk=alice.pk).has_usable_password()
    assert not EmailAddress.objects.filter(user=alice).exists()
    assert not SignInRecord.objects.filter(account=alice).exists()
    assert not AccountNote.objects.filter(account=alice).exists()
    assert not Follow.objects.exists()
    assert not Post.objects.filter(author=alice, deleted_at=None).exists()
    assert [found.name for found in audit.audit() if found.wrong] == []
    assert [found for found in moderation_audit(now=LATER) if found.wrong] == []
    # Nothing is done twice, and the tasks may be lost and asked again.
    assert (erase_due(now=LATER), empty_erased(now=LATER)) == (0, 0)
    assert Account.objects.filter(pk=alice.pk).values().get() == once
    taken = accounts.username_problems("Alice")
    assert [code for _field, code, _sentence in taken] == ["ERR_TAKEN"]
    assert accounts.create_account(username="erin", email=address, confirmed=True, now=LATER).is_confirmed


def test_photos_of_posts_go_with_the_erasure_once_no_hold_stands(alice: Account, media_root: Any) -> None:
    photo = ready(alice)
    posted = client_of(alice).post("/api/v1/statuses", {"status": "a boat", "media_ids": [photo]})
    assert posted.status_code == 200, posted.content
    place_hold(int(photo), because="order 7", by=None, now=NOON)
    left(alice)

    assert erase_due(now=LATER) == 0  # somebody has to keep it by law
    release_hold(int(photo), now=LATER)
    assert erase_due(now=LATER) == 1
    empty_erased(now=LATER)

    assert MediaAttachment.objects.get(pk=photo).deleted_at == LATER


def test_nobody_is_erased_while_an_appeal_is_open(alice: Account, monkeypatch: Any) -> None:
    left(alice)
    waiting = {alice.id}
    monkeypatch.setattr(keeping, "_rooms", [lambda ids: waiting & set(ids)])

    assert erase_due(now=LATER) == 0
    waiting.clear()
    assert erase_due(now=LATER) == 1


def test_more_followers_than_are_let_go_at_once_take_several_rounds(
    alice: Account, bob: Account, dave: Account, monkeypatch: Any
) -> None:
    follow(alice, by=dave, now=NOON)
    left(alice)
    monkeypatch.setattr(leaving, "EDGES_AT_ONCE", 1)

    assert [erase_due(now=LATER) for _ in range(3)] == [0, 0, 1]


def test_a_wrong_password_is_refused_and_guessing_it_is_stopped(alice: Account) -> None:
    client = client_of(alice)
    assert client.post(API, {"password": "wrong"}).status_code == 422
    assert client.post(API, {}).status_code == 422
    for _ in range(leaving.TRIES.allowance - 1):
        with pytest.raises(WrongPassword):
            leave(account=alice, password="wrong", now=NOON)

    assert client.post(API, {"password": PASSWORD}).status_code == 429
    assert Account.objects.get(pk=alice.pk).is_active


def test_a_suspended_person_deletes_their_account_by_app_or_page(alice: Account, bob: Account) -> None:
    restrict("account", alice.id, "account_suspended")
    restrict("account", bob.id, "account_suspended")

    answer = client_of(alice).post(API, {"password": PASSWORD})
    page = Browser()
    page.sign_in("bob")
    done = page.open("/account/delete").send(password=PASSWORD)

    assert answer.status_code == 200, answer.content
    assert sorted(answer.json()) == ["erased_at", "left_at"]
    assert done.page.status_code == 200
    assert "Your account is closed" in done.text
    assert Departure.objects.count() == 2


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("fr", "ltr"), ("ar", "rtl")])
def test_the_page_speaks_three_languages_and_wants_the_password(
    alice: Account, language: str, direction: str
) -> None:
    page = Browser(language)
    page.sign_in("alice")

    wrong = page.open("/account/delete").send(password="wrong")

    assert wrong.page.status_code == 422
    assert f'dir="{direction}"' in wrong.text
    assert ("Delete your account" in wrong.text) == (language == "en")
    assert "<script" not in wrong.text
    assert not Departure.objects.exists()


def test_nobody_who_is_not_signed_in_sees_the_page() -> None:
    assert re.match("/accounts/login/", Browser().open("/account/delete").location)


def test_a_site_that_is_read_only_deletes_no_account(alice: Account) -> None:
    switches.stand_still({"writes": "off"})
    page = Browser()
    page.sign_in("alice")

    assert client_of(alice).post(API, {"password": PASSWORD}).status_code == 503
    assert page.open("/account/delete").send(password=PASSWORD).page.status_code == 503
    assert not Departure.objects.exists()


def _now() -> datetime:
    return datetime.now(UTC)
