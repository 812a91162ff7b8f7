"""An application written for the Mastodon API (Mastodon.py): in, up and out again."""

from __future__ import annotations

import re

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonUnauthorizedError

from tests.journeys.conftest import Product
from tests.people import PASSWORD

pytestmark = pytest.mark.journey


def test_the_application_learns_who_signed_in_and_where_it_is(product: Product, ann: Mastodon) -> None:
    me = ann.account_verify_credentials()
    site = ann.instance()

    assert (me.username, me.acct, me.source.privacy) == ("ann", "ann", "public")
    assert me.url == f"{product.address}/@ann"
    assert site.configuration.statuses.max_characters == 500
    assert ann.instance_v2().usage.users.active_month >= 0
    assert ann.instance_rules()[0].text
    assert ann.instance_nodeinfo().metadata.upstream.name == "mastodon"
    assert ann.app_verify_credentials().name == "Sunbird"
    assert ann.preferences()["posting:default:visibility"] == "public"
    for listed in (ann.custom_emojis, ann.conversations, ann.domain_blocks):
        assert listed() == [], listed.__name__
    assert ann.instance_health()


def test_somebody_signs_up_and_confirms_the_address(product: Product) -> None:
    app = product.app("Newcomer")
    token, error = app.create_account(
        "dora",
        PASSWORD,
        "dora@example.org",
        agreement=True,
        scopes=["read", "write"],
        return_detailed_error=True,
    )
    assert token, error

    dora = Mastodon(access_token=token, api_base_url=product.address, ratelimit_method="throw")
    with pytest.raises(MastodonAPIError, match="403"):
        dora.timeline_home()
    browser = product.browser().open(product.mailed_link("dora@example.org"))
    browser.send().follow()

    assert dora.timeline_home() == []
    assert dora.me().username == "dora"


def test_signing_up_names_every_fault(product: Product) -> None:
    token, error = product.app("Newcomer").create_account(
        "ann", "short", "nobody", agreement=False, scopes=["read", "write"], return_detailed_error=True
    )

    assert token is None
    assert {field: faults[0].error for field, faults in error.details.items() if faults} == {
        "username": "ERR_TAKEN",
        "password": "ERR_TOO_SHORT",
        "email": "ERR_INVALID",
        "agreement": "ERR_ACCEPTED",
    }


def test_logging_out_ends_the_token(product: Product) -> None:
    api = product.sign_in("cleo")
    token = api.access_token
    assert api.me().username == "cleo"

    api.revoke_access_token(allow_http=True)

    with pytest.raises(MastodonUnauthorizedError):
        Mastodon(access_token=token, api_base_url=product.address).me()
    assert re.fullmatch(r"[\w-]{40,}", token)
