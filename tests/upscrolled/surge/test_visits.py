"""The replay speaks of the product's classes as the product does."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from upscrolled.middleware import importance_of
from upscrolled.surge.ledger import ALLOWANCE, Ledger, Person
from upscrolled.surge.visits import CLASSES

TOKEN = {"authorization": "Bearer x"}
ASKED = [
    ("instance", "GET", "/api/v2/instance", {}),
    ("app", "POST", "/api/v1/apps", {}),
    ("token", "POST", "/oauth/token", {}),
    ("sign-up", "POST", "/api/v1/accounts", TOKEN),
    ("confirm", "POST", "/accounts/confirm-email/x/", {}),
    ("me", "GET", "/api/v1/accounts/verify_credentials", TOKEN),
    ("home", "GET", "/api/v1/timelines/home", TOKEN),
    ("post", "POST", "/api/v1/statuses", TOKEN),
    ("like", "POST", "/api/v1/statuses/1/favourite", TOKEN),
    ("follow", "POST", "/api/v1/accounts/1/follow", TOKEN),
    ("notifications", "GET", "/api/v1/notifications", TOKEN),
    ("context", "GET", "/api/v1/statuses/1/context", TOKEN),
    ("profile", "GET", "/api/v1/accounts/1/statuses", TOKEN),
    ("suggestions", "GET", "/api/v2/suggestions", TOKEN),
    ("trends", "GET", "/api/v1/trends/statuses", {}),
    ("discover", "GET", "/api/v1/upscrolled/discover", TOKEN),
    ("public", "GET", "/api/v1/timelines/public", TOKEN),
    ("a stranger's context", "GET", "/api/v1/statuses/1/context", {}),
    ("a stranger's profile", "GET", "/api/v1/accounts/1/statuses", {}),
]


@pytest.mark.parametrize(("kind", "method", "path", "headers"), ASKED)
def test_what_is_asked_for_is_counted_in_its_class(
    kind: str, method: str, path: str, headers: dict[str, str]
) -> None:
    request = RequestFactory(headers=headers).generic(method, path)

    assert importance_of(request).name.lower() == CLASSES[kind]


def test_every_kind_is_in_that_list() -> None:
    assert {kind for kind, *_ in ASKED} == set(CLASSES)


def test_people_come_back_in_turn_and_nobody_beyond_the_published_limit() -> None:
    ledger = Ledger()
    ann, ben = (Person(name, "192.0.2.1", "token") for name in ("ann", "ben"))
    for person in (ann, ben):
        ledger.enter(person)
        ledger.settle(person)

    came = [ledger.somebody(ALLOWANCE // 2) for _ in range(5)]

    assert came == [ann, ben, ann, ben, None]
