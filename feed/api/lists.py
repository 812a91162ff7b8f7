"""Lists: make, change and delete them, put people on them, read who stands there."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.operations import lists as operations
from feed.queries import lists as queries
from feed.queries.lists import Listing
from upscrolled.api import entities as ground
from upscrolled.api import parsers
from upscrolled.api.accounts import LIST, LIST_MAX
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import Account
from upscrolled.api.signup import Empty
from upscrolled.core import ids
from upscrolled.core.paging import Page

REPLIES = ("followed", "list", "none")


class List(msgspec.Struct, kw_only=True):
    """Some of the people whom the viewer follows, to be read apart."""

    id: str
    title: str
    replies_policy: str
    exclusive: bool


class ListChanges(serializers.Serializer[dict[str, Any]]):
    """What to change of a list; what is not sent stays as it is."""

    title = serializers.CharField(required=False, trim_whitespace=False)
    replies_policy = serializers.ChoiceField(choices=REPLIES, required=False)
    exclusive = serializers.BooleanField(required=False)


class ListForm(ListChanges):
    """A new list."""

    title = serializers.CharField(trim_whitespace=False)
    replies_policy = serializers.ChoiceField(choices=REPLIES, default="list")
    exclusive = serializers.BooleanField(default=False)


class AccountIds(serializers.Field[list[str], Any, Any, Any]):
    """Ids of accounts: a list, or one of them."""

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the ids as they were written, at most as many as a list holds."""
        written = parsers.texts(parsers.many(data))
        if not 0 < len(written) <= operations.MEMBERS_MAX:
            raise serializers.ValidationError(
                f"from 1 to {operations.MEMBERS_MAX} ids in one request; there were {len(written)}"
            )
        return written

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value


class MembersForm(serializers.Serializer[dict[str, Any]]):
    """Who is meant."""

    account_ids = AccountIds()


class Lists(ClientView):
    """GET, POST /api/v1/lists"""

    @endpoint(scope="read:lists", answers=list[List])
    def get(self, request: Request) -> HttpResponse:
        """All of the viewer's lists, the oldest first."""
        return self.render([_entity(found) for found in queries.lists(self.viewer)])

    @endpoint(scope="write:lists", answers=List, body=ListForm)
    def post(self, request: Request) -> HttpResponse:
        """Make a list. `exclusive` keeps the posts of its members out of home."""
        form = self.valid(ListForm)
        made = operations.create_list(
            by=self.me,
            title=form["title"],
            replies=form["replies_policy"],
            exclusive=form["exclusive"],
            now=self.now,
        )
        return self.render(_entity(queries.get_list(self.viewer, made)))


class ListView(ClientView):
    """GET, PUT, DELETE /api/v1/lists/:id"""

    @endpoint(scope="read:lists", answers=List)
    def get(self, request: Request, list_id: str) -> HttpResponse:
        """One of the viewer's lists."""
        return self.render(_entity(queries.get_list(self.viewer, self.id_of(list_id))))

    @endpoint(scope="write:lists", answers=List, body=ListChanges)
    def put(self, request: Request, list_id: str) -> HttpResponse:
        """Change a list; what is not sent stays as it is."""
        number = queries.get_list(self.viewer, self.id_of(list_id)).id
        form = self.valid(ListChanges)
        operations.change_list(
            number,
            by=self.me,
            title=form.get("title"),
            replies=form.get("replies_policy"),
            exclusive=form.get("exclusive"),
        )
        return self.render(_entity(queries.get_list(self.viewer, number)))

    @endpoint(scope="write:lists", answers=Empty)
    def delete(self, request: Request, list_id: str) -> HttpResponse:
        """Delete a list; the people on it stay followed."""
        operations.delete_list(self.id_of(list_id), by=self.me)
        return self.render(Empty())


class Members(ClientView):
    """GET, POST, DELETE /api/v1/lists/:id/accounts"""

    @endpoint(scope="read:lists", answers=list[Account], paged=True)
    def get(self, request: Request, list_id: str) -> HttpResponse:
        """Who stands on a list, the last put there first; limit=0 means all."""
        everybody = request.query_params.get("limit") == "0"
        page = Page(limit=operations.MEMBERS_MAX) if everybody else self.page(default=LIST, maximum=LIST_MAX)
        found = queries.members(self.viewer, self.id_of(list_id), page)
        shown = [ground.account(person) for person in found.people]
        return self.paged(shown, page, first=found.first, last=None if everybody else found.last)

    @endpoint(scope="write:lists", answers=Empty, body=MembersForm)
    def post(self, request: Request, list_id: str) -> HttpResponse:
        """Put people whom the viewer follows, or the viewer, on a list: all of them or none."""
        number = queries.get_list(self.viewer, self.id_of(list_id)).id
        operations.add_members(number, self._named(), by=self.me)
        return self.render(Empty())

    @endpoint(scope="write:lists", answers=Empty, body=MembersForm, query=("account_ids[]",))
    def delete(self, request: Request, list_id: str) -> HttpResponse:
        """Take people off a list; their ids may stand in the query or in a body of any encoding."""
        number = queries.get_list(self.viewer, self.id_of(list_id)).id
        operations.remove_members(number, self._named(), by=self.me)
        return self.render(Empty())

    def _named(self) -> list[int]:
        """The people who are meant; 0, which is nobody, for what is no id."""
        return [ids.parse(written) or 0 for written in self.valid(MembersForm)["account_ids"]]


class AccountLists(ClientView):
    """GET /api/v1/accounts/:id/lists"""

    @endpoint(scope="read:lists", answers=list[List])
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """Which of the viewer's lists hold somebody."""
        found = queries.lists_with(self.viewer, self.id_of(account_id))
        return self.render([_entity(one) for one in found])


def _entity(listing: Listing) -> List:
    return List(
        id=str(listing.id),
        title=listing.title,
        replies_policy=listing.replies,
        exclusive=listing.exclusive,
    )
