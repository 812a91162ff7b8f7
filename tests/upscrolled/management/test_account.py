"""The shell makes people: `manage.py account create`."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from tests.browser import Browser
from upscrolled.core import valkey
from upscrolled.models import Account, Application

pytestmark = pytest.mark.django_db


def create(name: str, *options: str) -> str:
    out = StringIO()
    email = f"{name.lower()}@example.org"
    call_command(
        "account", "create", name, "--email", email, "--password", "a good long one", *options, stdout=out
    )
    return out.getvalue().strip()


def test_a_confirmed_moderator_can_sign_in_at_once() -> None:
    said = create("mia", "--confirmed", "--role", "moderator", "--locale", "ar", "--locked")

    mia = Account.objects.get(username="mia")
    assert said == f"@mia {mia.id}"
    assert (mia.role, mia.is_staff, mia.locale, mia.locked, mia.is_confirmed) == (
        "moderator",
        True,
        "ar",
        True,
        True,
    )
    assert mia.posting_audience() == "followers"
    assert EmailAddress.objects.get(user=mia).verified
    assert "@mia" in Browser().sign_in("mia", "a good long one").text


def test_without_confirmed_the_link_is_mailed(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        create("noor")

    assert not Account.objects.get().is_confirmed
    assert valkey.data().llen("critical") == 1


def test_the_shell_may_use_a_reserved_name() -> None:
    assert create("support", "--confirmed").startswith("@support")


@pytest.mark.parametrize("name", ["Mia", "no spaces", "x" * 31])
def test_a_name_that_cannot_be_is_refused_in_one_sentence(name: str) -> None:
    create("mia", "--confirmed")

    with pytest.raises(CommandError, match="Username"):
        create(name, "--confirmed")


def test_there_is_no_other_role() -> None:
    with pytest.raises(CommandError, match="role"):
        create("mia", "--role", "king")


def test_a_token_from_the_shell_opens_the_api(client_of: Any) -> None:
    create("mia", "--confirmed")
    out = StringIO()
    call_command("account", "token", "@Mia", "--scopes", "read", stdout=out)

    client = client_of()
    client.token = out.getvalue().strip()

    assert client.get("/api/v1/accounts/verify_credentials").json()["acct"] == "mia"
    assert client.get("/api/v1/apps/verify_credentials").json()["name"] == "Command line"
    assert client.post("/api/v1/statuses", {"status": "x"}).status_code == 403
    call_command("account", "token", "@Mia", stdout=StringIO())
    assert Application.objects.count() == 1


def test_there_is_no_token_for_nobody() -> None:
    with pytest.raises(CommandError, match="no account ghost"):
        call_command("account", "token", "ghost")
