"""Search version 2 by handle, hashtag and address."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from feed.api import presenter
from feed.api.entities import Search, Tag
from feed.api.tags import tag_entity
from feed.queries import search, tags
from upscrolled import queries as ground
from upscrolled.api import entities as people
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.pagination import limit_of, offset_of
from upscrolled.core.errors import BadRequest, Invalid
from upscrolled.shedding import Importance
from upscrolled.viewer import Person

QUERY_MAX = 1_000


class SearchView(ClientView):
    """Search."""

    @endpoint(
        scope="read:search",
        who="anyone",
        answers=Search,
        query=("q", "type", "limit", "offset", "resolve", "following", "account_id", "exclude_unreviewed"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request) -> HttpResponse:
        """People by name, hashtags by their beginning, and the post or person behind an address of this site."""
        query = request.query_params.get("q", "").strip()
        if not query:
            raise BadRequest("Missing parameter: q")
        if len(query) > QUERY_MAX:
            raise Invalid(f"q is {len(query)} characters long; the limit is {QUERY_MAX}.")
        kind = request.query_params.get("type", "")
        limit = limit_of(request.query_params.get("limit"), default=20, maximum=40)
        offset = offset_of(request.query_params.get("offset"))
        post = search.post_at(self.viewer, query) if kind in ("", "statuses") and not offset else None
        return self.render(
            Search(
                accounts=[people.account(person) for person in self._people(kind, query, limit, offset)],
                statuses=[presenter.status(post, self.viewer)] if post else [],
                hashtags=self._tags(kind, query, limit, offset),
            )
        )

    def _people(self, kind: str, query: str, limit: int, offset: int) -> list[Person]:
        if kind not in ("", "accounts") or query.startswith("#"):
            return []
        return ground.search_people(
            self.viewer,
            search.name_at(query) or query,
            limit=limit,
            offset=offset,
            following=self.flag("following"),
        )

    def _tags(self, kind: str, query: str, limit: int, offset: int) -> list[Tag]:
        if kind not in ("", "hashtags") or query.startswith("@"):
            return []
        names = search.tags(query, limit=limit, offset=offset)
        personal = self.viewer.account is not None
        return [tag_entity(tag, personal=personal) for tag in tags.by_names(self.viewer, names, now=self.now)]
