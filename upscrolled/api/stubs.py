"""What clients ask for at start and this site does not have yet: an empty answer, where silence would break them.

Each of these leaves this file when the thing itself comes.
"""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import Account, CustomEmoji
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


Announcements = nothing("Announcements", "List announcements; there are none yet.")
Conversations = nothing(
    "Conversations", "List private conversations; there are none yet.", scope="read:statuses"
)
CustomEmojis = nothing(
    "CustomEmojis", "List custom emojis; this site has none.", who="anyone", answers=list[CustomEmoji]
)
Endorsements = nothing(
    "Endorsements",
    "List recommended people; there are none yet.",
    scope="read:accounts",
    answers=list[Account],
)
FeaturedTags = nothing("FeaturedTags", "List featured hashtags; there are none yet.", scope="read:accounts")
Filters = nothing("Filters", "List filters; there are none yet.", scope="read:filters")
FollowedTags = nothing("FollowedTags", "List followed hashtags; there are none yet.", scope="read:follows")
Lists = nothing("Lists", "List the lists; there are none yet.", scope="read:lists")
ScheduledStatuses = nothing(
    "ScheduledStatuses", "List scheduled posts; there are none yet.", scope="read:statuses"
)
Suggestions = nothing("Suggestions", "Suggest people; nobody is suggested yet.", scope="read:accounts")
TrendingLinks = nothing("TrendingLinks", "List trending links; links are not ranked.", who="anyone")
TrendingTags = nothing("TrendingTags", "List trending hashtags; hashtags are not ranked yet.", who="anyone")
Directory = nothing("Directory", "List people who may be found; nobody is listed yet.", who="anyone")

# One site: there is nobody to federate with, to hide from or to translate for.
Peers = nothing("Peers", "List federated sites; nothing federates.", who="anyone", answers=list[str])
Activity = nothing("Activity", "Weekly figures; they are not published yet.", who="anyone")
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


class OfAccount(ClientView):
    """Base of empty lists about somebody who must exist."""

    def empty(self, account_id: str) -> HttpResponse:
        """Answer an empty list. Raises NotFound for nobody."""
        queries.get_person(self.viewer, self.id_of(account_id))
        return self.render([])


class AccountFeaturedTags(OfAccount):
    """GET /api/v1/accounts/:id/featured_tags"""

    @endpoint(who="anyone", scope="read:accounts", answers=list[dict[str, Any]])
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """List somebody's featured hashtags; there are none yet."""
        return self.empty(account_id)


class AccountEndorsements(OfAccount):
    """GET /api/v1/accounts/:id/endorsements"""

    @endpoint(who="anyone", scope="read:accounts", answers=list[Account])
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """List whom somebody recommends; there is nobody yet."""
        return self.empty(account_id)


class AccountLists(OfAccount):
    """GET /api/v1/accounts/:id/lists"""

    @endpoint(scope="read:lists", answers=list[dict[str, Any]])
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """List which of the viewer's lists hold somebody; there are no lists yet."""
        return self.empty(account_id)


class FamiliarFollowers(msgspec.Struct, kw_only=True):
    """Who of those the viewer follows follows somebody."""

    id: str
    accounts: list[Account]


class FamiliarFollowersView(ClientView):
    """GET /api/v1/accounts/familiar_followers"""

    @endpoint(scope="read:follows", answers=list[FamiliarFollowers], query=("id[]",))
    def get(self, request: Request) -> HttpResponse:
        """Tell which followers two people share; nobody is told yet."""
        return self.render([FamiliarFollowers(id=str(wanted), accounts=[]) for wanted in self.many_ids("id")])


class Markers(ClientView):
    """GET, POST /api/v1/markers"""

    @endpoint(scope="read:statuses", answers=Empty, query=("timeline[]",))
    def get(self, request: Request) -> HttpResponse:
        """Return how far the viewer has read; nothing is remembered yet."""
        return self.render(Empty())

    @endpoint(scope="write:statuses", answers=Empty)
    def post(self, request: Request) -> HttpResponse:
        """Accept a position, and say by the empty answer that none is remembered."""
        return self.render(Empty())


class PushSubscription(ClientView):
    """GET /api/v1/push/subscription"""

    @endpoint(scope="push")
    def get(self, request: Request) -> HttpResponse:
        """Answer that there is no subscription: 404, as Mastodon does."""
        raise NotFound


class TranslationLanguages(ClientView):
    """GET /api/v1/instance/translation_languages"""

    @endpoint(who="anyone", answers=Empty)
    def get(self, request: Request) -> HttpResponse:
        """Tell what is translated into what: nothing."""
        return self.render(Empty())
