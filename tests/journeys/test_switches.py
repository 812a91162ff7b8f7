"""The operator turns a switch while the platform runs, and an application (Mastodon.py) goes by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
from mastodon import Mastodon, MastodonAPIError, MastodonServiceUnavailableError

from tests.browser import OUT_OF_BAND
from tests.journeys.conftest import Product
from tests.people import PASSWORD
from tests.waiting import until

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module", autouse=True)
def _turned_back(product: Product) -> Iterator[None]:
    """A journey leaves a switch where the next one finds and turns it; in the end all stand as before."""
    yield
    turn(product, "registrations", "open")
    turn(product, "writes", "on")


def turn(product: Product, name: str, value: str) -> None:
    """Turn a switch, and return when the running product has noticed."""
    done = product.up.manage("switch", name, value, "--because", "the journey wants to see it")
    assert done.returncode == 0, done.stderr
    features = f"{product.address}/api/v1/upscrolled/features"
    until(
        lambda: requests.get(features, timeout=60).json()["switches"][name],
        lambda stands: stands == value,
    )


def sign_up(product: Product, name: str, **more: str) -> tuple[str | None, str]:
    """Return a token, or None and why not."""
    token, error = product.app("Newcomer").create_account(
        name,
        PASSWORD,
        f"{name}@example.org",
        agreement=True,
        scopes=["read", "write"],
        return_detailed_error=True,
        **more,
    )
    return token, error.error or ""


def signed_in(product: Product, token: str | None) -> Mastodon:
    assert token is not None
    return Mastodon(access_token=token, api_base_url=product.address, ratelimit_method="throw")


def confirm(product: Product, name: str) -> None:
    product.browser().open(product.mailed_link(f"{name}@example.org")).send()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(MastodonAPIError) as refused:
        call()
    return str(refused.value)


def test_where_people_are_let_in_somebody_waits_and_is_let_in(product: Product) -> None:
    turn(product, "registrations", "approval")
    site = product.app().instance_v1()
    assert (site.registrations, site.approval_required) == (True, True)
    assert "reason" in sign_up(product, "eda")[1].lower()

    token, error = sign_up(product, "eda", reason="I bake, and want to show it.")
    assert token, error
    eda = signed_in(product, token)
    confirm(product, "eda")
    assert "pending" in refusal(eda.me)
    assert "I bake, and want to show it." in product.up.manage("account", "waiting").stdout
    product.up.manage("account", "approve", "eda")
    assert eda.me().username == "eda"
    assert eda.timeline_home() == []


def test_by_invitation_whoever_has_one_comes_in_and_it_is_used_up(product: Product) -> None:
    turn(product, "registrations", "invite")
    assert not product.app().instance_v1().registrations
    assert "by invitation" in sign_up(product, "fadi")[1]
    code = product.up.manage("account", "invite").stdout.strip().partition("invite=")[2]

    first = _sign_up_with(product, "fadi", code)
    assert first.status_code == 200, first.text
    confirm(product, "fadi")
    assert signed_in(product, first.json()["access_token"]).me().username == "fadi"
    assert _sign_up_with(product, "gino", code).status_code == 422


def test_when_it_is_closed_nobody_comes_in(product: Product) -> None:
    turn(product, "registrations", "closed")
    told = product.app().instance_v2().registrations
    assert not told.enabled
    assert "no new registrations" in sign_up(product, "hana")[1]


def test_read_only_refuses_writes_and_goes_on_reading(product: Product, ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("Before.")
    turn(product, "writes", "off")
    with pytest.raises(MastodonServiceUnavailableError, match="read-only"):
        ann.status_post("During.")
    with pytest.raises(MastodonServiceUnavailableError, match="read-only"):
        ben.status_favourite(post)
    assert ben.status(post).content == "<p>Before.</p>"
    assert product.sign_in("cleo").timeline_home() is not None
    turn(product, "writes", "on")
    assert ben.status_favourite(post).favourited


def _sign_up_with(product: Product, name: str, code: str) -> requests.Response:
    """Sign up with an invitation: Mastodon.py has no word for it."""
    app = product.app("Newcomer")
    grant = {
        "grant_type": "client_credentials",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": OUT_OF_BAND,
        "scope": "read write",
    }
    token = requests.post(f"{product.address}/oauth/token", data=grant, timeout=60).json()["access_token"]
    facts = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "agreement": "true"}
    return requests.post(
        f"{product.address}/api/v1/accounts",
        data=facts | {"invite_code": code, "locale": "ar"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
