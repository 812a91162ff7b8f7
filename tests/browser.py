"""A person at a browser: follows our pages as they are, forms, hidden fields and redirects included."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.people import PASSWORD

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


class Browser:
    """Django's test client with CSRF checks on, and forms read from the page."""

    def __init__(self, language: str = "en") -> None:
        self.client = Client(enforce_csrf_checks=True, headers={"accept-language": language})
        self.page: Any = None

    def open(self, address: str, params: Any = None) -> Browser:
        """Go to an address."""
        self.page = self.client.get(address, params)
        return self

    def send(self, **fields: str) -> Browser:
        """Fill in the page's own form (the first after the heading) and send it."""
        html = self.text.partition("<main>")[2]
        opening = re.search(r"<form([^>]*)>", html)
        assert opening, html
        form = html[opening.start() : html.index("</form>", opening.start())]
        action = re.search(r'action="([^"]*)"', opening.group(1))
        hidden = {
            unescape(name): unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
        }
        address = unescape(action.group(1)) if action else self.page.request["PATH_INFO"]
        self.page = self.client.post(address, {**hidden, **fields})
        return self

    def follow(self) -> Browser:
        """Follow redirects as long as they lead to our own pages."""
        while self.page.status_code == 302 and self.location.startswith("/"):
            self.open(self.location)
        return self

    def sign_in(self, name: str, password: str = PASSWORD) -> Browser:
        """Sign in on the page that is open, or on the sign-in page, and go where it leads."""
        if self.page is None:
            self.open("/accounts/login/")
        return self.send(login=name, password=password).follow()

    @property
    def text(self) -> str:
        """The page as HTML."""
        return str(self.page.content.decode())

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return str(self.page.headers["Location"])

    @property
    def answer(self) -> dict[str, str]:
        """What a redirect hands to the application."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.location).query).items()}

    @property
    def shown_code(self) -> str:
        """The out-of-band code on the page."""
        found = re.search(r'id="code">([^<]+)<', self.text)
        assert found, self.text
        return unescape(found.group(1))


def register(
    scopes: str = "read write follow push", redirect: str = OUT_OF_BAND, **facts: str
) -> dict[str, Any]:
    """Register an application; return what it was told."""
    body = {"client_name": "Sunbird", "redirect_uris": redirect, "scopes": scopes, **facts}
    response = Client().post("/api/v1/apps", body, content_type="application/json")
    assert response.status_code == 200, response.content
    told: dict[str, Any] = response.json()
    return told


def asking(app: dict[str, Any], **params: str) -> dict[str, str]:
    """The parameters with which an application sends somebody to /oauth/authorize."""
    return {
        "client_id": app["client_id"],
        "redirect_uri": app["redirect_uris"][0],
        "response_type": "code",
        "scope": "read write follow push",
        **params,
    }


def code_for(app: dict[str, Any], name: str, **params: str) -> str:
    """Somebody signs in and lets the application in; return the code that it gets."""
    browser = Browser().open("/oauth/authorize", asking(app, **params)).follow().sign_in(name)
    browser.send(decision="allow")
    return browser.answer["code"] if browser.page.status_code == 302 else browser.shown_code


def exchanging(app: dict[str, Any], code: str, /, **fields: str) -> dict[str, str]:
    """The fields with which an application exchanges a code."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": app["redirect_uris"][0],
        **fields,
    }


def ask_token(body: dict[str, Any], *, encoding: str = "json") -> HttpResponse:
    """POST /oauth/token in one of the three encodings clients use."""
    client = Client()
    if encoding == "multipart":
        return client.post("/oauth/token", body)  # type: ignore[return-value]
    if encoding == "form":
        form = "application/x-www-form-urlencoded"
        return client.post("/oauth/token", urlencode(body), content_type=form)  # type: ignore[return-value]
    return client.post("/oauth/token", body, content_type="application/json")  # type: ignore[return-value]
