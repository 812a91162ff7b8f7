"""The site's keys: made when they are needed, replaced when they have to be, verifiable for ever."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from tests.people import NOON
from upscrolled import keys
from upscrolled.core.errors import Invalid
from upscrolled.models import SigningKey

LATER = NOON + timedelta(days=30)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_keys_at_hand():
    keys.forget()


def test_the_first_signature_makes_the_key_and_the_next_one_uses_it():
    first = keys.sign("pools", b"one", now=NOON)
    second = keys.sign("pools", b"two", now=LATER)

    assert first.key_id == second.key_id
    assert keys.verify(first.key_id, b"one", first.signature)
    assert not keys.verify(first.key_id, b"two", first.signature)
    assert not keys.verify("0" * 16, b"one", first.signature)


def test_each_purpose_has_a_key_of_its_own():
    pools, log = keys.sign("pools", b"x", now=NOON), keys.sign("log", b"x", now=NOON)

    assert pools.key_id != log.key_id
    assert not keys.verify(log.key_id, b"x", pools.signature)


def test_a_key_replaces_another_and_what_the_old_one_signed_stays_good():
    old = keys.sign("pools", b"x", now=NOON)

    keys.rotate("pools", now=LATER, because="a laptop was stolen")

    new = keys.sign("pools", b"x", now=LATER)
    assert new.key_id != old.key_id
    assert keys.verify(old.key_id, b"x", old.signature)
    retired = SigningKey.objects.get(pk=old.key_id)
    assert (retired.retired_at, retired.because) == (LATER, "a laptop was stolen")
    assert bytes(retired.sealed) == b""
    with pytest.raises(keys.KeyLost, match="destroyed"):
        keys.private_of(retired)


def test_a_phone_keeps_to_its_key_so_the_private_half_is_kept():
    old = keys.in_use("push", now=NOON)
    signed = keys.sign("push", b"x", now=NOON)

    keys.rotate("push", now=LATER, because="yearly")

    assert keys.private_of(SigningKey.objects.get(pk=old.id))
    assert keys.verify(signed.key_id, b"x", signed.signature)
    assert len(bytes(old.public)) == 65


def test_a_sealing_key_has_nothing_to_publish():
    key = keys.in_use("messages", now=NOON)
    keys.in_use("pools", now=NOON)

    assert len(keys.private_of(key)) == 32
    assert [published.purpose for published in keys.published()] == ["pools"]


def test_the_private_half_lies_sealed(settings):
    key = keys.in_use("pools", now=NOON)
    private = keys.private_of(key)

    assert private not in bytes(key.sealed)
    keys.forget()
    settings.SECRET_KEY = "another"
    with pytest.raises(keys.KeyLost, match="SECRET_KEY"):
        keys.private_of(key)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    with pytest.raises(keys.KeyLost):
        keys.private_of(key)


def test_a_secret_that_follows_another_still_opens_the_key(settings):
    before = settings.SECRET_KEY
    key = keys.in_use("pools", now=NOON)
    keys.forget()

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [before]

    assert keys.sign("pools", b"x", now=LATER).key_id == key.id


def test_signing_goes_on_with_a_new_key_where_the_old_one_cannot_be_opened(settings):
    old = keys.sign("pools", b"x", now=NOON)
    keys.forget()
    settings.SECRET_KEY = "another"

    new = keys.sign("pools", b"x", now=LATER)

    assert new.key_id != old.key_id
    assert keys.verify(new.key_id, b"x", new.signature)
    assert keys.verify(old.key_id, b"x", old.signature)


def test_a_purpose_has_one_key_in_use():
    key = keys.in_use("pools", now=NOON)
    key.id = "f" * 16

    with pytest.raises(IntegrityError), transaction.atomic():
        key.save(force_insert=True)


def test_a_key_is_not_replaced_without_a_reason_or_for_nothing():
    with pytest.raises(Invalid, match="Say why"):
        keys.rotate("pools", now=NOON, because=" ")
    with pytest.raises(Invalid, match="'cookies'; there are pools, log"):
        keys.rotate("cookies", now=NOON, because="x")


def test_the_public_keys_are_told_to_everybody_the_one_in_use_first(client_of):
    old = keys.sign("pools", b"x", now=NOON)
    new = keys.rotate("pools", now=LATER, because="yearly")

    told = client_of().get("/api/v1/upscrolled/keys").json()

    assert [(key["id"], key["retired_at"] is None) for key in told] == [(new.id, True), (old.key_id, False)]
    raw = base64.b64decode(told[1]["public_key"])
    Ed25519PublicKey.from_public_bytes(raw).verify(old.signature, b"x")
    assert set(told[0]) == {"id", "purpose", "algorithm", "public_key", "created_at", "retired_at"}


def test_the_command_lists_and_replaces_keys(capsys):
    old = keys.in_use("pools", now=NOON)

    call_command("keys", "rotate", "pools", because="yearly")
    call_command("keys")

    told = capsys.readouterr().out
    assert f"Key {keys.in_use('pools', now=NOON).id} is in use for pools." in told
    assert f"{old.id} since 2026-01-15 12:00 UTC, retired" in told
    assert "yearly" in told
    with pytest.raises(CommandError, match="Name what the key is for"):
        call_command("keys", "rotate")
