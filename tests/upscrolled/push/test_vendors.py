"""Phones that only Apple's or Google's service reaches: told over HTTP/2, without the texts of posts."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from feed import pushing
from messaging.operations import conversations, keeping
from tests.chat import say
from tests.people import client_of, publish
from tests.upscrolled.push.vendors import FakeVendor, fake_vendor
from upscrolled import tasks
from upscrolled.models import Notification, PushDelivery, PushSubscription
from upscrolled.push import apple, google

pytestmark = pytest.mark.django_db
PATH = "/api/v1/upscrolled/push/device"
TOKEN = "0123456789abcdef" * 4
WANTED = {"data": {"alerts": {"mention": True}, "upscrolled": {"withdraws": True}}}
APPLE_KEY, GOOGLE_KEY = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65_537, 2_048)


def pem(key: Any) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def vendor(settings: Any, tmp_path: Path) -> Iterator[FakeVendor]:
    """Both services at one address, and a site that may use them."""
    with fake_vendor() as running:
        settings.APNS_URL = settings.FCM_URL = running.address
        settings.APNS_KEY, settings.FCM_CREDENTIALS = str(tmp_path / "key.p8"), str(tmp_path / "account.json")
        settings.APNS_KEY_ID, settings.APNS_TEAM_ID, settings.APNS_TOPIC = "KEY", "TEAM", "org.example.app"
        Path(settings.APNS_KEY).write_bytes(pem(APPLE_KEY))
        account = {
            "project_id": "sun",
            "client_email": "push@sun.example.org",
            "private_key": pem(GOOGLE_KEY).decode(),
            "token_uri": f"{running.address}/token",
        }
        Path(settings.FCM_CREDENTIALS).write_text(json.dumps(account))
        apple.forget()
        google.forget()
        yield running


def subscribe(account: Any, service: str) -> Any:
    tasks.tell_owed()
    client = client_of(account)
    answer = client.post(PATH, {"service": service, "token": TOKEN, **WANTED})
    assert answer.status_code == 200, answer.content
    assert answer.json()["upscrolled"] == {"service": service, "withdraws": True}
    return client


def send(now: datetime | None = None) -> int:
    tasks.tell_owed()
    return pushing.send_owed(clock=lambda: now or datetime.now(UTC))


def claims_of(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Head and claims of a signed token, what was signed, and the signature."""
    said, _, signature = token.rpartition(".")
    head, claims, raw = (base64.urlsafe_b64decode(part + "==") for part in (*said.split("."), signature))
    return json.loads(head), json.loads(claims), said.encode(), raw


def test_apple_is_told_who_we_are_and_a_line_and_no_text(vendor, alice, bob) -> None:
    subscribe(alice, "apns")
    publish(bob, "A secret for @alice")
    assert send() == 1

    ((path, head, said),) = vendor.pushes()
    told = Notification.objects.get(recipient=alice, kind="mention")
    assert path == f"/3/device/{TOKEN}"
    assert said["aps"] == {"alert": {"body": "Bob mentioned you"}, "mutable-content": 1, "sound": "default"}
    assert said["upscrolled"] == {"type": "mention", "notification_id": told.id}
    assert "secret" not in json.dumps(said)
    assert (head["apns-topic"], head["apns-push-type"], head["apns-priority"]) == (
        "org.example.app",
        "alert",
        "10",
    )
    assert head["apns-collapse-id"] == str(told.id)
    header, claims, signed, raw = claims_of(head["authorization"].removeprefix("bearer "))
    assert (header["alg"], header["kid"], claims["iss"]) == ("ES256", "KEY", "TEAM")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    APPLE_KEY.public_key().verify(der, signed, ec.ECDSA(hashes.SHA256()))
    assert send() == 0, "it is sent once"


def test_google_gives_a_token_for_a_signature_and_is_told_data_alone(vendor, alice, bob) -> None:
    subscribe(alice, "fcm")
    for number in range(3):
        publish(bob, f"A secret for @alice {number}")
    assert send() == 3

    asked = [parse_qs(body.decode()) for path, _, body in vendor.taken if path == "/token"]
    assert len(asked) == 1, "one token does for all of them"
    header, claims, signed, raw = claims_of(asked[0]["assertion"][0])
    assert (header["alg"], claims["iss"], claims["scope"]) == ("RS256", "push@sun.example.org", google.SCOPE)
    GOOGLE_KEY.public_key().verify(raw, signed, padding.PKCS1v15(), hashes.SHA256())
    path, head, said = vendor.pushes()[0]
    assert (path, head["authorization"]) == ("/v1/projects/sun/messages:send", "Bearer a-token")
    assert (said["message"]["token"], said["message"]["data"]["title"]) == (TOKEN, "Bob mentioned you")
    assert said["message"]["android"]["priority"] == "HIGH"
    assert "secret" not in json.dumps(said)
    assert vendor.connections == 2, "one connection for the token, one for all pushes"


@pytest.mark.parametrize("service", ["apns", "fcm"])
def test_what_was_read_elsewhere_is_taken_back_without_a_line(vendor, alice, bob, service) -> None:
    subscribe(alice, service)
    publish(bob, "Hello @alice")
    send()
    told = Notification.objects.get(recipient=alice, kind="mention")
    client_of(alice).post("/api/v1/markers", {"notifications": {"last_read_id": str(told.id)}})
    assert send() == 1

    said = json.dumps(vendor.pushes()[-1][2])
    assert "upscrolled.read" in said
    assert str(told.id) in said
    assert "mentioned" not in said
    assert ('"content-available": 1' in said) == (service == "apns")


@pytest.mark.parametrize("service", ["apns", "fcm"])
def test_a_conversation_read_elsewhere_is_named_and_nothing_else_is_replaced(
    vendor, alice, bob, service
) -> None:
    client_of(alice).post(
        PATH,
        {
            "service": service,
            "token": TOKEN,
            "data": {"alerts": {"upscrolled.message": True}, "upscrolled": {"withdraws": True}},
        },
    )
    now = datetime.now(UTC)
    pair = conversations.begin_pair(bob.id, by=alice, now=now)
    say(pair, bob, "a secret", now=now)
    assert send() == 1
    keeping.read(pair, up_to=None, by=alice, now=now)
    assert send() == 1

    _, head, said = vendor.pushes()[-1]
    collapses = head.get("apns-collapse-id") or said["message"]["android"]["collapse_key"]
    assert collapses == f"conversation {pair}"
    assert f'"conversation_id": "{pair}"' in json.dumps(said)
    assert "upscrolled.conversation_read" in json.dumps(said)


@pytest.mark.parametrize(
    ("service", "answer", "phones", "owed"),
    [
        ("apns", (410, {"reason": "Unregistered"}, {}), 0, 0),
        ("apns", (400, {"reason": "BadDeviceToken"}, {}), 0, 0),
        ("apns", (400, {"reason": "BadTopic"}, {}), 1, 0),
        ("apns", (403, {"reason": "ExpiredProviderToken"}, {}), 1, 1),
        ("apns", (503, {"reason": "Shutdown"}, {}), 1, 1),
        ("fcm", (404, {"error": {"status": "NOT_FOUND"}}, {}), 0, 0),
        ("fcm", (400, {"error": {"status": "INVALID_ARGUMENT"}}, {}), 1, 0),
        ("fcm", (401, {"error": {"status": "UNAUTHENTICATED"}}, {}), 1, 1),
        ("fcm", (429, {"error": {"status": "QUOTA"}}, {"retry-after": "900"}), 1, 1),
    ],
)
def test_what_a_service_answers_is_believed(vendor, alice, bob, service, answer, phones, owed) -> None:
    subscribe(alice, service)
    vendor.answers = [answer, (200, {}, {})]
    publish(bob, "Hello @alice")
    now = datetime.now(UTC) + timedelta(seconds=5)  # what is owed is due by then
    send(now)

    assert (PushSubscription.objects.count(), PushDelivery.objects.count()) == (phones, owed)
    if owed:
        wait = int(answer[2].get("retry-after", 30))
        assert send(now + timedelta(seconds=wait - 1)) == 0
        assert send(now + timedelta(seconds=wait + 1)) == 1
        assert not PushDelivery.objects.exists()


def test_a_service_that_does_not_answer_is_asked_again(vendor, settings, alice, bob) -> None:
    subscribe(alice, "apns")
    settings.APNS_URL = "http://127.0.0.1:9"
    publish(bob, "Hello @alice")
    send()

    assert PushDelivery.objects.get().attempts == 1


def test_a_device_is_read_changed_and_ended_as_any_subscription(vendor, alice) -> None:
    client = subscribe(alice, "apns")
    assert client.get("/api/v1/push/subscription").json()["endpoint"] == TOKEN
    assert client.put(PATH, {"data": {"alerts": {"follow": True}}}).json()["alerts"]["follow"] is True
    assert client.delete(PATH).status_code == 200
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"service": "apns", "token": "../../../etc/passwd/x"}, "Token must be"),
        ({"service": "apns", "token": "short"}, "Token must be"),
        ({"service": "pigeon", "token": TOKEN}, "pigeon"),
        ({"service": "fcm", "token": TOKEN}, "one that this site has: apns; not 'fcm'"),
    ],
)
def test_what_is_no_device_is_refused(vendor, settings, alice, form, says) -> None:
    settings.FCM_CREDENTIALS = ""
    answer = client_of(alice).post(PATH, form)

    assert answer.status_code == 422
    assert says in answer.json()["error"]
