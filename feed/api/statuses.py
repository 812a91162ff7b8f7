"""Posts: publish, read, edit, delete; the thread around one; who liked and shared it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api import entities
from feed.api.entities import Context, Presenter, Status, StatusEdit, StatusSource
from feed.operations import publish, revise
from feed.operations.publish import Draft, Parent
from feed.queries import posts, timelines
from upscrolled.api import entities as ground
from upscrolled.api import parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.limits import DELETIONS, POSTS


class StatusForm(serializers.Serializer[dict[str, Any]]):
    """What a client sends to publish or edit."""

    status = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, default="")
    spoiler_text = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    visibility = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    sensitive = serializers.BooleanField(required=False, allow_null=True, default=None)
    language = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    in_reply_to_id = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")

    def validate_visibility(self, value: str | None) -> str:
        """Translate to an audience. Raises ValidationError for what this site does not know."""
        if not value:
            return ""
        if value == "direct":
            raise serializers.ValidationError("private messages are not available yet")
        if value not in ground.AUDIENCE:
            raise serializers.ValidationError(f"must be one of public, unlisted, private; not {value[:40]!r}")
        return ground.AUDIENCE[value]


class Statuses(ClientView):
    """Many posts by id; publish one."""

    @endpoint(scope="read:statuses", who="anyone", answers=list[Status], query=("id[]",))
    def get(self, request: Request) -> HttpResponse:
        """Several posts by their ids; those that the viewer may not see are left out."""
        found = posts.posts(self.viewer, self.many_ids(at_most=40))
        return self.render(Presenter(self.viewer).statuses(found))

    @endpoint(scope="write:statuses", answers=Status, body=StatusForm, limit=POSTS)
    def post(self, request: Request) -> HttpResponse:
        """Publish a post. Sent again with the same Idempotency-Key within the hour, it is the same post."""
        form = self.valid(StatusForm)
        _refuse_what_is_not_there(self.params())
        draft = Draft(
            text=form["status"],
            audience=form["visibility"],
            warning=form["spoiler_text"] or "",
            sensitive=form["sensitive"],
            language=form["language"] or "",
            reply_to=self._parent(form["in_reply_to_id"]),
            idempotency_key=request.headers.get("Idempotency-Key", "").replace("\x00", ""),
            application_id=self.principal.application_id if self.principal else None,
        )
        post_id = publish.publish_post(author=self.me, draft=draft, now=self.now)
        return self.render(entities.status(posts.get_post(self.viewer, post_id), self.viewer))

    def _parent(self, text: str | None) -> Parent | None:
        if not text:
            return None
        try:
            post = posts.get_original(self.viewer, self.id_of(text))
        except NotFound:
            raise NotFound("The post you are trying to reply to does not appear to exist.") from None
        return Parent(post.id, post.author_id)


class StatusView(ClientView):
    """One post."""

    @endpoint(scope="read:statuses", who="anyone", answers=Status)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """Read a post."""
        post = posts.get_post(self.viewer, self.id_of(post_id))
        return self.render(entities.status(post, self.viewer))

    @endpoint(scope="write:statuses", answers=Status, body=StatusForm)
    def put(self, request: Request, post_id: str) -> HttpResponse:
        """Edit a post of one's own; the version before stays readable."""
        given = self.params()
        _refuse_what_is_not_there(given)
        before = posts.source(self.viewer, self.id_of(post_id))
        form = self.valid(StatusForm)
        revise.edit_post(
            before.id,
            by=self.me,
            text=form["status"] if "status" in given else before.text,
            warning=(form["spoiler_text"] or "") if "spoiler_text" in given else before.warning,
            sensitive=form["sensitive"],
            language=form["language"] or None,
            now=self.now,
        )
        return self.render(entities.status(posts.get_post(self.viewer, before.id), self.viewer))

    @endpoint(scope="write:statuses", answers=Status, limit=DELETIONS)
    def delete(self, request: Request, post_id: str) -> HttpResponse:
        """Delete a post of one's own; the answer holds what was typed, to be written anew."""
        number = self.id_of(post_id)
        post = posts.own_post(self.viewer, number)
        typed = posts.source(self.viewer, number).text
        shown = entities.status(post, self.viewer)
        shown.text = typed
        revise.delete_post(number, by=self.me, now=self.now)
        return self.render(shown)


class ContextView(ClientView):
    """The thread around a post."""

    @endpoint(scope="read:statuses", who="anyone", answers=Context)
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """What the post answers, and what answers it."""
        thread = posts.thread(self.viewer, self.id_of(post_id))
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
        post = posts.source(self.viewer, self.id_of(post_id))
        return self.render(StatusSource(id=str(post.id), text=post.text, spoiler_text=post.warning))


class History(ClientView):
    """All versions of a post."""

    @endpoint(scope="read:statuses", who="anyone", answers=list[StatusEdit])
    def get(self, request: Request, post_id: str) -> HttpResponse:
        """All versions of a post, the first one first and the present one last."""
        post, before = posts.history(self.viewer, self.id_of(post_id))
        author = Presenter(self.viewer).account(post.author_id)
        versions = [
            StatusEdit(
                content=entities.html(edit.html),
                spoiler_text=edit.warning,
                sensitive=edit.sensitive,
                created_at=ground.stamp(edit.written_at) or "",
                account=author,
            )
            for edit in before
        ]
        present = StatusEdit(
            content=entities.html(post.html),
            spoiler_text=post.warning,
            sensitive=post.sensitive,
            created_at=ground.stamp(post.edited_at) or ground.stamp_of_id(post.id),
            account=author,
        )
        return self.render([*versions, present])


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


_LATER = {
    "media_ids": "Media",
    "poll": "Polls",
    "scheduled_at": "Scheduled posts",
    "quoted_status_id": "Quotes",
    "quote_id": "Quotes",
}


def _refuse_what_is_not_there(params: dict[str, Any]) -> None:
    """Say so, rather than publish half of what somebody composed."""
    for name, title in _LATER.items():
        if parsers.many(params.get(name)):
            raise Invalid(f"Validation failed: {title} are not available yet ({name})")
