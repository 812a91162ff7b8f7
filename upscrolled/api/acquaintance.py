"""Private notes, recommendations, familiar followers; suggestions and the directory of people."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api import entities, pagination
from upscrolled.api.accounts import LIST, LIST_MAX
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import Account, Relationship
from upscrolled.api.relations import RelationView
from upscrolled.api.signup import Empty
from upscrolled.operations import acquaintance
from upscrolled.shedding import Importance

FAMILIAR_MAX = 40
TEXT_MAX = 10_000


class NoteForm(serializers.Serializer[Any]):
    """The note; an empty one takes it away."""

    comment = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=TEXT_MAX, trim_whitespace=False
    )


class Note(RelationView):
    """POST /api/v1/accounts/:id/note"""

    @endpoint(scope="write:accounts", body=NoteForm, answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Keep a note about somebody that nobody else reads."""
        form = self.valid(NoteForm)
        person = self.person(account_id)
        acquaintance.write_note(person, by=self.me, comment=form.get("comment") or "", now=self.now)
        return self.relationship(person)


class Endorse(RelationView):
    """POST /api/v1/accounts/:id/endorse, and by its old name /pin"""

    @endpoint(scope="write:accounts", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Recommend somebody whom the viewer follows on the viewer's profile."""
        person = self.person(account_id)
        acquaintance.endorse(person, by=self.me, now=self.now)
        return self.relationship(person)


class Unendorse(RelationView):
    """POST /api/v1/accounts/:id/unendorse, and by its old name /unpin"""

    @endpoint(scope="write:accounts", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Recommend somebody no longer."""
        person = self.person(account_id)
        acquaintance.unendorse(person, by=self.me)
        return self.relationship(person)


class Endorsements(ClientView):
    """GET /api/v1/endorsements"""

    @endpoint(scope="read:accounts", answers=list[Account], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List whom the viewer recommends, newest first."""
        page = self.page(default=LIST, maximum=LIST_MAX)
        listed = queries.endorsements(self.viewer, self.viewer.id, page)
        shown = [entities.account(person) for person in listed.people]
        return self.paged(shown, page, first=listed.first, last=listed.last)


class AccountEndorsements(ClientView):
    """GET /api/v1/accounts/:id/endorsements"""

    @endpoint(who="anyone", scope="read:accounts", answers=list[Account], paged=True)
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """List whom somebody recommends, newest first."""
        page = self.page(default=LIST, maximum=LIST_MAX)
        listed = queries.endorsements(self.viewer, self.id_of(account_id), page)
        shown = [entities.account(person) for person in listed.people]
        return self.paged(shown, page, first=listed.first, last=listed.last)


class FamiliarFollowers(msgspec.Struct, kw_only=True):
    """Who of those whom the viewer follows follows somebody."""

    id: str
    accounts: list[Account]


class FamiliarFollowersView(ClientView):
    """GET /api/v1/accounts/familiar_followers"""

    @endpoint(
        scope="read:follows", answers=list[FamiliarFollowers], query=("id[]",), importance=Importance.EXTRA
    )
    def get(self, request: Request) -> HttpResponse:
        """Tell, for each of several people, whom of their followers the viewer follows."""
        known = queries.familiar_followers(self.viewer, self.many_ids("id", at_most=FAMILIAR_MAX))
        return self.render(
            [
                FamiliarFollowers(id=str(account_id), accounts=[entities.account(one) for one in followers])
                for account_id, followers in known.items()
            ]
        )


class Suggestion(msgspec.Struct, kw_only=True):
    """Somebody to follow (Mastodon API, Suggestion); `source` is the older word for the first of `sources`."""

    source: str
    sources: list[str]
    account: Account


class SuggestionsView(ClientView):
    """GET /api/v2/suggestions"""

    @endpoint(scope="read:accounts", answers=list[Suggestion], query=("limit",))
    def get(self, request: Request) -> HttpResponse:
        """Suggest people to follow: whom friends follow first, then who is followed most lately."""
        return self.render(
            [
                Suggestion(
                    source="past_interactions" if found.friends_follow else "global",
                    sources=[
                        name
                        for name, holds in (
                            ("friends_of_friends", found.friends_follow),
                            ("most_followed", found.popular),
                        )
                        if holds
                    ],
                    account=entities.account(found.person),
                )
                for found in _suggested(self)
            ]
        )


class V1Suggestions(ClientView):
    """GET /api/v1/suggestions"""

    @endpoint(scope="read:accounts", answers=list[Account], query=("limit",))
    def get(self, request: Request) -> HttpResponse:
        """Suggest people to follow, without saying why."""
        return self.render([entities.account(found.person) for found in _suggested(self)])


class DismissSuggestion(RelationView):
    """DELETE /api/v1/suggestions/:account_id"""

    @endpoint(scope="write:accounts", answers=Empty)
    def delete(self, request: Request, account_id: str) -> HttpResponse:
        """Suggest somebody no more."""
        acquaintance.dismiss_suggestion(self.person(account_id), by=self.me, now=self.now)
        return self.render(Empty())


class Directory(ClientView):
    """GET /api/v1/directory"""

    @endpoint(
        who="anyone",
        answers=list[Account],
        query=("order", "local", "limit", "offset"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request) -> HttpResponse:
        """List people who want to be found: who posted last first, or with `order=new` who came last."""
        query = request.query_params
        found = queries.directory(
            self.viewer,
            newest=query.get("order") == "new",
            limit=pagination.limit_of(query.get("limit"), default=LIST, maximum=LIST_MAX),
            offset=pagination.offset_of(query.get("offset")),
        )
        return self.render([entities.account(person) for person in found])


def _suggested(view: ClientView) -> list[queries.Suggestion]:
    limit = pagination.limit_of(view.request.query_params.get("limit"), default=LIST, maximum=LIST_MAX)
    return queries.suggestions(view.viewer, limit=limit)
