"""Search version 2: people, hashtags and posts, and whatever an address of this site leads to."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from feed.api.entities import Search, Status, Tag
from feed.api.presenter import Presenter
from feed.api.tags import tag_entity
from feed.finding import Part, backend
from feed.finding.asked import Asked, Kind, Term, read
from feed.queries import search, tags
from upscrolled import queries
from upscrolled.api import entities as people
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.pagination import limit_of, offset_of, page_of
from upscrolled.core.errors import BadRequest, Invalid, Unauthenticated
from upscrolled.queries import push as choices
from upscrolled.shedding import Importance
from upscrolled.viewer import Person

QUERY_MAX = 1_000
OFFSET_MAX = 400  # of posts; further back leads max_id


class SearchView(ClientView):
    """Search."""

    @endpoint(
        scope="read:search",
        who="anyone",
        answers=Search,
        query=(
            "q", "type", "limit", "offset", "max_id", "min_id", "resolve", "following", "account_id",
            "exclude_unreviewed",
        ),
        importance=Importance.EXTRA,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """People by name, hashtags by their beginning, posts by their words, and what an address of this site shows.

        Posts are found for whoever is signed in, newest first: "a phrase", -without, #tag, from:me, has:image,
        is:reply, language:ar, before:2026-01-31, after:, during:, in:library, in:public.
        """
        query = request.query_params.get("q", "").strip()
        if not query:
            raise BadRequest("Missing parameter: q")
        if self.viewer.account is None:
            self._refuse_strangers(request)
        if len(query) > QUERY_MAX:
            raise Invalid(f"q is {len(query)} characters long; the limit is {QUERY_MAX}.")
        self._kind = request.query_params.get("type", "")
        limit = limit_of(request.query_params.get("limit"), default=20, maximum=40)
        # Of everything at once there is a first page only, as at Mastodon.
        offset = offset_of(request.query_params.get("offset")) if self._kind else 0
        part = Part(limit, offset)
        asked = read(query, zone=lambda: choices.zone(self.viewer))
        return self.render(
            Search(
                accounts=[people.account(person) for person in self._people(query, asked, part)],
                statuses=self._posts(request, query, asked, part),
                hashtags=self._tags(query, asked, part),
            )
        )

    def _refuse_strangers(self, request: Request) -> None:
        """Refuse what Mastodon lets only people ask, in its words: it is no way to walk through the site."""
        if request.query_params.get("offset"):
            raise Unauthenticated("Search queries pagination is not supported without authentication")
        if self.flag("resolve"):
            raise Unauthenticated(
                "Search queries that resolve remote resources are not supported without authentication"
            )

    def _people(self, query: str, asked: Asked, part: Part) -> list[Person]:
        if self._kind not in ("", "accounts") or query.startswith("#") or asked.operators:
            return []
        name = search.name_at(query) or query
        return backend().people(self.viewer, name, part, following=self.flag("following"))

    def _posts(self, request: Request, query: str, asked: Asked, part: Part) -> list[Status]:
        if self._kind not in ("", "statuses"):
            return []
        post = None if part.offset else search.post_at(self.viewer, query)
        if post is not None:
            return [Presenter(self.viewer).status(post)]
        if part.offset > OFFSET_MAX:
            raise Invalid(
                f"offset is {part.offset}; the limit is {OFFSET_MAX}, and max_id leads further back."
            )
        page = page_of(request, default=20, maximum=40)
        author = request.query_params.get("account_id")
        if author and self.viewer.account is not None:
            of = queries.get_person(self.viewer, self.id_of(author))
            asked = asked.also(Term(Kind.AUTHOR, (str(of.id),)))
        wanted = Part(part.limit, part.offset, max_id=page.max_id or 0, min_id=page.min_id or 0)
        return Presenter(self.viewer).statuses(search.posts_saying(self.viewer, asked, wanted))

    def _tags(self, query: str, asked: Asked, part: Part) -> list[Tag]:
        if self._kind not in ("", "hashtags") or query.startswith("@") or asked.operators:
            return []
        names = backend().tags(query, part)
        personal = self.viewer.account is not None
        return [tag_entity(tag, personal=personal) for tag in tags.by_names(self.viewer, names, now=self.now)]
