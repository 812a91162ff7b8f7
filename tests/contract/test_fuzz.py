"""Requests that nobody would write, made from the OpenAPI document: no answer is a 5xx or one that it does not name.

Schemathesis draws them, some as the document allows and some as it does not; they go through WSGI to the whole
application and its real servers. What one request changes is undone before the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from io import StringIO
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.surface import World
from tests.people import token_of

application = get_wsgi_application()  # without the canary, which measures a server that listens

SHARES = 8  # of the operations: tests that may run side by side
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Of whose ids in the world of the contract a place in an address is one, where it is not called by its name.
PLACES = {
    "account_id": ("account", "followed", "asked"),
    "post_id": ("post", "own", "poll"),
    "notification_id": ("note",),
    "announcement_id": ("news",),
}


@cache
def operations() -> list[Any]:
    written = StringIO()
    call_command("spectacular", stdout=written)
    document = schemathesis.openapi.from_dict(yaml.safe_load(written.getvalue()))
    document.app = application
    return [found.ok() for found in document.get_all_operations()]


@pytest.fixture
def tokens(world: World, alice: Any, settings: Any, media_root: Any) -> Iterator[list[str | None]]:
    """alice's more often than an application's and none; requests leave the connection to the test's transaction."""
    settings.RATE_LIMITS = False
    ends = (request_started, request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield [*[token_of(alice)] * 3, token_of(None), None]
    for end in ends:
        end.connect(close_old_connections)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_few_requests_of_every_kind(share: int, world: World, tokens: list[str | None]) -> None:
    wrong = [
        fault
        for operation in operations()[share::SHARES]
        for fault in faults(operation, world, tokens, examples=8)
    ]

    assert not wrong, "\n\n".join(wrong)


@pytest.mark.long
@pytest.mark.parametrize("share", range(SHARES))
def test_many_requests_of_every_kind(share: int, world: World, tokens: list[str | None]) -> None:
    wrong = [
        fault
        for operation in operations()[share::SHARES]
        for fault in faults(operation, world, tokens, examples=150)
    ]

    assert not wrong, "\n\n".join(wrong)


def faults(operation: Any, world: World, tokens: list[str | None], *, examples: int) -> list[str]:
    """What was wrong with the first bad answer of an operation, if there is one."""
    try:
        asking(operation, world, tokens, examples)()
    except (
        Exception,
        FailureGroup,
    ) as error:  # every operation is to be asked, and all that is wrong be told
        return [f"{operation.label}: {error}"]
    return []


def asking(operation: Any, world: World, tokens: list[str | None], examples: int) -> Callable[[], None]:
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @seed(20_261_125)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.sampled_from(tokens), st.data())
    def ask(case: Any, token: str | None, data: Any) -> None:
        for name in case.path_parameters or {}:
            kinds = PLACES.get(name, (name.removesuffix("_id"),))
            chosen = data.draw(st.sampled_from([*kinds, ""]))
            if chosen in world.ids:  # else what was drawn, which leads nowhere
                case.path_parameters[name] = world.ids[chosen]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=CHECKS)
            transaction.set_rollback(True)

    return ask
