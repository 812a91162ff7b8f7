"""A running platform for the journeys, the people on it, and what they hold in their hands.

ann, ben and cleo have an account, made from the shell; whoever else comes signs up by themselves.
"""

from __future__ import annotations

import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from mastodon import Mastodon

from tests.browser import OUT_OF_BAND, Browser
from tests.journeys.test_up import Up
from tests.people import PASSWORD
from tests.waiting import until

SCOPES = ["read", "write", "follow", "push"]


class Site:
    """Pages of the running site, with a cookie jar; redirects are left to the browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()

    def get(self, path: str, params: object = None) -> requests.Response:
        return self.session.get(self._whole(path), params=params, allow_redirects=False, timeout=60)

    def post(self, path: str, fields: dict[str, str]) -> requests.Response:
        return self.session.post(self._whole(path), data=fields, allow_redirects=False, timeout=60)

    def _whole(self, path: str) -> str:
        return path if path.startswith("http") else self.address + path


class RealBrowser(Browser):
    """A browser at the running site."""

    def __init__(self, address: str) -> None:
        self.client = Site(address)
        self.page = None

    def bring_code(self, address: str, name: str) -> str:
        """Open what an application asks to be opened, sign in, allow, and read the code off the page."""
        self.open(address).follow().sign_in(name).send(decision="allow")
        return self.shown_code


class Product:
    """The running platform."""

    def __init__(self, up: Up) -> None:
        self.up = up
        self.address = f"http://127.0.0.1:{up.port}"

    def make_account(self, name: str) -> None:
        facts = ("--email", f"{name}@example.org", "--password", PASSWORD, "--confirmed")
        made = self.up.manage("account", "create", name, *facts)
        assert made.returncode == 0, made.stderr

    def browser(self) -> RealBrowser:
        return RealBrowser(self.address)

    def app(self, name: str = "Sunbird") -> Mastodon:
        """An application that is registered and has nobody signed in; it fails rather than waits."""
        client_id, secret = Mastodon.create_app(
            name, scopes=SCOPES, redirect_uris=OUT_OF_BAND, api_base_url=self.address
        )
        return Mastodon(client_id, secret, api_base_url=self.address, ratelimit_method="throw")

    def sign_in(self, name: str) -> Mastodon:
        """The real way in: a page, a password, a consent, a code, a token."""
        api = self.app()
        address = api.auth_request_url(scopes=SCOPES, redirect_uris=OUT_OF_BAND, allow_http=True)
        code = self.browser().bring_code(address, name)
        api.log_in(code=code, redirect_uri=OUT_OF_BAND, scopes=SCOPES, allow_http=True)
        return api

    def mailed_link(self, to: str) -> str:
        """The link of the last mail to this address; mails are printed where `up` prints."""

        def link() -> str:
            _, addressed, mail = self.up.said.rpartition(f"To: {to}")
            found = re.search(r"http://\S+/confirm-email/\S+", mail) if addressed else None
            return found[0] if found else ""

        return until(link, bool)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    data_dir = Path(tempfile.mkdtemp(prefix="upscrolled-journey-"))
    data_dir.chmod(0o711)
    up = Up(data_dir)
    try:
        up.start()
        running = Product(up)
        with ThreadPoolExecutor() as pool:
            list(pool.map(running.make_account, ("ann", "ben", "cleo")))
        yield running
    finally:
        if up.process is not None and up.process.poll() is None:
            up.signal(signal.SIGTERM)
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def ann(product: Product) -> Mastodon:
    return product.sign_in("ann")


@pytest.fixture(scope="session")
def ben(product: Product) -> Mastodon:
    return product.sign_in("ben")


@pytest.fixture(scope="session")
def cleo(product: Product) -> Mastodon:
    return product.sign_in("cleo")


def ask(api: Mastodon, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
    """Ask what the client library has no word for, with the token that it holds."""
    token = {"Authorization": f"Bearer {api.access_token}"}
    answer = requests.request(method, api.api_base_url + path, json=body, headers=token, timeout=60)
    assert answer.status_code == status, answer.text
    return answer.json()
