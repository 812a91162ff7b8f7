"""Mastodon.py subscribes to pushes, changes what it wants and ends it; what is sealed for its keys opens with them."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from mastodon import Mastodon, MastodonNotFoundError

from tests.upscrolled.push.phone import Phone
from upscrolled.push import encryption

pytestmark = pytest.mark.journey
ENDPOINT = "https://push.example.net/one"


def test_a_subscription_lives_from_its_keys_to_its_end(ben: Mastodon) -> None:
    private, public = ben.push_subscription_generate_keys()
    made = ben.push_subscription_set(
        ENDPOINT, public, mention_events=True, favourite_events=True, policy="followed"
    )
    assert (made.endpoint, made.alerts.mention, made.alerts.reblog) == (ENDPOINT, True, False)
    assert made.server_key == ben.instance_v2().configuration.vapid.public_key
    assert ben.push_subscription().id == made.id

    changed = ben.push_subscription_update(reblog_events=True, policy="all")
    assert (changed.id, changed.alerts.mention, changed.alerts.reblog) == (made.id, False, True)

    # Its own helper for opening needs a package without wheels: the same steps with its keys, by RFC and by draft.
    phone = Phone(
        ENDPOINT, key=ec.derive_private_key(private["privkey"], ec.SECP256R1()), auth=private["auth"]
    )
    for standard in (True, False):
        sealed = encryption.seal(
            b'{"title": "tea"}', p256dh=public["pubkey"], auth=public["auth"], standard=standard
        )
        headers = {name.lower(): value for name, value in sealed.headers.items()}
        assert phone.open(headers, sealed.body) == {"title": "tea"}

    ben.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        ben.push_subscription()
