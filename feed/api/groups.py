"""Notifications, version 2 of the client API: in groups, with the people and posts they speak of beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from feed.api import notifications as v1
from feed.api.entities import Status
from feed.api.groupkeys import read_key, write_key
from feed.api.notifications import KIND, Count
from feed.api.presenter import Presenter
from feed.queries import filters, groups
from feed.queries import notifications as queries
from feed.queries.groups import GROUPED, SAMPLES, Group
from feed.queries.notifications import OF_ONESELF, Told
from feed.queries.pushes import SHOWN
from upscrolled.api import entities as ground
from upscrolled.api import pagination, parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import Account
from upscrolled.api.signup import Empty
from upscrolled.operations import notify


class NotificationGroup(msgspec.Struct, kw_only=True):
    """Notifications of one kind about one thing (Mastodon API, NotificationGroup). The one id that is a number."""

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: int
    page_min_id: str | None = None
    page_max_id: str | None = None
    latest_page_notification_at: str | None = None
    sample_account_ids: list[str]
    status_id: str | None = None
    moderation_warning: v1.AccountWarning | msgspec.UnsetType = msgspec.UNSET
    upscrolled: v1.NotificationExtension | msgspec.UnsetType = msgspec.UNSET


class PartialAccount(msgspec.Struct, kw_only=True):
    """What is enough for a picture in a row (Mastodon API, PartialAccountWithAvatar)."""

    id: str
    acct: str
    url: str
    avatar: str
    avatar_static: str
    locked: bool
    bot: bool


class GroupedNotificationsResults(msgspec.Struct, kw_only=True):
    """Groups, and once each the accounts and posts that they speak of (Mastodon API)."""

    accounts: list[Account]
    partial_accounts: list[PartialAccount] | msgspec.UnsetType = msgspec.UNSET
    statuses: list[Status]
    notification_groups: list[NotificationGroup]


class GroupedNotifications(ClientView):
    """GET /api/v2/notifications"""

    @endpoint(
        scope="read:notifications",
        answers=GroupedNotificationsResults,
        paged=True,
        query=(
            "types[]",
            "exclude_types[]",
            "account_id",
            "grouped_types[]",
            "expand_accounts",
            "include_filtered",
        ),
    )
    def get(self, request: Request) -> HttpResponse:
        """What the viewer was told, in groups; those that were told something last come first."""
        page = self.page(default=40, maximum=80)
        params = self.params()
        found = groups.page(
            self.viewer,
            page,
            kinds=v1.kinds_of(params),
            actor_id=v1.actor_of(params),
            grouped=_grouped(params),
            wanted=filters.wanted(self.viewer, v1.CONTEXT, now=self.now),
            verdicts=v1.verdicts_of(self),
        )
        results = _results(found.groups, Presenter(self.viewer))
        if params.get("expand_accounts") == "partial_avatars":
            _shorten(results)
        following = {"max_id": found.last} if found.last is not None else None
        previous = {"min_id": found.first} if found.first is not None else None
        return self.render(results, link=pagination.link(request, following=following, previous=previous))


class GroupView(ClientView):
    """GET /api/v2/notifications/:group_key"""

    @endpoint(scope="read:notifications", answers=GroupedNotificationsResults)
    def get(self, request: Request, group_key: str) -> HttpResponse:
        """One group."""
        return self.render(_results([_group(self, group_key)], Presenter(self.viewer), paged=False))


class GroupAccounts(ClientView):
    """GET /api/v2/notifications/:group_key/accounts"""

    @endpoint(scope="read:notifications", answers=list[Account], paged=True)
    def get(self, request: Request, group_key: str) -> HttpResponse:
        """Whose doing a group is, the last first. Pages go by ids of notifications, which the Link header tells."""
        page, key = self.page(default=40, maximum=80), read_key(group_key)
        wanted = filters.wanted(self.viewer, v1.CONTEXT, now=self.now)
        found = groups.members(self.viewer, key, page, wanted=wanted)
        present = Presenter(self.viewer)
        people = [present.account(told.actor_id) for told in found.told]
        return self.paged(people, page, first=found.first, last=found.last)


class DismissGroup(ClientView):
    """POST /api/v2/notifications/:group_key/dismiss"""

    @endpoint(scope="write:notifications", answers=Empty)
    def post(self, request: Request, group_key: str) -> HttpResponse:
        """Forget all notifications of a group; one that there is not is forgotten already."""
        key = read_key(group_key)
        if key.alone:
            notify.dismiss(self.viewer.id, key.alone)
        else:
            begins, ends = key.bounds
            notify.dismiss_many(self.viewer.id, key.kind, subject_id=key.subject_id, begins=begins, ends=ends)
        return self.render(Empty())


class UnreadGroups(ClientView):
    """GET /api/v2/notifications/unread_count"""

    @endpoint(
        scope="read:notifications",
        answers=Count,
        query=("limit", "types[]", "exclude_types[]", "account_id", "grouped_types[]"),
    )
    def get(self, request: Request) -> HttpResponse:
        """How many groups have something above the marker `notifications`, counted up to the limit."""
        params = self.params()
        limit = pagination.limit_of(request.query_params.get("limit"), default=100, maximum=1_000)
        wanted = filters.wanted(self.viewer, v1.CONTEXT, now=self.now)
        count = groups.unread(
            self.viewer,
            limit=limit,
            kinds=v1.kinds_of(params),
            actor_id=v1.actor_of(params),
            grouped=_grouped(params),
            wanted=wanted,
        )
        return self.render(Count(count=count))


def _grouped(params: Mapping[str, Any]) -> Collection[str]:
    """Return which kinds are to stand in groups: those that the client names, or all that can."""
    if "grouped_types" not in params:
        return GROUPED
    return GROUPED & {KIND.get(name) for name in parsers.texts(parsers.many(params["grouped_types"]))}


def _group(view: ClientView, text: str) -> Group:
    wanted = filters.wanted(view.viewer, v1.CONTEXT, now=view.now)
    key = read_key(text)
    if key.alone:
        told = queries.notification(view.viewer, key.alone, wanted=wanted)
        return Group(key, [told], 1)
    return groups.group(view.viewer, key, wanted=wanted)


def _results(found: list[Group], present: Presenter, *, paged: bool = True) -> GroupedNotificationsResults:
    accounts: dict[int, Account] = {}
    statuses: dict[int, Status] = {}
    shown = []
    newest_of = [group.told[0] for group in found]
    beside, messages = v1.brought(newest_of, present), v1.private_statuses(newest_of, present)
    for group in found:
        newest = group.told[0]
        if newest.kind in OF_ONESELF and newest.id not in beside:
            continue
        if newest.private is not None and newest.id not in messages:
            continue
        for told in group.told[:SAMPLES]:
            accounts[told.actor_id] = present.account(told.actor_id)
        if newest.post is not None:
            statuses[newest.post.id] = present.status(newest.post)
        elif newest.private is not None:
            statuses[newest.private.message_id] = messages[newest.id]
        one = NotificationGroup(
            group_key=write_key(group.key),
            notifications_count=group.count,
            type=SHOWN[newest.kind],
            most_recent_notification_id=newest.id,
            sample_account_ids=[str(told.actor_id) for told in group.told[:SAMPLES]],
            status_id=_status_id(newest),
            upscrolled=v1.beyond(newest),
        )
        if newest.id in beside:
            setattr(one, *beside[newest.id])
        if paged:
            one.page_min_id, one.page_max_id = str(group.told[-1].id), str(newest.id)
            one.latest_page_notification_at = ground.stamp(newest.created_at)
        shown.append(one)
    return GroupedNotificationsResults(
        accounts=list(accounts.values()), statuses=list(statuses.values()), notification_groups=shown
    )


def _status_id(told: Told) -> str | None:
    if told.private is not None:
        return str(told.private.message_id)
    return str(told.post.id) if told.post is not None else None


def _shorten(results: GroupedNotificationsResults) -> None:
    """Show in full only whoever was the last of a group, as Mastodon does for long rows of pictures."""
    whole = {group.sample_account_ids[0] for group in results.notification_groups}
    results.partial_accounts = [
        PartialAccount(
            id=each.id,
            acct=each.acct,
            url=each.url,
            avatar=each.avatar,
            avatar_static=each.avatar_static,
            locked=each.locked,
            bot=each.bot,
        )
        for each in results.accounts
        if each.id not in whole
    ]
    results.accounts = [each for each in results.accounts if each.id in whole]
