"""What clients ask for at start and this site does not have yet: an empty answer, where silence would break them.

Each of these leaves this file when the thing itself comes.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import CustomEmoji
from upscrolled.api.signup import Empty
from upscrolled.core.errors import NotFound


def nothing(
    name: str, says: str, *, scope: str = "", who: str = "user", answers: Any = list[dict[str, Any]]
) -> type[ClientView]:
    """Make an endpoint that answers an empty list."""

    def get(self: ClientView, request: Request, **_: str) -> HttpResponse:
        return self.render([])

    get.__doc__ = says
    get.__qualname__ = f"{name}.get"
    marked = endpoint(scope=scope, who=who, answers=answers)(get)
    return type(name, (ClientView,), {"get": marked, "__doc__": says, "__module__": __name__})


CustomEmojis = nothing(
    "CustomEmojis", "List custom emojis; this site has none.", who="anyone", answers=list[CustomEmoji]
)

# One site: there is nobody to federate with, to hide from or to translate for.
Peers = nothing("Peers", "List federated sites; nothing federates.", who="anyone", answers=list[str])
BlockedSites = nothing("BlockedSites", "List sites blocked by this one; nothing federates.", who="anyone")


class DomainBlocks(ClientView):
    """GET, POST, DELETE /api/v1/domain_blocks"""

    @endpoint(scope="read:blocks", answers=list[str])
    def get(self, request: Request) -> HttpResponse:
        """List blocked sites; nothing federates."""
        return self.render([])

    @endpoint(scope="write:blocks", answers=Empty)
    def post(self, request: Request) -> HttpResponse:
        """Block a site: nothing comes from any, so there is nothing to do."""
        return self.render(Empty())

    @endpoint(scope="write:blocks", answers=Empty)
    def delete(self, request: Request) -> HttpResponse:
        """Unblock a site: none is blocked."""
        return self.render(Empty())


class TranslationLanguages(ClientView):
    """GET /api/v1/instance/translation_languages"""

    @endpoint(who="anyone", answers=Empty)
    def get(self, request: Request) -> HttpResponse:
        """Tell what is translated into what: nothing."""
        return self.render(Empty())


class Translate(ClientView):
    """POST /api/v1/statuses/:id/translate"""

    @endpoint(scope="read:statuses", who="app")
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Nothing is found: this site translates nothing, as `configuration.translation` of the instance says."""
        raise NotFound
