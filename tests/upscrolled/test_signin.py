"""Who may sign in, and who may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import Browser
from tests.people import NOON, PASSWORD, ApiClient, make_account, token_of
from tests.restricting import restrict
from upscrolled import access
from upscrolled.models import Account
from upscrolled.operations import accounts

pytestmark = pytest.mark.django_db
ME = "/api/v1/apps/verify_credentials"


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.org", "Alice@Example.org"])
def test_people_sign_in_by_name_or_address_in_whatever_case(alice: Account, name: str) -> None:
    assert "@alice" in Browser().sign_in(name).text


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(alice: Account) -> None:
    wrong = Browser().sign_in("alice", "wrong").text
    unknown = Browser().sign_in("nobody", "wrong").text

    assert "Name and password do not match." in wrong
    assert "Name and password do not match." in unknown


def test_people_sign_in_while_the_cache_is_away(alice: Account, settings: Any) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}

    assert "@alice" in Browser().sign_in("alice").text


def test_guessing_passwords_is_stopped(alice: Account) -> None:
    for _ in range(11):
        page = Browser().sign_in("alice", "wrong")

    assert "Too many failed attempts" in page.text
    assert "Sign out" not in Browser().sign_in("alice").text


def test_a_closed_account_cannot_sign_in_and_its_tokens_end(alice: Account) -> None:
    token = token_of(alice)

    accounts.close_account(account=alice)

    assert "Sign out" not in Browser().sign_in("alice").text
    assert ApiClient(token).get(ME).status_code == 401


def test_a_suspended_account_signs_in_so_that_its_owner_can_read_why(alice: Account) -> None:
    restrict("account", alice.id, "account_suspended", starts_at=NOON)

    assert "@alice" in Browser().sign_in("alice").text
    principal = access.principal(access.digest(token_of(alice)))
    assert principal is not None
    assert principal.restrictions == {"account_suspended"}


def test_somebody_who_has_not_confirmed_the_address_is_told_so() -> None:
    make_account("erin", confirmed=False)

    assert "Confirm your e-mail address" in Browser().sign_in("erin").text


def test_the_password_is_never_kept_as_it_is(alice: Account) -> None:
    assert PASSWORD not in alice.password
    assert alice.password.startswith("pbkdf2_sha256$")
