"""Every address of the API, and what it answers to whom.

The table is complete: an address that is not in it fails the first test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.contract.surface import ROUTES, Route, World
from tests.people import token_of

# Pages for people, which the API's documentation is.
PAGES = {"/api/docs", "/api/schema"}


def test_the_table_holds_every_address() -> None:
    served = {
        f"{method} {path}"
        for path, view in served_api(get_resolver().url_patterns, "/")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if hasattr(view, method.lower()) and path not in PAGES
    }
    listed = {re.sub(r"\{\w+\}", "{}", route.name) for route in ROUTES}

    assert served - listed == set()
    assert listed - served == set()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path} {route.scope}")
def test_who_gets_what(route: Route, world: World, alice: Any) -> None:
    assert world.ask(route, token=None).status_code == route.anonymous
    assert world.ask(route, token=token_of(None)).status_code == route.application
    if route.scope:
        assert world.ask(route, token=token_of(alice, scopes="admin:read")).status_code == 403
    answer = world.ask(route, token=token_of(alice, scopes=route.scope or "admin:read"))

    assert answer.status_code == route.user, answer.content
    files = {"{digest}": "application/octet-stream", ".csv": "text/csv; charset=utf-8"}
    expected = next((kind for part, kind in files.items() if part in route.path), None)
    assert answer["Content-Type"] == (expected or "application/json; charset=utf-8")
    assert answer["X-RateLimit-Limit"].isdigit()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", answer["X-RateLimit-Reset"])
    if answer.status_code >= 400:
        assert set(answer.json()) <= {"error", "details"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path} {route.scope}")
def test_a_slash_at_the_end_changes_nothing(route: Route, world: World, alice: Any) -> None:
    assert world.ask(route, token=token_of(alice), slash="/").status_code == route.user


# Who is not of the staff is refused at the admin addresses before any id is looked at.
@pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route.path and "{name}" not in route.path
                                   and "/admin/" not in route.path],
                         ids=lambda route: f"{route.method} {route.path} {route.scope}")  # fmt: skip
def test_ids_that_are_none_are_not_found(route: Route, world: World, alice: Any) -> None:
    token = token_of(alice)
    other_kind = world.ids[
        "post"
        if any(part in route.path for part in ("/accounts/", "/follow_requests/", "/suggestions/"))
        else "account"
    ]
    for wrong in ("0", "1", "abc", "-1", "1e3", "9" * 19, "9" * 27, "%00", "%FF", "١٢٣", other_kind):
        answer = world.ask(route, token=token, ids=dict.fromkeys(world.ids, wrong))

        assert (answer.status_code, set(answer.json())) == (404, {"error"}), wrong


def test_bad_tokens_are_refused_everywhere(world: World, alice: Any, settings: Any) -> None:
    settings.RATE_LIMITS = False  # there are more addresses than one stranger may ask in five minutes
    for route in ROUTES:
        assert world.ask(route, token="nonsense").status_code == 401, route
    for token in ("a b", "é", "x" * 5_000, "\x00", "Bearer"):
        assert world.ask(ROUTES[0], token=token).status_code == 401, token


def served_api(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Every address below /api with its view; ids and names as {}."""
    for pattern in patterns:
        path = prefix + re.sub(r"<\w+:\w+>", "{}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from served_api(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("/api/"):
            yield path, getattr(pattern.callback, "view_class", pattern.callback)
