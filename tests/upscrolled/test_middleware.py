"""What every request passes: who is the client, which path is meant, and that pages' needs cost the API nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from upscrolled.middleware import RequestFacts, is_trusted


def facts(settings: Any = None, path: str = "/api/v1/x", **meta: str) -> Any:
    """The request as views see it."""
    seen: list[Any] = []

    def view(request: Any) -> Any:
        from django.http import HttpResponse

        seen.append(request)
        return HttpResponse()

    RequestFacts(view)(RequestFactory(**meta).get(path))
    return seen[0]


def test_an_address_is_believed_only_from_a_trusted_proxy(settings: Any) -> None:
    forwarded = {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7", "HTTP_X_FORWARDED_PROTO": "https"}
    assert facts(REMOTE_ADDR="192.0.2.1", **forwarded).client_ip == "192.0.2.1"
    assert not facts(REMOTE_ADDR="192.0.2.1", **forwarded).is_secure()

    settings.TRUSTED_PROXIES = ["192.0.2.0/24"]

    request = facts(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_HOST="up.example", **forwarded)
    assert (
        request.client_ip == "198.51.100.7"
    )  # The one our proxy was called from; the rest anybody can write.
    assert request.is_secure()
    assert request.get_host() == "up.example"


def test_two_proxies_of_ours_in_a_row_are_looked_through(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["192.0.2.1", "10.0.0.0/8", "2001:db8::/32"]

    chain = {"HTTP_X_FORWARDED_FOR": "spoofed, 203.0.113.9, 10.1.2.3, 2001:db8::5"}

    assert facts(REMOTE_ADDR="192.0.2.1", **chain).client_ip == "203.0.113.9"


@pytest.mark.parametrize("header", ["", "unknown", "203.0.113.9:80", "<script>", ",,,", "\x00"])
def test_a_header_that_is_no_address_changes_nothing(settings: Any, header: str) -> None:
    settings.TRUSTED_PROXIES = ["192.0.2.1"]

    assert facts(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=header).client_ip == "192.0.2.1"


def test_a_unix_socket_has_no_address_and_is_trusted_by_name() -> None:
    assert is_trusted("", ("unix",))
    assert not is_trusted("", ("127.0.0.1",))
    assert not is_trusted("nonsense", ("127.0.0.1",))


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/api/v1/instance/", "/api/v1/instance"),
        ("/oauth/authorize/", "/oauth/authorize"),
        ("/.well-known/nodeinfo/", "/.well-known/nodeinfo"),
        ("/nodeinfo/2.0/", "/nodeinfo/2.0"),
        ("/health/", "/health"),
        ("/api/v1//", "/api/v1/"),
        ("/accounts/login/", "/accounts/login/"),
        ("/", "/"),
    ],
)
def test_one_slash_at_the_end_of_what_programs_call_is_dropped(path: str, meant: str) -> None:
    assert facts(path=path).path_info == meant


def test_a_requests_id_is_kept_if_it_is_one_and_made_otherwise() -> None:
    client = Client()

    assert client.get("/health", headers={"x-request-id": "abc-12345678"})["X-Request-Id"] == "abc-12345678"
    for bad in ("short", "with space 123", "x" * 129, "<script>alert</script>"):
        made = client.get("/health", headers={"x-request-id": bad})["X-Request-Id"]
        assert made != bad
        assert len(made) == 32


def test_the_api_sets_no_cookie_and_varies_by_none() -> None:
    for path in ("/api/v1/nothing", "/health", "/.well-known/nodeinfo"):
        response = Client(enforce_csrf_checks=True).get(path)
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "Content-Language" not in response.headers


def test_a_page_in_arabic_leaves_the_next_request_in_english() -> None:
    response = Client(headers={"accept-language": "ar"}).get("/about")

    assert response["Content-Language"] == "ar"
    assert translation.get_language() == "en"


def test_an_unknown_address_answers_in_the_shape_of_whoever_asks() -> None:
    assert Client().get("/api/v1/nothing").json() == {"error": "Record not found"}
    assert b"<html" in Client().get("/nothing").content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/%00",
        "/api/%ff%fe/",
        "/@%00",
        "/@" + "x" * 5000,
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../settings.py",
        "/static/%00",
        "/oauth/authorize?%ff=%00&client_id[]=1",
        "/nodeinfo/%00",
        "/accounts/confirm-email/x:y/",
        "/accounts/password/reset/key/zzzzzzzzzzzzzzzzzzzz-x/",
        "/health/ready%00",
    ],
)
def test_malformed_addresses_are_refused_not_stumbled_over(path: str) -> None:
    assert Client().get(path).status_code in (200, 302, 400, 404)


@pytest.mark.parametrize("host", ["", "a b", "[::1", "x" * 300, "evil.example:99999", "\xff"])
def test_a_malformed_host_is_a_bad_request_at_most(host: str) -> None:
    for path in ("/about", "/api/v1/nothing", "/health"):
        assert Client().get(path, HTTP_HOST=host).status_code in (200, 400, 404)
