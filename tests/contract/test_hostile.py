"""The worst client there is: whatever it sends, it is refused in the API's shape and nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client

from tests.contract.surface import ROUTES, World
from tests.people import token_of
from upscrolled.models import Account

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
READS = list({route.name: route for route in ROUTES if route.method == "GET"}.values())
WRITES = list({route.name: route for route in ROUTES if route.method != "GET"}.values())
# Not text at all, no number, too large, too long, or meant for somebody else's parser.
NASTY = [
    "\x00", "a\x00b", "-1", "9" * 30, "9" * 6_000, "1e9", "١٢", "' OR 1=1 --", "a" * 20_000, "💥" * 900, "\u202e",
]  # fmt: skip
# Parameters that are sent together: one that is refused may keep the next from being read.
QUERY = [
    ["max_id", "since_id", "min_id"],
    ["limit", "offset", "account_id"],
    ["id[]", "id", "id[0][x]", "q", "acct", "type", "types[]", "exclude_types[]", "any[]", "all[]", "none[]",
     "tagged", "cursor", "nonce", "seen[]", "lang"],
]  # fmt: skip


def part(name: bytes, content: bytes, extra: bytes = b"") -> bytes:
    disposition = b'Content-Disposition: form-data; name="' + name + b'"' + extra
    return b"--x\r\n" + disposition + b"\r\n\r\n" + content + b"\r\n--x--\r\n"


BODIES: list[tuple[str, bytes]] = [
    (JSON, b"\xff\xfe"),
    (JSON, b'{"status": "\\ud800"}'),
    (JSON, b'{"status": "a\\u0000b", "\\u0000": 1}'),
    (JSON, b'{"status": NaN, "duration": 1e999}'),
    (JSON, b"[1]"),
    (JSON, b"null"),
    (JSON, b'"x"'),
    (JSON, b"{"),
    (JSON, b'{"a":' * 300 + b"1" + b"}" * 300),
    (JSON, b'{"a":' * 900 + b"1" + b"}" * 900),
    (JSON, b'{"status":' + b"[" * 450 + b"]" * 450 + b"}"),
    (JSON, b'{"a":' * 100_000),
    (JSON, b'{"status":"' + b"x" * 3_000_000 + b'"}'),
    (f"{JSON}; charset=nonsense", b'{"status": "x"}'),
    (FORM, b"status=%FF%00&language=%80&a[b]=1"),
    (FORM, b"a=1&a[b]=2&a[]=3&a[][c]=4&[]=5&[x]=6&a[=7&a]=8"),
    (FORM, b"fields_attributes[x]=1&fields_attributes[][name]=2"),
    (FORM, b"fields_attributes[" + b"9" * 5_000 + b"][name]=2"),
    (FORM, b"a" + b"[b]" * 2_000 + b"=1"),
    (FORM, b"&".join(b"a%d=1" % number for number in range(3_000))),
    (FORM, b"status=" + b"x" * 3_000_000),
    (f"{FORM}; charset=nonsense", b"status=x"),
    (f"{FORM}; charset=utf-16", b"status=x"),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=x", b"x"),
    ("multipart/form-data; boundary=" + "x" * 300, b"x"),
    ("multipart/form-data; boundary=x", part(b"status", b"\xff\x00")),
    ("multipart/form-data; boundary=x", part(b"", b"nameless")),
    ("multipart/form-data; boundary=x", part(b"status", b"a file", b'; filename="status.txt"')),
    ("multipart/form-data; boundary=x", part(b"avatar", b"x" * 3_000_000, b'; filename="a.png"')),
    ("text/plain", b"status=x"),
    ("application/xml", b"<status/>"),
    ("", b"status=x"),
    ("no type at all", b"\x00"),
]
# The wrong kind of value, for every field of every form.
VALUES: list[Any] = [
    None, True, 1, -1, 1.5, 10**30, "", "\x00", "None", "x" * 100_000, [], {}, [[]], [{}], [None], {"a": {"b": 1}},
    {"0": None}, [1] * 2_000,
]  # fmt: skip
FIELDS: dict[str, str] = {
    "POST /api/v1/accounts": "username email password agreement locale reason date_of_birth",
    "PATCH /api/v1/accounts/update_credentials":
        "display_name note locked bot discoverable indexable hide_collections fields_attributes source avatar header",
    "POST /api/v1/accounts/{account}/follow": "reblogs notify languages",
    "POST /api/v1/accounts/{account}/mute": "notifications duration",
    "POST /api/v1/apps": "client_name redirect_uris scopes website",
    "POST /api/v1/emails/confirmations": "email",
    "POST /api/v1/filters": "phrase context irreversible whole_word expires_in",
    "POST /api/v1/lists": "title replies_policy exclusive",
    "POST /api/v1/lists/{list}/accounts": "account_ids",
    "POST /api/v1/markers": "home notifications",
    "POST /api/v1/notifications/dismiss": "id",
    "POST /api/v1/reports": "account_id status_ids comment forward category rule_ids",
    "POST /api/v1/statuses":
        "status spoiler_text visibility sensitive language in_reply_to_id media_ids media_attributes poll scheduled_at",
    "PUT /api/v1/media/{media}": "description focus thumbnail",
    "POST /api/v1/media": "file description focus thumbnail",
    "POST /api/v2/media": "file description focus thumbnail",
    "POST /api/v1/upscrolled/media/{media}/captions": "file language name",
    "POST /api/v1/statuses/{post}/reblog": "visibility",
    "POST /api/v2/filters": "title context filter_action expires_in keywords_attributes",
    "POST /api/v2/filters/{filter}/keywords": "keyword whole_word",
    "POST /api/v2/filters/{filter}/statuses": "status_id",
    "POST /api/v1/upscrolled/conversations": "account_ids title",
    "PATCH /api/v1/upscrolled/conversations/settings": "writers receipts typing",
    "PATCH /api/v1/upscrolled/conversations/{pair}": "title pinned archived mute_for",
    "POST /api/v1/upscrolled/conversations/{pair}/messages": "text client_id in_reply_to_id media_ids",
    "POST /api/v1/upscrolled/conversations/{pair}/read": "up_to",
    "POST /api/v1/upscrolled/conversations/{pair}/report": "message_ids comment category rule_ids",
    "POST /api/v1/upscrolled/drafts": "params status poll scheduled_at media_ids",
    "PUT /api/v2/filters/{filter}": "title context filter_action expires_in keywords_attributes",
    "PUT /api/v1/statuses/{own}": "status spoiler_text sensitive language media_ids media_attributes",
}  # fmt: skip
GOOD = {
    "status": "hello", "client_name": "x", "redirect_uris": "https://app.example/", "username": "frida",
    "email": "frida@example.org", "password": "correct horse battery", "agreement": True, "locale": "en",
}  # fmt: skip


@pytest.fixture
def token(alice: Account, settings: Any) -> str:
    """alice's; what is counted here is not how often she asks."""
    settings.RATE_LIMITS = False
    return token_of(alice)


def send(method: str, path: str, body: bytes = b"", kind: str = JSON, **headers: str) -> Any:
    """Send it raw; an exception that nobody expected becomes a 500, as in production."""
    client = Client(raise_request_exception=False)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic(method, path, body, content_type=kind, headers=named)


FILES = {"application/octet-stream", "text/csv; charset=utf-8"}  # the other shapes of what is right


def is_civil(answer: Any) -> bool:
    """Whether an answer is none of ours gone wrong, and in the API's shape."""
    if answer.status_code == 204:
        return True
    if answer.status_code == 200 and answer["Content-Type"] in FILES:
        return True
    if answer.status_code >= 500 or answer["Content-Type"] != "application/json; charset=utf-8":
        return False
    return bool(answer.status_code < 400 or not answer.content or answer.json()["error"])


def test_nonsense_in_queries(world: World, token: str) -> None:
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    rude = [
        (route.name, names, value[:20])
        for route in READS
        for names in QUERY
        for value in NASTY
        if not is_civil(client.get(world.path(route), dict.fromkeys(names, value)))
    ]

    assert rude == []


BROKEN = [
    "q=%FF%FE&acct=%80", "q=%0%000&acct=%0%000", "%00=%00", "limit", "q=%ZZ&acct=%", "&&==&;", "x[=1&[]=1",
    "max_id[]=1&limit[a]=2", "&".join(f"id[]={number}" for number in range(1_500)),
]  # fmt: skip


def some(cases: Sequence[Any], number: int) -> list[Any]:
    """So many of the cases, spread over all of them; the others take their turn in `make test-all`."""
    step = -(-len(cases) // number)
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)), marks=[pytest.mark.long] if place % step else []
        )
        for place, case in enumerate(cases)
    ]


@pytest.mark.parametrize("query", some(BROKEN, 3))
def test_broken_queries(world: World, token: str, query: str) -> None:
    answers = {
        route.name: send("GET", f"{world.path(route)}?{query}", Authorization=f"Bearer {token}")
        for route in READS
    }

    assert [name for name, answer in answers.items() if not is_civil(answer)] == []


@pytest.mark.parametrize(("kind", "body"), some(BODIES, 10), ids=lambda value: str(value[:40]))
def test_nonsense_in_bodies(world: World, token: str, kind: str, body: bytes) -> None:
    rude = [
        route.name
        for route in WRITES
        if not is_civil(send(route.method, world.path(route), body, kind, Authorization=f"Bearer {token}"))
    ]
    rude += [
        path for path in ("/oauth/token", "/oauth/revoke") if not is_civil(send("POST", path, body, kind))
    ]

    assert rude == []


@pytest.mark.parametrize("name", FIELDS)
def test_wrong_values_in_forms(world: World, token: str, name: str) -> None:
    route = next(route for route in WRITES if route.name == name)
    who = token_of(None, scopes="read write") if name == "POST /api/v1/accounts" else token
    for field in FIELDS[name].split():
        for value in VALUES:
            body = json.dumps({**GOOD, "account_id": world.ids["account"], field: value}).encode()
            answer = send(route.method, world.path(route), body, Authorization=f"Bearer {who}")

            assert is_civil(answer), (field, value, answer.content)


def test_a_body_that_is_too_large_is_not_even_read(token: str) -> None:
    answers = [
        send("POST", "/api/v1/statuses", b"x" * 3_000_000, kind, Authorization=f"Bearer {token}")
        for kind in (JSON, FORM, "multipart/form-data; boundary=x")
    ]

    assert [answer.status_code for answer in answers] == [413] * 3


@pytest.mark.parametrize(
    "method", some(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"], 3)
)
def test_every_method_on_every_address(world: World, token: str, method: str) -> None:
    for path in {world.path(route) for route in ROUTES}:
        assert is_civil(send(method, path)), path
        assert is_civil(send(method, path, Authorization=f"Bearer {token}")), path


def test_a_wrong_method_is_told_the_right_ones(world: World, token: str) -> None:
    refused = send("PATCH", "/api/v1/statuses", Authorization=f"Bearer {token}")

    assert refused.status_code == 405
    assert refused["Allow"] == send("OPTIONS", "/api/v1/statuses")["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "header",
    [
        {"Idempotency-Key": "a\x00b"}, {"Idempotency-Key": "x" * 300}, {"Idempotency-Key": "ÿþ"},
        {"Accept": "text/html"}, {"Accept": "\x00"}, {"Accept-Language": "\x00"},
        {"Host": "a b"}, {"X-Request-Id": "\x00"}, {"Origin": "\x00"},
        {"X-Forwarded-For": "\x00"}, {"X-Forwarded-Host": "evil.example"}, {"Content-Length": "many"}, {"Range": "x"},
        {"Cookie": "sessionid=\x00"}, {"X-HTTP-Method-Override": "DELETE"},
    ],
    ids=str,
)  # fmt: skip
def test_nonsense_in_headers(db: None, token: str, header: dict[str, str]) -> None:
    header = {**header, "Authorization": f"Bearer {token}"}

    assert is_civil(send("POST", "/api/v1/statuses", b'{"status": "x"}', **header))
    answer = send("GET", "/api/v1/timelines/public?limit=1", **header)
    assert is_civil(answer)
    assert "evil.example" not in answer.headers.get("Link", "")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v9/x", "/api//v1/instance", "/api/v1/instance//",
                                  "/api/v1/accounts//statuses", "/api/v1/%FF%00", "/api/v1/tags/a%2Fb",
                                  "/api/v1/tags/" + "a" * 9_000, "/api/v1/../../etc"])  # fmt: skip
def test_addresses_that_lead_nowhere(db: None, path: str) -> None:
    assert is_civil(send("GET", path))
    assert is_civil(send("POST", path))


class TestCrossOrigin:
    ORIGIN = "https://elk.example"

    def test_a_browser_may_ask_anything_of_the_api(self, db: None) -> None:
        for path in (
            "/api/v1/statuses",
            "/api/v1/nothing",
            "/oauth/token",
            "/oauth/revoke",
            "/.well-known/nodeinfo",
        ):
            answer = send(
                "OPTIONS", path, Origin=self.ORIGIN, Access_Control_Request_Method="PUT",
                Access_Control_Request_Headers="authorization,content-type,idempotency-key,x-own",
            )  # fmt: skip
            assert answer.status_code == 200
            assert answer["Access-Control-Allow-Origin"] == "*"
            allowed = answer["Access-Control-Allow-Headers"].split(", ")
            assert {"*", "authorization", "content-type", "idempotency-key"} <= set(allowed)
            assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(
                answer["Access-Control-Allow-Methods"].split(", ")
            )
            assert "Access-Control-Allow-Credentials" not in answer

    def test_refusals_can_be_read_too(self, db: None) -> None:
        for path in ("/api/v1/timelines/home", "/api/v1/nothing", "/api/v1/statuses/1"):
            answer = send("GET", path, Origin=self.ORIGIN)
            assert answer["Access-Control-Allow-Origin"] == "*"
            assert "Link" in answer["Access-Control-Expose-Headers"]

    def test_pages_with_a_session_are_not_for_other_sites(self, db: None) -> None:
        assert "Access-Control-Allow-Origin" not in send("GET", "/accounts/login/", Origin=self.ORIGIN)
