"""Posts for later: scheduled ones as Mastodon has them, and drafts, an extension."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api import presenter
from feed.api.entities import Status
from feed.api.forms import StatusForm
from feed.operations import scheduled as verbs
from feed.queries import posts, scheduled
from feed.queries.scheduled import Later
from upscrolled.api import entities as ground
from upscrolled.api.attachments import MediaAttachment, attachment
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.signup import Empty
from upscrolled.core import ids
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.limits import POSTS
from upscrolled.queries import media
from upscrolled.viewer import Viewer


class ScheduledParams(msgspec.Struct, kw_only=True):
    """What a scheduled post will be; ids in it are numbers, where Mastodon has them so."""

    text: str
    visibility: str
    sensitive: bool | None
    spoiler_text: str | None
    language: str | None
    in_reply_to_id: int | None
    quoted_status_id: str | None
    quote_approval_policy: str | None
    poll: dict[str, Any] | None
    media_ids: list[str] | None = None
    scheduled_at: str | None = None
    application_id: int
    idempotency: str | None
    with_rate_limit: bool = False


class ScheduledStatus(msgspec.Struct, kw_only=True):
    """A post that will be published at a moment; `upscrolled.refused` says why it could not be when it came."""

    id: str
    scheduled_at: str
    params: ScheduledParams
    media_attachments: list[MediaAttachment] = []
    upscrolled: dict[str, str | None]


class MomentForm(serializers.Serializer[dict[str, Any]]):
    """Another moment."""

    scheduled_at = serializers.DateTimeField()


class ScheduledStatuses(ClientView):
    """GET /api/v1/scheduled_statuses"""

    @endpoint(scope="read:statuses", answers=list[ScheduledStatus], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """Posts that are still to be published, and such as could not be, the last made first."""
        page = self.page(default=20, maximum=40)
        found = scheduled.listed(self.viewer, page, draft=False)
        first, last = (found[0].id, found[-1].id) if found else (None, None)
        shown = scheduled_statuses(self.viewer, found, now=self.now)
        return self.paged(shown, page, first=first, last=last if len(found) == page.limit else None)


class ScheduledStatusView(ClientView):
    """GET, PUT, DELETE /api/v1/scheduled_statuses/:id"""

    @endpoint(scope="read:statuses", answers=ScheduledStatus)
    def get(self, request: Request, scheduled_id: str) -> HttpResponse:
        """A scheduled post."""
        found = scheduled.get(self.viewer, self.id_of(scheduled_id), draft=False)
        return self.render(scheduled_status(self.viewer, found, now=self.now))

    @endpoint(scope="write:statuses", answers=ScheduledStatus, body=MomentForm)
    def put(self, request: Request, scheduled_id: str) -> HttpResponse:
        """Publish it at another moment; a post that was refused is tried again then."""
        number = self.id_of(scheduled_id)
        scheduled.get(self.viewer, number, draft=False)
        verbs.reschedule(number, by=self.me, at=self.valid(MomentForm)["scheduled_at"], now=self.now)
        found = scheduled.get(self.viewer, number, draft=False)
        return self.render(scheduled_status(self.viewer, found, now=self.now))

    @endpoint(scope="write:statuses", answers=Empty)
    def delete(self, request: Request, scheduled_id: str) -> HttpResponse:
        """Publish it never."""
        verbs.drop(self.id_of(scheduled_id), by=self.me, draft=False)
        return self.render(Empty())


class Draft(msgspec.Struct, kw_only=True):
    """A post that somebody has begun, as they left it on whatever device; `params` are those of POST statuses."""

    id: str
    params: dict[str, Any]
    created_at: str
    updated_at: str


class DraftForm(serializers.Serializer[dict[str, Any]]):
    """What there is so far: any of the parameters of POST statuses, complete or not."""

    params = serializers.DictField(required=False)


class Drafts(ClientView):
    """GET, POST /api/v1/upscrolled/drafts"""

    @endpoint(scope="read:statuses", answers=list[Draft], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """Posts that the viewer has begun, the last begun first."""
        page = self.page(default=20, maximum=40)
        found = scheduled.listed(self.viewer, page, draft=True)
        first, last = (found[0].id, found[-1].id) if found else (None, None)
        shown = [_draft(each) for each in found]
        return self.paged(shown, page, first=first, last=last if len(found) == page.limit else None)

    @endpoint(scope="write:statuses", answers=Draft, body=DraftForm, limit=POSTS)
    def post(self, request: Request) -> HttpResponse:
        """Keep what is written so far. Nothing in it need be complete or short enough to be published."""
        number = verbs.save_draft(_begun(self), by=self.me, draft_id=None, now=self.now)
        return self.render(_draft(scheduled.get(self.viewer, number, draft=True)))


class DraftView(ClientView):
    """GET, PUT, DELETE /api/v1/upscrolled/drafts/:id"""

    @endpoint(scope="read:statuses", answers=Draft)
    def get(self, request: Request, draft_id: str) -> HttpResponse:
        """A draft."""
        return self.render(_draft(scheduled.get(self.viewer, self.id_of(draft_id), draft=True)))

    @endpoint(scope="write:statuses", answers=Draft, body=DraftForm)
    def put(self, request: Request, draft_id: str) -> HttpResponse:
        """Keep this instead."""
        number = self.id_of(draft_id)
        scheduled.get(self.viewer, number, draft=True)
        verbs.save_draft(_begun(self), by=self.me, draft_id=number, now=self.now)
        return self.render(_draft(scheduled.get(self.viewer, number, draft=True)))

    @endpoint(scope="write:statuses", answers=Empty)
    def delete(self, request: Request, draft_id: str) -> HttpResponse:
        """Throw it away."""
        verbs.drop(self.id_of(draft_id), by=self.me, draft=True)
        return self.render(Empty())


class PublishDraft(ClientView):
    """POST /api/v1/upscrolled/drafts/:id/publish"""

    @endpoint(scope="write:statuses", answers=Status, limit=POSTS)
    def post(self, request: Request, draft_id: str) -> HttpResponse:
        """Publish it as it is kept; if that is refused, the draft stays.

        Sent again within the hour, since the answer was lost on the way, it is the same post.
        """
        number = self.id_of(draft_id)
        try:
            post_id = self._publish(number)
        except NotFound:
            before = scheduled.published(self.viewer, number)
            if before is None:
                raise
            post_id = before
        return self.render(presenter.status(posts.get_post(self.viewer, post_id), self.viewer))

    def _publish(self, draft_id: int) -> int:
        form = StatusForm(data=dict(scheduled.get(self.viewer, draft_id, draft=True).wanted))
        form.is_valid(raise_exception=True)
        application_id = self.principal.application_id if self.principal else None
        wanted = {**form.validated_data, "application_id": application_id}
        return verbs.publish_draft(draft_id, wanted, by=self.me, now=self.now)


def scheduled_status(viewer: Viewer, later: Later, *, now: datetime) -> ScheduledStatus:
    """Return the entity of a scheduled post."""
    return scheduled_statuses(viewer, [later], now=now)[0]


def scheduled_statuses(viewer: Viewer, found: list[Later], *, now: datetime) -> list[ScheduledStatus]:
    """Return the entities of a page of scheduled posts."""
    named = {number for later in found for number in _media_of(later)}
    known = {each.id: attachment(each, to=viewer, now=now) for each in media.own(viewer, sorted(named))}
    return [
        _scheduled_status(later, [known[number] for number in _media_of(later) if number in known])
        for later in found
    ]


def _media_of(later: Later) -> list[int]:
    parsed = (ids.parse(str(each)) for each in later.wanted.get("media_ids") or ())
    return [number for number in parsed if number is not None]


def _scheduled_status(later: Later, attachments: list[MediaAttachment]) -> ScheduledStatus:
    wanted = later.wanted
    poll = wanted["poll"]
    return ScheduledStatus(
        id=str(later.id),
        scheduled_at=ground.stamp(later.publish_at) or "",
        params=ScheduledParams(
            text=wanted["status"],
            visibility=ground.VISIBILITY[wanted["visibility"] or "public"],
            sensitive=wanted["sensitive"],
            spoiler_text=wanted["spoiler_text"] or None,
            language=wanted["language"] or None,
            in_reply_to_id=int(wanted["in_reply_to_id"]) if wanted["in_reply_to_id"] else None,
            quoted_status_id=wanted["quoted_status_id"] or None,
            quote_approval_policy=ground.QUOTE_POLICY.get(wanted["quote_approval_policy"]),
            poll=dict(poll) if poll else None,
            media_ids=list(wanted.get("media_ids") or ()) or None,
            application_id=wanted.get("application_id") or 0,
            idempotency=wanted.get("idempotency") or None,
        ),
        media_attachments=attachments,
        upscrolled={"refused": later.refused or None},
    )


def _draft(later: Later) -> Draft:
    return Draft(
        id=str(later.id),
        params=dict(later.wanted),
        created_at=ground.stamp(later.created_at) or "",
        updated_at=ground.stamp(later.updated_at) or "",
    )


def _begun(view: ClientView) -> dict[str, Any]:
    """What was sent: the parameters themselves, or in one object `params`."""
    sent = view.params()
    begun = sent.get("params", sent)
    if not isinstance(begun, dict):
        raise Invalid(f"Validation failed: Params must be an object, not {type(begun).__name__}")
    known = set(StatusForm().fields)
    if unknown := set(begun) - known:
        raise Invalid(f"Validation failed: {sorted(map(str, unknown))[0][:40]!r} is no parameter of a post")
    for name, value in begun.items():
        if value is not None and not isinstance(value, str | int | float | list | dict):
            raise Invalid(f"Validation failed: {name} must be text, not a file")
    return begun
