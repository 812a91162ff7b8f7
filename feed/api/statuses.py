"""Posts: publish, read, edit, delete; the thread around one; who liked and shared it."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from feed import post_types
from feed.api import directs, presenter
from feed.api.entities import (
    Context,
    PollEdit,
    PollOptionEdit,
    Status,
    StatusEdit,
    StatusSource,
)
from feed.api.forms import EditForm, PolicyForm, StatusForm
from feed.api.presenter import Presenter
from feed.api.scheduled import ScheduledStatus, scheduled_status
from feed.operations import publish, revise
from feed.operations import scheduled as later
from feed.operations.revise import Edit
from feed.post_types.card import PreviewCard
from feed.queries import posts, scheduled, timelines
from upscrolled.api import entities as ground
from upscrolled.api.attachments import attachment
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.picturefield import BODY_MAX
from upscrolled.api.signup import Empty
from upscrolled.core.errors import DomainError, NotFound
from upscrolled.limits import DELETIONS, POSTS
from upscrolled.operations.attaching import NotReady
from upscrolled.operations.attachments import draw_thumbnail
from upscrolled.queries import media


class Statuses(ClientView):
    """Many posts by id; publish one."""

    @endpoint(scope="read:statuses", who="anyone", answers=list[Status], query=("id[]",))
    def get(self, request: Request) -> HttpResponse:
        """Several posts by their ids; those that the viewer may not see are left out."""
        wanted = self.many_ids(at_most=40)
        found = Presenter(self.viewer).statuses(posts.posts(self.viewer, wanted))
        return self.render([*found, *directs.several(self.viewer, wanted)])

    @endpoint(scope="write:statuses", answers=Status | ScheduledStatus, body=StatusForm, limit=POSTS)
    def post(self, request: Request) -> HttpResponse:
        """Publish a post, or keep it until `scheduled_at`; then the answer is a scheduled post.

        That is at least 300 seconds ahead; a moment that is over is now.
        With the visibility `direct` it is a private message to whom it names, and never in a timeline; messages are
        not end-to-end encrypted: whoever runs the site can read those that are reported.
        Sent again with the same Idempotency-Key within the hour, it is the same post.
        """
        given = self.params()
        form = self.valid(directs.DirectForm if directs.is_direct(given) else StatusForm)
        key = request.headers.get("Idempotency-Key", "").replace("\x00", "")
        if directs.is_direct(given):
            sent = directs.publish(
                form, viewer=self.viewer, by=self.me, key=key, token_id=self.token_id, now=self.now
            )
            return self.render(sent)
        application_id = self.principal.application_id if self.principal else None
        try:
            number = self._take({**form, "application_id": application_id}, key)
        except DomainError:
            # Sent again: its media belong to a post by now, what it answers is gone, its moment is too near.
            before = publish.known_by(self.me.id, key, self.now)
            if before is None:
                raise
            number = before
        if number < 0:
            found = scheduled.get(self.viewer, -number, draft=False)
            return self.render(scheduled_status(self.viewer, found, now=self.now))
        return self.render(presenter.status(posts.get_post(self.viewer, number), self.viewer))

    def _take(self, wanted: dict[str, Any], key: str) -> int:
        """Publish it, or keep it until its moment (a scheduled post, below zero)."""
        at = wanted.pop("scheduled_at")
        if at is None or at <= self.now:  # an application that was offline until then wants it published
            return self._publish(wanted, key)
        return later.schedule_post(
            {**wanted, "idempotency": key}, by=self.me, at=at, idempotency_key=key, now=self.now
        )

    def _publish(self, wanted: dict[str, Any], key: str) -> int:
        """Publish it, or keep it until its media are ready where that is wished (a scheduled post, below zero)."""
        draft = later.draft_of(wanted, by=self.me, idempotency_key=key)
        try:
            return publish.publish_post(author=self.me, draft=draft, now=self.now)
        except NotReady:
            if not (wanted["upscrolled"] or {}).get("publish_when_ready"):
                raise
        return later.schedule_post(
            {**wanted, "idempotency": key}, by=self.me, at=None, idempotency_key=key, now=self.now
        )


class StatusView(ClientView):
    """One post."""

    body_max = BODY_MAX
    files_within = True

    @endpoint(scope="read:statuses", who="anyone", answers=Status)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """Read a post."""
        number = self.id_of(post_id)
        if (message := directs.seen(self.viewer, number)) is not None:
            return self.render(directs.one(self.viewer, message.id))
        post = posts.get_post(self.viewer, number)
        return self.render(presenter.status(post, self.viewer))

    @endpoint(scope="write:statuses", answers=Status, body=EditForm)
    def put(self, request: Request, post_id: str) -> HttpResponse:
        """Edit a post of one's own; the version before stays readable.

        Who gives `status` gives the whole post, as at Mastodon: media that are not named are taken from it, a poll that
        is not named ends with its votes, and without `spoiler_text` or `sensitive` it has no warning or is not
        sensitive. Other options of a poll, or another way of choosing, drop the votes given before; `expires_in`
        counts from now. Without `status` only what is named changes. `media_attributes` alone says something new of
        the media there are: description, focal point, thumbnail.
        """
        given = self.params()
        if (message := directs.seen(self.viewer, self.id_of(post_id))) is not None:
            form = self.valid(directs.DirectForm)
            written = form["status"] if "status" in given else None
            media = list(map(str, form["media_ids"] or ())) if "media_ids" in given else None
            return self.render(
                directs.edit(message, written, media, viewer=self.viewer, by=self.me, now=self.now)
            )
        before = posts.source(self.viewer, self.id_of(post_id))
        form = self.valid(EditForm)
        whole = "status" in given
        form["status"] = form["status"] if whole else before.text
        form["spoiler_text"] = form["spoiler_text"] if whole or "spoiler_text" in given else before.warning
        if form["media_attributes"] and "media_ids" not in given:
            form["media_ids"] = posts.media_ids(self.viewer, before.id)
        for about in form["media_attributes"] or ():
            if about["thumbnail"]:
                about["thumbnail"] = draw_thumbnail(about["thumbnail"], now=self.now)
        parts: dict[str, Any] = post_types.parse(form)
        for part, field in (("poll", "poll"), ("media", "media_ids")):
            if whole or field in given:
                parts.setdefault(part, None)
        edit = Edit(
            parts=parts,
            sensitive=bool(form["sensitive"]) if whole else form["sensitive"],
            language=form["language"] or None,
            replying=_circle(form) or None,
            quoting=form["quote_approval_policy"] or None,
        )
        revise.edit_post(before.id, by=self.me, edit=edit, now=self.now)
        return self.render(presenter.status(posts.get_post(self.viewer, before.id), self.viewer))

    @endpoint(scope="write:statuses", answers=Status, query=("delete_media",), limit=DELETIONS)
    def delete(self, request: Request, post_id: str) -> HttpResponse:
        """Delete a post of one's own; the answer holds what was typed, to be written anew.

        Its media can be posted anew for a day; with `delete_media`, in the address or a body, they are deleted at once.
        """
        number = self.id_of(post_id)
        if (message := directs.seen(self.viewer, number)) is not None:
            return self.render(directs.delete(message, viewer=self.viewer, by=self.me, now=self.now))
        try:
            post = posts.own_post(self.viewer, number)
        except NotFound:
            # One's share of what is hidden from one by now.
            revise.delete_post(number, by=self.me, now=self.now)
            raise
        typed = posts.source(self.viewer, number).text
        shown = presenter.status(post, self.viewer)
        shown.text = typed
        revise.delete_post(number, by=self.me, now=self.now, with_media=self.flag("delete_media"))
        kept = media.own(self.viewer, [int(each.id) for each in shown.media_attachments])
        shown.media_attachments = [attachment(each, to=self.viewer, now=self.now) for each in kept]
        return self.render(shown)


class ContextView(ClientView):
    """The thread around a post."""

    @endpoint(scope="read:statuses", who="anyone", answers=Context)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """What the post answers, and what answers it."""
        number = self.id_of(post_id)
        if (message := directs.seen(self.viewer, number)) is not None:
            return self.render(directs.context(self.viewer, message))
        thread = posts.thread(self.viewer, number)
        present = Presenter(self.viewer)
        return self.render(
            Context(
                ancestors=present.statuses(thread.ancestors), descendants=present.statuses(thread.descendants)
            )
        )


class Source(ClientView):
    """What was typed."""

    @endpoint(scope="read:statuses", answers=StatusSource)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """The text of a post of one's own as it was typed."""
        number = self.id_of(post_id)
        if (message := directs.seen(self.viewer, number)) is not None and message.sender_id == self.viewer.id:
            return self.render(StatusSource(id=str(number), text=message.text or "", spoiler_text=""))
        post = posts.source(self.viewer, number)
        return self.render(StatusSource(id=str(post.id), text=post.text, spoiler_text=post.warning))


class History(ClientView):
    """All versions of a post."""

    @endpoint(scope="read:statuses", who="anyone", answers=list[StatusEdit])
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """All versions of a post, the first one first and the present one last."""
        number = self.id_of(post_id)
        if (message := directs.seen(self.viewer, number)) is not None:
            return self.render(directs.history(self.viewer, message))
        post, before = posts.history(self.viewer, number)
        shown = presenter.status(post, self.viewer)
        earlier = posts.media_of_versions(self.viewer, before)
        versions = [
            StatusEdit(
                content=presenter.html(edit.html),
                spoiler_text=edit.warning,
                sensitive=edit.sensitive,
                created_at=ground.stamp(edit.written_at) or "",
                account=shown.account,
                media_attachments=[
                    attachment(each, to=self.viewer, now=self.now) for each in earlier[edit.pk]
                ],
                poll=_poll_edit(edit.poll_options),
                quote=shown.quote,
            )
            for edit in before
        ]
        latest = StatusEdit(
            content=shown.content,
            spoiler_text=post.warning,
            sensitive=post.sensitive,
            created_at=shown.edited_at or shown.created_at,
            account=shown.account,
            media_attachments=shown.media_attachments,
            poll=_poll_edit([option.title for option in shown.poll.options] if shown.poll else None),
            quote=shown.quote,
        )
        return self.render([*versions, latest])


class Card(ClientView):
    """What a post links to."""

    @endpoint(scope="read:statuses", who="anyone", answers=PreviewCard | Empty)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """The preview of a post's link, `{}` if it has none. For old clients: the post itself carries it."""
        number = self.id_of(post_id)
        if directs.seen(self.viewer, number) is not None:
            return self.render(Empty())
        shown = presenter.status(posts.get_original(self.viewer, number), self.viewer)
        return self.render(shown.card or Empty())


class InteractionPolicy(ClientView):
    """Who may quote a post."""

    @endpoint(scope="write:statuses", answers=Status, body=PolicyForm)
    def put(self, request: Request, post_id: str) -> HttpResponse:
        """Choose who may quote a post of one's own from now on; quotes that stand go on standing."""
        number, form = self.id_of(post_id), self.valid(PolicyForm)
        if form["quote_approval_policy"]:
            revise.choose_who_quotes(number, by=self.me, quoting=form["quote_approval_policy"])
        return self.render(presenter.status(posts.own_post(self.viewer, number), self.viewer))


class Quotes(ClientView):
    """What quotes a post."""

    @endpoint(scope="read:statuses", who="anyone", answers=list[Status], paged=True)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """Posts that quote this one, as far as the viewer may see them, the last first."""
        page = self.page(default=20, maximum=40)
        filled = posts.quotes(self.viewer, page, self.id_of(post_id))
        found = Presenter(self.viewer).statuses(filled.posts)
        return self.paged(found, page, first=filled.first, last=filled.last)


class RevokeQuote(ClientView):
    """Take a post out of what quotes it."""

    @endpoint(scope="write:statuses", answers=Status)
    def post(self, request: Request, post_id: str, quoting_id: str) -> HttpResponse:
        """Take a post of one's own out of a post that quotes it, for good.

        The answer is that post, or one's own where one may not see it: because one blocked its author, say.
        """
        number, own = self.id_of(quoting_id), self.id_of(post_id)
        revise.revoke_quote(number, of=own, by=self.me)
        shown = posts.posts(self.viewer, [number]) or [posts.own_post(self.viewer, own)]
        return self.render(presenter.status(shown[0], self.viewer))


class FavouritedBy(ClientView):
    """Who likes a post."""

    @endpoint(scope="read:statuses", who="anyone", answers=list[ground.Account], paged=True)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """People who like the post, the last first."""
        post = posts.get_original(self.viewer, self.id_of(post_id))
        page = self.page(default=40, maximum=80)
        people, first, last = timelines.who_liked(self.viewer, page, post.id)
        return self.paged([ground.account(person) for person in people], page, first=first, last=last)


class RebloggedBy(ClientView):
    """Who shared a post."""

    @endpoint(scope="read:statuses", who="anyone", answers=list[ground.Account], paged=True)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """People who shared the post, the last first."""
        post = posts.get_original(self.viewer, self.id_of(post_id))
        page = self.page(default=40, maximum=80)
        people, first, last = timelines.who_reposted(self.viewer, page, post.id)
        return self.paged([ground.account(person) for person in people], page, first=first, last=last)


def _circle(form: dict[str, Any]) -> str:
    """Who may answer, if the form says so."""
    return (form["upscrolled"] or {}).get("reply_policy") or ""


def _poll_edit(options: list[str] | None) -> PollEdit | msgspec.UnsetType:
    if options is None:
        return msgspec.UNSET
    return PollEdit(options=[PollOptionEdit(title=title) for title in options])
