"""Whose notifications are set aside: the policy in both its versions, and the senders who ask to be heard."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api.entities import Status
from feed.api.presenter import Presenter
from feed.queries import requests as queries
from feed.queries.requests import Asking
from feed.queries.sieve import ACCEPT, FILTER, POLICIES, VERDICTS
from upscrolled.api import entities as ground
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import Account
from upscrolled.api.signup import Empty
from upscrolled.operations import push, senders


class Summary(msgspec.Struct, kw_only=True):
    """How many senders ask, and how many notifications of theirs are set aside."""

    pending_requests_count: int
    pending_notifications_count: int


class NotificationPolicy(msgspec.Struct, kw_only=True):
    """Whose notifications are accepted, set aside (filter) or not wanted (drop) (Mastodon API, NotificationPolicy)."""

    for_not_following: str
    for_not_followers: str
    for_new_accounts: str
    for_private_mentions: str
    for_limited_accounts: str
    summary: Summary


class V1NotificationPolicy(msgspec.Struct, kw_only=True):
    """The policy in its first version: only whether they are set aside."""

    filter_not_following: bool
    filter_not_followers: bool
    filter_new_accounts: bool
    filter_private_mentions: bool
    summary: Summary


class NotificationRequest(msgspec.Struct, kw_only=True):
    """A sender who is set aside (Mastodon API, NotificationRequest); its id is the account's."""

    id: str
    created_at: str | None
    updated_at: str | None
    notifications_count: str
    account: Account
    last_status: Status | None = None


class Merged(msgspec.Struct, kw_only=True):
    """Whether what was accepted stands in the list: always, for nothing has to be moved."""

    merged: bool


def _form(name: str, fields: dict[str, Any], says: str) -> type[serializers.Serializer[Any]]:
    return type(name, (serializers.Serializer,), {"__doc__": says, "__module__": __name__, **fields})


SendersForm = _form(
    "SendersForm",
    {f"for_{name}": serializers.ChoiceField(choices=VERDICTS, required=False) for name in POLICIES},
    "What to change; what is not sent stays.",
)
V1SendersForm = _form(
    "V1SendersForm",
    {f"filter_{name}": serializers.BooleanField(required=False) for name in POLICIES[:4]},
    "What to change; what is not sent stays.",
)


class Policy(ClientView):
    """GET, PATCH /api/v2/notifications/policy"""

    @endpoint(scope="read:notifications", answers=NotificationPolicy)
    def get(self, request: Request) -> HttpResponse:
        """Read the policy."""
        return self._shown(queries.choice(self.viewer))

    @endpoint(scope="write:notifications", body=SendersForm, answers=NotificationPolicy)
    def patch(self, request: Request) -> HttpResponse:
        """Change the policy; it counts for what was sent before, too."""
        form = self.valid(SendersForm)
        wanted = {name.removeprefix("for_"): value for name, value in form.items()}
        return self._shown(push.choose(by=self.me, wanted=wanted, now=self.now))

    def _shown(self, chosen: Any) -> HttpResponse:
        said = {f"for_{name}": getattr(chosen, name) for name in POLICIES}
        return self.render(NotificationPolicy(**said, summary=_summary(self)))


class V1Policy(ClientView):
    """GET, PUT /api/v1/notifications/policy"""

    @endpoint(scope="read:notifications", answers=V1NotificationPolicy)
    def get(self, request: Request) -> HttpResponse:
        """Read the policy; what is not accepted counts as set aside."""
        return self._shown(queries.choice(self.viewer))

    @endpoint(scope="write:notifications", body=V1SendersForm, answers=V1NotificationPolicy)
    def put(self, request: Request) -> HttpResponse:
        """Change the policy."""
        form = self.valid(V1SendersForm)
        wanted = {name.removeprefix("filter_"): FILTER if value else ACCEPT for name, value in form.items()}
        return self._shown(push.choose(by=self.me, wanted=wanted, now=self.now))

    def _shown(self, chosen: Any) -> HttpResponse:
        said = {f"filter_{name}": getattr(chosen, name) != ACCEPT for name in POLICIES[:4]}
        return self.render(V1NotificationPolicy(**said, summary=_summary(self)))


class Requests(ClientView):
    """GET /api/v1/notifications/requests"""

    @endpoint(scope="read:notifications", answers=list[NotificationRequest], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """Who asks to be heard, the last first, among the last 1,000 notifications; pages go by the Link header."""
        page = self.page(default=40, maximum=80)
        present, found = Presenter(self.viewer), queries.page(self.viewer, page)
        shown = [_entity(each, present) for each in found.asking]
        return self.paged(shown, page, first=found.first, last=found.last)


class RequestView(ClientView):
    """GET /api/v1/notifications/requests/:id"""

    @endpoint(scope="read:notifications", answers=NotificationRequest)
    def get(self, request: Request, request_id: str) -> HttpResponse:
        """One sender who asks."""
        asking = queries.one(self.viewer, self.id_of(request_id))
        return self.render(_entity(asking, Presenter(self.viewer)))


class Accept(ClientView):
    """POST /api/v1/notifications/requests/:id/accept and …/requests/accept"""

    @endpoint(scope="write:notifications", answers=Empty)
    def post(self, request: Request, request_id: str = "") -> HttpResponse:
        """Hear these senders from now on; what they sent stands in the list at once."""
        senders.accept(_senders(self, request_id), by=self.me)
        return self.render(Empty())


class Dismiss(ClientView):
    """POST /api/v1/notifications/requests/:id/dismiss and …/requests/dismiss"""

    @endpoint(scope="write:notifications", answers=Empty)
    def post(self, request: Request, request_id: str = "") -> HttpResponse:
        """Be asked of these senders no more, until they send something new."""
        senders.dismiss(_senders(self, request_id), by=self.me, now=self.now)
        return self.render(Empty())


class MergedView(ClientView):
    """GET /api/v1/notifications/requests/merged"""

    @endpoint(scope="read:notifications", answers=Merged)
    def get(self, request: Request) -> HttpResponse:
        """Say that everything accepted stands in the list."""
        return self.render(Merged(merged=True))


def _senders(view: ClientView, request_id: str) -> list[int]:
    if request_id:
        return [queries.one(view.viewer, view.id_of(request_id)).sender_id]
    return view.many_ids("id", at_most=40)


def _summary(view: ClientView) -> Summary:
    asking = queries.pending(view.viewer)
    return Summary(
        pending_requests_count=len(asking), pending_notifications_count=sum(each.count for each in asking)
    )


def _entity(asking: Asking, present: Presenter) -> NotificationRequest:
    return NotificationRequest(
        id=str(asking.sender_id),
        created_at=ground.stamp(asking.first_at),
        updated_at=ground.stamp(asking.last_at),
        notifications_count=str(asking.count),
        account=present.account(asking.sender_id),
        last_status=None if asking.post is None else present.status(asking.post),
    )
