"""OAuth application: a client that people sign in with. Tokens and codes are django-oauth-toolkit's rows."""

from __future__ import annotations

from typing import Any

from django.db import models
from oauth2_provider.models import AbstractApplication


class Application(AbstractApplication):  # type: ignore[misc]  # the toolkit is not typed
    """A registered client, with the scopes it may ask for.

    One application may use the authorization code grant and client credentials, as Mastodon's clients do;
    the toolkit's own model knows one grant for each application.
    """

    scopes = models.TextField(default="read")
    website = models.TextField(blank=True, default="")

    def allows_grant_type(self, *grant_types: str) -> bool:
        """Allow what Mastodon's clients use; neither implicit nor password."""
        allowed = {self.GRANT_AUTHORIZATION_CODE, self.GRANT_CLIENT_CREDENTIALS}
        return bool(allowed & set(grant_types))

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Compare to the letter, as RFC 9700 asks; custom schemes and out-of-band included."""
        return uri in self.redirect_uris.split()

    def get_allowed_schemes(self) -> list[str]:
        """Schemes of the registered addresses: mobile clients bring their own."""
        return [uri.split(":", 1)[0] for uri in self.redirect_uris.split()]

    def clean(self) -> None:
        """Addresses are checked where applications are registered (`operations/access.py`)."""

    def get_absolute_url(self) -> str:
        """Applications have no page."""
        return "/"

    def __str__(self) -> str:
        return str(self.name)

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """Skip the toolkit's form rules, which refuse `urn:ietf:wg:oauth:2.0:oob`."""
