"""Pushes: sealed for one phone, signed, sent once, tried again, and taken back when something was read elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from feed import pushing
from feed.operations.interact import like
from feed.operations.revise import delete_post
from tests.people import client_of, publish, seen_by
from tests.upscrolled.push.phone import Phone, require_signed
from tests.upscrolled.push.service import PushService, push_service
from upscrolled import tasks
from upscrolled.models import Account, Notification, PushDelivery, PushSubscription
from upscrolled.operations import push
from upscrolled.operations.relationships import block, follow

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running


def subscribe(account: Account, phone: Phone, **data: object):
    """An application subscribes this phone; then it is moved to our push service, which speaks no TLS.

    What happened before is told, to nobody.
    """
    tasks.tell_owed()
    client = client_of(account)
    answer = client.post("/api/v1/push/subscription", phone.form(**data))
    assert answer.status_code == 200, answer.content
    PushSubscription.objects.update(endpoint="http://push.example.net/one")
    return client, answer.json()


def send(service: PushService, now: datetime | None = None) -> int:
    """Have told and sent what is owed."""
    tasks.tell_owed()
    clock = (lambda: now) if now is not None else (lambda: datetime.now(UTC))
    return pushing.send_owed(reach=service.reach, clock=clock)


@pytest.mark.parametrize("standard", [True, False])
def test_a_phone_opens_what_it_is_sent(service, alice, bob, standard) -> None:
    phone = Phone()
    _, subscribed = subscribe(alice, phone, standard=standard)
    publish(bob, "Hello @alice, tea & cake?")
    assert send(service) == 1

    ((path, headers, body),) = service.taken
    message = phone.open(headers, body)
    told = Notification.objects.get(recipient=alice, kind="mention")
    assert path == "/one"
    assert message == {
        "access_token": "",
        "preferred_locale": "en",
        "notification_id": told.id,
        "notification_type": "mention",
        "icon": "",
        "title": "Bob mentioned you",
        "body": "Hello @alice, tea & cake?",
    }
    claims = require_signed(headers, audience="http://push.example.net", server_key=subscribed["server_key"])
    assert claims["sub"].startswith("mailto:")
    assert 0 < claims["exp"] - datetime.now(UTC).timestamp() <= 24 * 3_600
    assert headers["urgency"] == "high"
    assert int(headers["ttl"]) > 0
    assert len(headers["topic"]) == 32
    assert send(service) == 0, "it is sent once"


def test_the_key_of_the_site_is_told_where_applications_look(alice, client_of) -> None:
    from upscrolled.push import vapid

    vapid.forget()
    _, subscribed = subscribe(alice, Phone())
    key = subscribed["server_key"]
    assert client_of().get("/api/v2/instance").json()["configuration"]["vapid"]["public_key"] == key
    form = {"client_name": "Sun", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
    assert client_of().post("/api/v1/apps", form).json()["vapid_key"] == key


def test_a_subscription_is_read_changed_replaced_and_ended(alice) -> None:
    client, subscribed = subscribe(alice, Phone(), policy="followed")
    assert subscribed["endpoint"] == "https://push.example.net/one"
    assert (subscribed["alerts"]["mention"], subscribed["alerts"]["reblog"]) == (True, False)
    assert subscribed["policy"] == "followed"
    assert client.get("/api/v1/push/subscription").json()["id"] == subscribed["id"]
    form = {"data[alerts][reblog]": "true", "policy": "all"}
    changed = client.form("/api/v1/push/subscription", form, method="put").json()
    assert (changed["alerts"]["mention"], changed["alerts"]["reblog"], changed["policy"]) == (
        False,
        True,
        "all",
    )
    again = client.post("/api/v1/push/subscription", Phone("https://push.example.net/two").form()).json()
    assert again["endpoint"] == "https://push.example.net/two"
    assert PushSubscription.objects.count() == 1
    assert client.delete("/api/v1/push/subscription").json() == {}
    assert client.get("/api/v1/push/subscription").status_code == 404
    assert client.put("/api/v1/push/subscription", {}).status_code == 404


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("http://push.example.net/x", "https://"),
        ("https://127.0.0.1/x", "no address of a push service"),
        ("https://localhost/x", "no address of a push service"),
        ("https://169.254.169.254/latest", "no address of a push service"),
        ("https://[::1]/x", "no address of a push service"),
        ("https://push.example.net:22/x", "no address of a push service"),
        ("https://push.internal/x", "no address of a push service"),
        ("file:///etc/passwd", "https://"),
    ],
)
def test_an_address_inside_is_refused(alice, client_of, endpoint, why) -> None:
    answer = client_of(alice).post("/api/v1/push/subscription", Phone(endpoint).form())
    assert answer.status_code == 422
    assert why in answer.json()["error"]


@pytest.mark.parametrize("broken", ["p256dh", "auth", "point"])
def test_keys_that_are_none_are_refused(alice, client_of, broken) -> None:
    form = Phone().form()
    if broken == "point":
        form["subscription"]["keys"]["p256dh"] = "BA" + "A" * 85
    else:
        form["subscription"]["keys"][broken] = "AAAA"
    answer = client_of(alice).post("/api/v1/push/subscription", form)
    assert answer.status_code == 422
    assert "Keys" in answer.json()["error"]


def test_a_token_without_the_scope_subscribes_nobody(alice) -> None:
    answer = client_of(alice, scopes="read write").post("/api/v1/push/subscription", Phone().form())
    assert answer.status_code == 403


def test_a_name_that_leads_inside_is_not_asked(service, alice, bob) -> None:
    """The address was public when it was given; its name answers with loopback now."""
    from upscrolled.outbound.reach import Reach

    subscribe(alice, Phone())
    publish(bob, "@alice")
    tasks.tell_owed()
    pushing.send_owed(reach=Reach(resolver=service._resolve))
    assert service.taken == []
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_forgotten(service, alice, bob, status) -> None:
    subscribe(alice, Phone())
    service.status = status
    publish(bob, "@alice")
    send(service)
    assert not PushSubscription.objects.exists()
    assert not PushDelivery.objects.exists()


def test_a_busy_service_is_asked_again_when_it_says_and_not_for_ever(service, alice, bob) -> None:
    subscribe(alice, Phone())
    service.status, service.retry_after = 429, "90"
    publish(bob, "@alice")
    tasks.tell_owed()
    now = datetime.now(UTC)
    assert send(service, now) == 1
    assert PushDelivery.objects.get().due_at == now + timedelta(seconds=90)
    assert send(service, now + timedelta(seconds=80)) == 0
    service.status, service.retry_after = 503, ""
    tries = 1
    while PushDelivery.objects.exists():
        now = PushDelivery.objects.get().due_at
        tries += send(service, now)
    assert tries == len(service.taken) == 6


def test_a_worker_that_dies_leaves_the_push_to_the_next(service, alice, bob) -> None:
    from upscrolled.push import ledger

    subscribe(alice, Phone())
    publish(bob, "@alice")
    tasks.tell_owed()
    now = datetime.now(UTC)
    assert len(ledger.take(10, now=now)) == 1  # and it dies with it
    assert send(service, now) == 0
    assert send(service, now + ledger.LEASE + timedelta(seconds=1)) == 1


def test_what_may_not_be_seen_any_more_is_not_sent(service, alice, bob) -> None:
    subscribe(alice, Phone())
    post = publish(bob, "@alice a secret")
    tasks.tell_owed()
    delete_post(post, by=bob, now=NOW)
    publish(bob, "@alice another", after=1)
    tasks.tell_owed()
    block(bob, by=alice, now=NOW)
    send(service)
    assert service.taken == []


def test_a_token_that_was_revoked_is_told_nothing(service, alice, bob) -> None:
    subscribe(alice, Phone())
    from oauth2_provider.models import get_access_token_model

    publish(bob, "@alice")
    tasks.tell_owed()
    get_access_token_model().objects.filter(user=alice).delete()
    send(service)
    assert service.taken == []


def test_only_what_and_whom_the_phone_wants(service, alice, bob, dave) -> None:
    subscribe(alice, Phone(), policy="follower")
    post = publish(alice)
    like(seen_by(dave, post), by=dave, now=NOW)  # a stranger
    like(seen_by(bob, post), by=bob, now=NOW)  # who follows alice
    follow(bob, by=alice, now=NOW)
    assert send(service) == 1


@pytest.mark.parametrize(("hour", "told"), [(21, 1), (22, 0), (2, 0), (6, 1)])
def test_no_phone_is_woken_in_quiet_hours(service, alice, bob, hour, told) -> None:
    """From 23:00 to 07:00 in Tunis, which is an hour later than UTC."""
    subscribe(alice, Phone())
    client_of(alice).patch(
        "/api/v1/upscrolled/notification_settings",
        {"quiet_hours": {"starts": "23:00", "ends": "07:00", "zone": "Africa/Tunis"}},
    )
    from upscrolled.push import ledger

    publish(bob, "@alice")
    owed = Notification.objects.filter(recipient=alice, kind="mention").values_list("id", flat=True)
    assert ledger.owe(list(owed), now=NOW.replace(hour=hour)) == told


def test_settings_are_told_and_checked(alice, client_of) -> None:
    client = client_of(alice)
    path = "/api/v1/upscrolled/notification_settings"
    assert client.get(path).json() == {
        "unwanted": [],
        "quiet_hours": {"starts": "00:00", "ends": "00:00", "zone": "UTC"},
        "digest": "off",
    }
    wanted = {
        "unwanted": ["favourite"],
        "quiet_hours": {"starts": "22:30", "ends": "07:00", "zone": "Asia/Gaza"},
        "digest": "off",
    }
    assert client.patch(path, wanted).json() == wanted == client.get(path).json()
    for wrong, named in (
        ({"quiet_hours": {"starts": "25:00"}}, "25:00"),
        ({"quiet_hours": {"zone": "Mars/Base"}}, "Mars/Base"),
        ({"unwanted": ["poke"]}, "poke"),
    ):
        answer = client.patch(path, wrong)
        assert answer.status_code == 422
        assert named in answer.json()["error"]


def test_an_unwanted_type_wakes_no_phone_and_stands_in_the_list(service, alice, bob) -> None:
    subscribe(alice, Phone())
    push.choose(by=alice, wanted={"unwanted": ["mention"]}, now=NOW)
    publish(bob, "@alice")
    assert send(service) == 0
    assert len(client_of(alice).get("/api/v1/notifications").json()) == 2  # bob's follow, and the mention


def test_what_was_read_on_the_desk_does_not_wake_the_phone(service, alice, bob) -> None:
    phone = Phone()
    subscribe(alice, phone, upscrolled={"withdraws": True})
    publish(bob, "@alice")
    tasks.tell_owed()
    told = Notification.objects.get(recipient=alice, kind="mention")
    desk = client_of(alice)
    desk.post("/api/v1/markers", {"notifications": {"last_read_id": str(told.id)}})
    send(service)
    ((_, headers, body),) = service.taken
    assert phone.open(headers, body) == {"notification_type": "upscrolled.read", "notification_id": told.id}
    assert (headers["topic"], headers["urgency"]) == ("read", "low")


def test_a_phone_that_knows_no_withdrawal_is_sent_none(service, alice, bob) -> None:
    subscribe(alice, Phone())
    publish(bob, "@alice")
    tasks.tell_owed()
    told = Notification.objects.get(recipient=alice, kind="mention")
    client_of(alice).post("/api/v1/markers", {"notifications": {"last_read_id": str(told.id)}})
    assert send(service) == 0


def test_a_batch_of_pushes_costs_the_same_statements(service, alice, bob, dave) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from feed.queries import pushes
    from upscrolled.push import ledger

    subscribe(alice, Phone())

    def cost(likers: list[Account]) -> int:
        post = publish(alice)
        for who in likers:
            like(seen_by(who, post), by=who, now=NOW)
        tasks.tell_owed()
        owed = ledger.take(100, now=datetime.now(UTC))
        assert len(owed) == len(likers)
        with CaptureQueriesContext(connection) as asked:
            assert len(pushes.messages(owed, now=NOW)) == len(likers)
        return len(asked)

    cost([bob])  # once, and a process knows who has filters
    assert cost([bob]) == cost([bob, dave])
