"""Notifications, version 1 of the client API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from feed.api import directs
from feed.api.entities import Status
from feed.api.groupkeys import write_key
from feed.api.presenter import Presenter
from feed.queries import filters, scheduled
from feed.queries import notifications as queries
from feed.queries.groups import key_of
from feed.queries.notifications import OF_ONESELF, UNASKED, Told
from feed.queries.pushes import SHOWN, TYPES
from upscrolled.api import entities as ground
from upscrolled.api import pagination, parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import Account
from upscrolled.core import ids
from upscrolled.core.errors import NotFound
from upscrolled.operations import notify

CONTEXT = "notifications"  # where filters that leave out at the server find these pages
NOTIFICATION_TYPE = TYPES  # kinds in the client API's words
KIND = {name: kind for kind, name in NOTIFICATION_TYPE.items()}
# What a type in a request means: who names mentions means those in messages too, which are shown as mentions.
MEANS = {name: [kind] for name, kind in KIND.items()} | {"mention": ["mention", "message"]}


class WarningAppeal(msgspec.Struct, kw_only=True):
    """What somebody said against a decision, and where it stands: pending, approved or rejected."""

    text: str
    state: str


class AccountWarning(msgspec.Struct, kw_only=True):
    """A decision about the viewer; the whole statement of reasons stands at `url`."""

    id: str
    action: str
    text: str
    status_ids: list[str] | None
    target_account: Account
    appeal: WarningAppeal | None
    created_at: str
    url: str


class ReportNews(msgspec.Struct, kw_only=True):
    """A report of the viewer: received, or what became of it."""

    id: str
    outcome: str
    text: str
    target_account_id: str | None
    status_ids: list[str]
    created_at: str


class NotPublished(msgspec.Struct, kw_only=True):
    """A scheduled post of the viewer that could not be published, and why."""

    id: str
    refused: str


class NotificationExtension(msgspec.Struct, kw_only=True):
    """What notifications bring along beyond the Mastodon API: of private messages, their conversation."""

    not_published: NotPublished | msgspec.UnsetType = msgspec.UNSET
    report: ReportNews | msgspec.UnsetType = msgspec.UNSET
    conversation_id: str | msgspec.UnsetType = msgspec.UNSET


class Notification(msgspec.Struct, kw_only=True):
    """Somebody did something that concerns the viewer."""

    id: str
    type: str
    created_at: str
    group_key: str
    account: Account
    status: Status | msgspec.UnsetType = msgspec.UNSET
    moderation_warning: AccountWarning | msgspec.UnsetType = msgspec.UNSET
    upscrolled: NotificationExtension | msgspec.UnsetType = msgspec.UNSET


# Rooms above bring what belongs to kinds of their own: for a page's subjects, an entity each. Without one, a
# notification of that kind is not shown.
Bring = Callable[[Presenter, list[int]], Mapping[int, Any]]


def _not_published(present: Presenter, scheduled_ids: list[int]) -> dict[int, NotificationExtension]:
    return {
        number: NotificationExtension(not_published=NotPublished(id=str(number), refused=why))
        for number, why in scheduled.refused(present.viewer, scheduled_ids).items()
    }


BROUGHT: dict[str, tuple[str, Bring]] = {"not_published": ("upscrolled", _not_published)}


class Count(msgspec.Struct, kw_only=True):
    """A number."""

    count: int


class Notifications(ClientView):
    """What one was told."""

    @endpoint(
        scope="read:notifications",
        answers=list[Notification],
        paged=True,
        query=("types[]", "exclude_types[]", "account_id", "include_filtered"),
    )
    def get(self, request: Request) -> HttpResponse:
        """What the viewer was told, the last first.

        Types that Mastodon does not have are listed where `types[]` names them: `upscrolled.report`,
        `upscrolled.not_published`. Private messages are mentions; `upscrolled.message` names them alone.
        """
        page = self.page(default=40, maximum=80)
        params = self.params()
        listed = queries.notifications(
            self.viewer,
            page,
            kinds=kinds_of(params),
            actor_id=actor_of(params),
            wanted=filters.wanted(self.viewer, CONTEXT, now=self.now),
            verdicts=verdicts_of(self),
        )
        present = Presenter(self.viewer)
        shown = entities(listed.told, present)
        return self.paged(shown, page, first=listed.first, last=listed.last)


class NotificationView(ClientView):
    """One notification."""

    @endpoint(scope="read:notifications", answers=Notification)
    def get(self, request: Request, notification_id: str) -> HttpResponse:
        """Read one notification."""
        wanted = filters.wanted(self.viewer, CONTEXT, now=self.now)
        told = queries.notification(self.viewer, self.id_of(notification_id), wanted=wanted)
        shown = entities([told], Presenter(self.viewer))
        if not shown:
            raise NotFound
        return self.render(shown[0])


class Clear(ClientView):
    """Empty the list."""

    @endpoint(scope="write:notifications")
    def post(self, request: Request) -> HttpResponse:
        """Forget all of the viewer's notifications."""
        notify.clear(self.viewer.id)
        return self.render({})


class Dismiss(ClientView):
    """Drop one."""

    @endpoint(scope="write:notifications")
    def post(self, request: Request, notification_id: str = "") -> HttpResponse:
        """Forget one of the viewer's notifications; the id may stand in the body, as in an older API."""
        number = self.id_of(notification_id or str(self.params().get("id", "")))
        if not notify.dismiss(self.viewer.id, number):
            raise NotFound
        return self.render({})


class UnreadCount(ClientView):
    """How many are unread."""

    @endpoint(
        scope="read:notifications",
        answers=Count,
        query=("limit", "types[]", "exclude_types[]", "account_id"),
    )
    def get(self, request: Request) -> HttpResponse:
        """How many notifications there are above the marker `notifications`, counted up to the limit."""
        params = self.params()
        limit = pagination.limit_of(request.query_params.get("limit"), default=100, maximum=1000)
        wanted = filters.wanted(self.viewer, CONTEXT, now=self.now)
        count = queries.unread_count(
            self.viewer, limit=limit, kinds=kinds_of(params), actor_id=actor_of(params), wanted=wanted
        )
        return self.render(Count(count=count))


def actor_of(params: dict[str, Any]) -> int:
    """The account that is asked for: 0 for everybody, -1 (nobody) for what is no id."""
    given = str(params.get("account_id", ""))
    return (ids.parse(given) or -1) if given else 0


def verdicts_of(view: ClientView) -> frozenset[str]:
    """Which notifications are asked for: those that a policy sets aside only with `include_filtered`."""
    return queries.ALL_BUT_DROPPED if view.flag("include_filtered") else queries.ACCEPTED


def kinds_of(params: dict[str, Any]) -> list[str]:
    """The kinds that are asked for, or all that Mastodon's applications know; unknown types match nothing."""
    wanted = parsers.texts(parsers.many(params.get("types")))
    kinds = _kinds(wanted) if wanted else list(UNASKED)
    unwanted = _kinds(parsers.texts(parsers.many(params.get("exclude_types"))))
    return [kind for kind in kinds if kind not in unwanted]


def _kinds(types: list[str]) -> list[str]:
    return [kind for name in types for kind in MEANS.get(name, [])]


def entities(page: list[Told], present: Presenter) -> list[Notification]:
    """Show a page; what has nothing beside it that it needs is left out."""
    beside, messages = brought(page, present), private_statuses(page, present)
    shown = []
    for told in page:
        if told.private is not None and told.id not in messages:
            continue
        one = entity(told, present)
        if told.private is not None:
            one.status, one.upscrolled = messages[told.id], beyond(told)
        if told.id in beside:
            setattr(one, *beside[told.id])
        elif told.kind in OF_ONESELF:
            continue
        shown.append(one)
    return shown


def brought(page: list[Told], present: Presenter) -> dict[int, tuple[str, Any]]:
    """Return by notification what rooms above bring, and the field it stands in; each kind is asked for once."""
    found = {}
    for kind, (name, bring) in BROUGHT.items():
        of_kind = [told for told in page if told.kind == kind and told.subject_id]
        by_subject = (
            bring(present, [told.subject_id for told in of_kind if told.subject_id]) if of_kind else {}
        )
        for told in of_kind:
            if one := by_subject.get(told.subject_id or 0):
                found[told.id] = (name, one)
    return found


def private_statuses(page: list[Told], present: Presenter) -> dict[int, Status]:
    """Return by notification the private message that it is about, as a status."""
    wanted = {told.id: told.private.message_id for told in page if told.private is not None}
    if not wanted:
        return {}
    found = {int(each.id): each for each in directs.several(present.viewer, set(wanted.values()))}
    return {number: found[message] for number, message in wanted.items() if message in found}


def beyond(told: Told) -> NotificationExtension | msgspec.UnsetType:
    """Return what a notification brings along that the Mastodon API does not know."""
    if told.private is None:
        return msgspec.UNSET
    return NotificationExtension(conversation_id=str(told.private.conversation_id))


def entity(told: Told, present: Presenter) -> Notification:
    """Return what somebody is told as the client API shows it."""
    shown = Notification(
        id=str(told.id),
        type=SHOWN[told.kind],
        created_at=ground.stamp(told.created_at) or "",
        group_key=write_key(key_of((told.id, told.kind, told.actor_id, told.subject_id, told.created_at))),
        account=present.account(told.actor_id),
    )
    if told.post is not None:
        shown.status = present.status(told.post)
    return shown
