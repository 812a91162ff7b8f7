"""What stands between me and somebody: follow, block, mute, their lists, and who asks to follow me."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import limits, queries
from upscrolled.api import entities, parsers
from upscrolled.api.accounts import LIST, LIST_MAX
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import Account, MutedAccount, Relationship
from upscrolled.operations import relationships
from upscrolled.viewer import Person


class Languages(serializers.Field[list[str], Any, Any, Any]):
    """Language codes: a list, or one of them."""

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the codes; the verb checks them."""
        return parsers.texts(parsers.many(data))

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value


class FollowForm(serializers.Serializer[Any]):
    """How to follow; what is not sent stays as it is, or takes its default at first."""

    reblogs = serializers.BooleanField(required=False, allow_null=True)
    notify = serializers.BooleanField(required=False, allow_null=True)
    languages = Languages(required=False, allow_null=True)


class Seconds(serializers.IntegerField):
    """A number of seconds; an empty text, which is what forms have for null, is null."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Read an empty text as null."""
        return super().run_validation(None if data == "" else data)

    def to_internal_value(self, data: Any) -> int:
        """Return the number."""
        return int(super().to_internal_value(data))


class MuteForm(serializers.Serializer[Any]):
    """What to mute, and for how many seconds; 0, and null, is for good."""

    notifications = serializers.BooleanField(default=True, allow_null=True)
    duration = Seconds(
        default=0, allow_null=True, min_value=0, max_value=int(relationships.MUTE_MAX.total_seconds())
    )


class RelationView(ClientView):
    """Base of the verbs about somebody, which answer what then stands between the two."""

    def person(self, account_id: str) -> Person:
        """Return whom the address names. Raises NotFound."""
        return queries.get_person(self.viewer, self.id_of(account_id))

    def relationship(self, person: Person) -> HttpResponse:
        """Render what stands between the viewer and this person now."""
        return self.render(entities.relationship(queries.fresh_person(self.viewer, person.id)))


class Relationships(ClientView):
    """GET /api/v1/accounts/relationships"""

    @endpoint(scope="read:follows", answers=list[Relationship], query=("id[]", "with_suspended"))
    def get(self, request: Request) -> HttpResponse:
        """Tell what stands between the viewer and several people."""
        wanted = self.many_ids("id")
        found = queries.relationships(self.viewer, wanted, with_suspended=self.flag("with_suspended"))
        return self.render([entities.relationship(person) for person in found])


class Follow(RelationView):
    """POST /api/v1/accounts/:id/follow"""

    @endpoint(scope="write:follows", body=FollowForm, answers=Relationship, limit=limits.FOLLOWS)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Follow somebody, or ask to; following again changes the options."""
        form = self.valid(FollowForm)
        person = self.person(account_id)
        relationships.follow(
            person,
            by=self.me,
            reposts=form.get("reblogs"),
            notify=form.get("notify"),
            languages=form.get("languages", msgspec.UNSET),
            now=self.now,
        )
        return self.relationship(person)


class Unfollow(RelationView):
    """POST /api/v1/accounts/:id/unfollow"""

    @endpoint(scope="write:follows", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Stop following somebody, or take the request back."""
        person = self.person(account_id)
        relationships.unfollow(person, by=self.me)
        return self.relationship(person)


class RemoveFromFollowers(RelationView):
    """POST /api/v1/accounts/:id/remove_from_followers"""

    @endpoint(scope="write:follows", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Make somebody stop following; they are not told."""
        person = self.person(account_id)
        relationships.remove_follower(person, by=self.me)
        return self.relationship(person)


class Block(RelationView):
    """POST /api/v1/accounts/:id/block"""

    @endpoint(scope="write:blocks", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Block somebody: neither sees the other, follows both ways end."""
        person = self.person(account_id)
        relationships.block(person, by=self.me, now=self.now)
        return self.relationship(person)


class Unblock(RelationView):
    """POST /api/v1/accounts/:id/unblock"""

    @endpoint(scope="write:blocks", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Take a block back."""
        person = self.person(account_id)
        relationships.unblock(person, by=self.me)
        return self.relationship(person)


class Mute(RelationView):
    """POST /api/v1/accounts/:id/mute"""

    @endpoint(scope="write:mutes", body=MuteForm, answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Keep somebody out of timelines, and their notifications too unless that is switched off."""
        form = self.valid(MuteForm)
        person = self.person(account_id)
        relationships.mute(
            person,
            by=self.me,
            notifications=form["notifications"] is not False,
            duration=timedelta(seconds=form["duration"] or 0),
            now=self.now,
        )
        return self.relationship(person)


class Unmute(RelationView):
    """POST /api/v1/accounts/:id/unmute"""

    @endpoint(scope="write:mutes", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Take a mute back."""
        person = self.person(account_id)
        relationships.unmute(person, by=self.me)
        return self.relationship(person)


class Blocks(ClientView):
    """GET /api/v1/blocks"""

    @endpoint(scope="read:blocks", answers=list[Account], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List whom the viewer blocks, newest first."""
        page = self.page(default=LIST, maximum=LIST_MAX)
        listed = queries.blocks(self.viewer, page)
        shown = [entities.account(person) for person in listed.people]
        return self.paged(shown, page, first=listed.first, last=listed.last)


class Mutes(ClientView):
    """GET /api/v1/mutes"""

    @endpoint(scope="read:mutes", answers=list[MutedAccount], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List whom the viewer mutes at present, newest first, and until when."""
        page = self.page(default=LIST, maximum=LIST_MAX)
        listed = queries.mutes(self.viewer, page)
        shown = [entities.muted_account(person) for person in listed.people]
        return self.paged(shown, page, first=listed.first, last=listed.last)


class FollowRequests(ClientView):
    """GET /api/v1/follow_requests"""

    @endpoint(scope="read:follows", answers=list[Account], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List who asks to follow the viewer, newest first."""
        page = self.page(default=LIST, maximum=LIST_MAX)
        listed = queries.follow_requests(self.viewer, page)
        shown = [entities.account(person) for person in listed.people]
        return self.paged(shown, page, first=listed.first, last=listed.last)


class AuthorizeRequest(RelationView):
    """POST /api/v1/follow_requests/:account_id/authorize"""

    @endpoint(scope="write:follows", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Let somebody follow who asked to."""
        person = self.person(account_id)
        relationships.authorize_request(person, by=self.me, now=self.now)
        return self.relationship(person)


class RejectRequest(RelationView):
    """POST /api/v1/follow_requests/:account_id/reject"""

    @endpoint(scope="write:follows", answers=Relationship)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Turn somebody's request down; they are not told."""
        person = self.person(account_id)
        relationships.reject_request(person, by=self.me)
        return self.relationship(person)
