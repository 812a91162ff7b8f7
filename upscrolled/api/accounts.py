"""People: one of them, several, by name, by search; who follows them and whom they follow."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api import entities, pagination, signup
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import Account
from upscrolled.core.errors import BadRequest
from upscrolled.shedding import Importance

LIST, LIST_MAX = 40, 80


class Accounts(signup.SignUp):
    """GET /api/v1/accounts, beside signing up by POST"""

    @endpoint(who="anyone", scope="read:accounts", answers=list[Account], query=("id[]",))
    def get(self, request: Request) -> HttpResponse:
        """Show several people by their ids; who does not exist is left out."""
        found = queries.people(self.viewer, self.many_ids("id"))
        return self.render([entities.account(person) for person in found])


class OneAccount(ClientView):
    """GET /api/v1/accounts/:id"""

    @endpoint(who="anyone", scope="read:accounts", answers=Account)
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """Show somebody."""
        return self.render(entities.account(queries.get_person(self.viewer, self.id_of(account_id))))


class Lookup(ClientView):
    """GET /api/v1/accounts/lookup"""

    @endpoint(who="anyone", scope="read:accounts", answers=Account, query=("acct",))
    def get(self, request: Request) -> HttpResponse:
        """Show who has this name: `name`, `@name` or `name@this.host`."""
        acct = request.query_params.get("acct", "")
        if not acct:
            raise BadRequest("acct is missing.")
        return self.render(entities.account(queries.lookup(self.viewer, acct)))


class SearchAccounts(ClientView):
    """GET /api/v1/accounts/search"""

    @endpoint(
        scope="read:accounts read:search",
        answers=list[Account],
        query=("q", "limit", "offset", "following", "resolve"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request) -> HttpResponse:
        """Find people by name or display name; an exact name comes first."""
        query = request.query_params
        found = queries.search_people(
            self.viewer,
            query.get("q", ""),
            limit=pagination.limit_of(query.get("limit"), default=LIST, maximum=LIST_MAX),
            offset=pagination.offset_of(query.get("offset")),
            following=self.flag("following"),
        )
        return self.render([entities.account(person) for person in found])


class Followers(ClientView):
    """GET /api/v1/accounts/:id/followers"""

    @endpoint(who="anyone", scope="read:accounts", answers=list[Account], paged=True)
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """List who follows somebody, newest first; empty if they hide it. Pages are told by Link only."""
        page = self.page(default=LIST, maximum=LIST_MAX)
        listed = queries.followers(self.viewer, self.id_of(account_id), page)
        shown = [entities.account(person) for person in listed.people]
        return self.paged(shown, page, first=listed.first, last=listed.last)


class Following(ClientView):
    """GET /api/v1/accounts/:id/following"""

    @endpoint(who="anyone", scope="read:accounts", answers=list[Account], paged=True)
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """List whom somebody follows, newest first; empty if they hide it. Pages are told by Link only."""
        page = self.page(default=LIST, maximum=LIST_MAX)
        listed = queries.following(self.viewer, self.id_of(account_id), page)
        shown = [entities.account(person) for person in listed.people]
        return self.paged(shown, page, first=listed.first, last=listed.last)
