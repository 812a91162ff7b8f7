"""Every answer against the published description of Mastodon's API, which does not know this project.

`mastodon-openapi.json` is cut by cut_oracle.py. Where the two differ, the table says why; a row of it that is not
needed any more fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from tests.contract.cut_oracle import CUT
from tests.contract.rich import LINK, enrich
from tests.contract.surface import ROUTES, Route, World
from tests.people import token_of

# Addresses that Mastodon has not, or has no longer.
OURS = {
    "GET /api/v1/notifications/policy": "the policy's first version, which some applications speak",
    "PUT /api/v1/notifications/policy": "the policy's first version, which some applications speak",
    "POST /api/v1/conversations/{pair}/unread": "what Mastodon serves and its documentation does not tell",
    "GET /api/v1/instance/languages": "what Mastodon serves and its documentation does not tell",
    "GET /api/v1/statuses/{post}/card": "the preview of a link, before the post carried it",
    "GET /api/v1/trends": "the old name of trends/tags, which applications still ask for",
    "POST /api/v1/notifications/dismiss": "the old way to dismiss one, which applications still go",
}
# Addresses that the description has and this site has not, by how they begin.
ABSENT = {
    "/api/v1/accounts/{}/collections": "collections came with Mastodon 4.6; 4.5 is the version told",
    "/api/v1/accounts/{}/in_collections": "collections came with Mastodon 4.6; 4.5 is the version told",
    "/api/v1/collections": "collections came with Mastodon 4.6; 4.5 is the version told",
    "/api/v1/accounts/{}/identity_proofs": "Mastodon has taken them away",
    "/api/v1/annual_reports": "nobody's year is added up",
    "/api/v1_alpha/async_refreshes": "nothing is fetched from other sites while somebody waits",
    "/api/oembed": "posts are not shown within other sites' pages",
}
# What is served, and described elsewhere than in the API's own page.
BESIDE = {
    "/api/v1/streaming": "by the streaming process (docs/live.md)",
    "/oauth/": "as RFC 6749 has it",
    "/.well-known/": "as RFC 8414 has it",
    "/health": "for who runs the site",
}
# Lists that are empty even in a rich world.
EMPTY = {
    "GET /api/v1/custom_emojis": "the site has none",
    "GET /api/v1/domain_blocks": "nothing federates",
    "GET /api/v1/instance/domain_blocks": "nothing federates",
    "GET /api/v1/notifications/requests": "nobody is set aside",
    "GET /api/v1/instance/peers": "nothing federates",
}
# What must be asked for to be answered with something.
ASKED = {
    "GET /api/v1/accounts": "id[]={account}",
    "GET /api/v1/accounts/relationships": "id[]={account}",
    "GET /api/v1/accounts/familiar_followers": "id[]={newcomer}",
    "GET /api/v1/statuses": "id[]={own}&id[]={poll}&id[]={quoting}&id[]={post}",
    "GET /api/v1/timelines/link": f"url={LINK}",
    "GET /api/v2/search": "q=river",
}
# What differs wherever it stands: the last step to it, what the description wants.
EVERYWHERE = {
    ("embed_url", "format uri"): "nothing is embedded, and an empty text is what Mastodon says then",
}
# What differs: address, place in the answer (numbers of lists as *), what the description wants.
DIFFERENT = {
    (
        "GET /api/v1/filters",
        "",
        "type object",
    ): "the description forgets that it is a list, as it is in Mastodon",
    (
        "POST /api/v1/push/subscription",
        "id",
        "type string",
    ): "a number, as in Mastodon: applications read one",
}

ORACLE = json.loads(CUT.read_text(encoding="utf-8"))
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("date", raises=ValueError)
def is_day(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@FORMATS.checks("uri")
def is_address(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@FORMATS.checks("email")
def is_mailbox(value: object) -> bool:
    return not isinstance(value, str) or "@" in value


def nameless(route: str) -> str:
    """Method and address without the names of what varies."""
    return re.sub(r"\{\w+\}", "{}", route)


def address(route: str) -> str:
    """The address alone."""
    return route.partition(" ")[2]


DESCRIBED = {nameless(route): schema for route, schema in ORACLE["answers"].items()}


def test_the_description_knows_every_address_but_ours() -> None:
    unknown = {route.name for route in ROUTES if nameless(route.name) not in DESCRIBED}
    # Nor does it know the API of moderators' apps (tests/moderation/test_admin_api.py).
    unknown -= {name for name in unknown if "/upscrolled/" in name or "/admin/" in name}

    assert unknown == set(OURS)


def test_what_the_description_has_beyond_this_is_absent_for_a_reason() -> None:
    beyond = {address(route) for route in DESCRIBED} - {address(nameless(route.name)) for route in ROUTES}
    reasons = (*ABSENT, *BESIDE)

    assert sorted(path for path in beyond if not path.startswith(reasons)) == []
    assert [reason for reason in reasons if not any(path.startswith(reason) for path in beyond)] == []


@pytest.fixture
def rich(world: World, alice: Any, bob: Any, settings: Any, media_root: Any) -> World:
    settings.RATE_LIMITS = False
    enrich(world, alice, bob)
    return world


def test_every_answer_has_the_described_shape(rich: World, alice: Any) -> None:
    empty: set[str] = set()
    different: set[tuple[str, str, str]] = set()
    for route in [route for route in ROUTES if nameless(route.name) in DESCRIBED]:
        body = ask(rich, route, alice)
        if body == [] and route.method == "GET":
            empty.add(route.name)
        different |= set(differences(route, body))

    everywhere = {found for found in different if (found[1].rpartition(".")[2], found[2]) in EVERYWHERE}
    different -= everywhere

    assert {(found[1].rpartition(".")[2], found[2]) for found in everywhere} == set(EVERYWHERE)
    assert (empty - set(EMPTY), set(EMPTY) - empty) == (set(), set())
    assert sorted(different - set(DIFFERENT)) == []
    assert sorted(set(DIFFERENT) - different) == []


def ask(world: World, route: Route, alice: Any) -> Any:
    """What alice is answered; what she changes by it does not stay."""
    if query := ASKED.get(route.name):
        named = re.sub(r"\{(\w+)\}", lambda found: world.ids[found[1]], query)
        route = replace(route, path=f"{route.path.partition('?')[0]}?{named}")
    with transaction.atomic():
        answer = world.ask(route, token=token_of(alice))
        transaction.set_rollback(True)
    assert answer.status_code == route.user, (route.name, answer.content)
    return answer.json() if answer.status_code == 200 else None


def differences(route: Route, body: Any) -> Iterator[tuple[str, str, str]]:
    """What the description says of an answer and is not so."""
    schema = DESCRIBED[nameless(route.name)]
    if body is None or not schema:
        return
    validator = Draft202012Validator({**schema, "components": ORACLE["components"]}, format_checker=FORMATS)
    for error in validator.iter_errors(body):
        yield from ((route.name, place(found), wanted(found)) for found in innermost(error))


def innermost(error: ValidationError) -> Iterator[ValidationError]:
    """The faults behind a fault: of several allowed shapes, those of the one that fits best."""
    if not error.context:
        yield error
        return
    shapes: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        shapes.setdefault(inner.schema_path[0], []).append(inner)
    for inner in max(shapes.values(), key=lambda found: max(len(one.absolute_path) for one in found)):
        yield from innermost(inner)


def place(error: ValidationError) -> str:
    return ".".join("*" if isinstance(step, int) else step for step in error.absolute_path)


def wanted(error: ValidationError) -> str:
    if error.validator == "required":
        return error.message
    if error.validator in ("type", "format"):
        return f"{error.validator} {error.validator_value}"
    return f"{error.validator} {error.validator_value}, not {error.instance!r:.80}"
