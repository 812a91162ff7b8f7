"""Filters, second version of the client API: a title, contexts, an action, words and posts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api import filtered
from feed.api.filtered import Filter, FilterKeyword, FilterStatus
from feed.operations import filters as operations
from feed.operations.filters import Changes, Word
from feed.queries import filters as queries
from feed.queries import posts
from upscrolled.api import parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.signup import Empty
from upscrolled.core import ids
from upscrolled.core.errors import NotFound

ACTIONS = ("warn", "hide", "blur")
LASTS_MAX = timedelta(days=10 * 365)


class Contexts(serializers.Field[list[str], Any, Any, Any]):
    """Where a filter applies: home, notifications, public, thread, account; a list, or one of them."""

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the contexts; the verb checks them."""
        return parsers.texts(parsers.many(data))

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value


class Lasts(serializers.IntegerField):
    """For how many seconds a filter is in force; empty or null for good."""

    def __init__(self, **facts: Any) -> None:
        most = int(LASTS_MAX.total_seconds())
        super().__init__(required=False, allow_null=True, min_value=0, max_value=most, **facts)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Read an empty text, which forms send, as null."""
        return super().run_validation(None if data == "" else data)

    def to_internal_value(self, data: Any) -> int:
        """Return the seconds."""
        return int(super().to_internal_value(data))


class KeywordForm(serializers.Serializer[dict[str, Any]]):
    """A word or phrase of a filter."""

    keyword = serializers.CharField(required=False, trim_whitespace=False)
    whole_word = serializers.BooleanField(required=False)


class KeywordChange(KeywordForm):
    """A word of a filter: without an id a new one, with `_destroy` one to take out."""

    id = serializers.CharField(required=False)
    _destroy = serializers.BooleanField(default=False)


class Words(serializers.ListSerializer[Any]):
    """Words of a filter: a list, or an object with numbers for keys."""

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        """Read them."""
        numbered = isinstance(data, dict) and all(str(key).isdigit() for key in data)
        words: list[dict[str, Any]] = super().to_internal_value(parsers.many(data) if numbered else data)
        return words


class FilterChanges(serializers.Serializer[dict[str, Any]]):
    """What to change of a filter; what is not sent stays as it is."""

    title = serializers.CharField(required=False, trim_whitespace=False)
    context = Contexts(required=False)  # type: ignore[assignment]  # the metaclass takes fields off the class
    filter_action = serializers.ChoiceField(choices=ACTIONS, required=False)
    expires_in = Lasts()
    keywords_attributes = Words(child=KeywordChange(), required=False)


class FilterForm(FilterChanges):
    """A new filter."""

    title = serializers.CharField(trim_whitespace=False)
    context = Contexts()


class FilteredPostForm(serializers.Serializer[dict[str, Any]]):
    """A post to put in a filter."""

    status_id = serializers.CharField()


class Filters(ClientView):
    """GET, POST /api/v2/filters"""

    @endpoint(scope="read:filters", answers=list[Filter])
    def get(self, request: Request) -> HttpResponse:
        """All filters of the viewer, the oldest first; those that have expired too."""
        return self.render([filtered.whole(found) for found in queries.all_of(self.viewer)])

    @endpoint(scope="write:filters", answers=Filter, body=FilterForm)
    def post(self, request: Request) -> HttpResponse:
        """Make a filter. What meets it is marked with it (`filtered`); the client warns, hides or blurs."""
        made = operations.create_filter(_changes(self.valid(FilterForm), self.now), by=self.me)
        return self.render(filtered.whole(queries.get_filter(self.viewer, made)))


class FilterView(ClientView):
    """GET, PUT, DELETE /api/v2/filters/:id"""

    @endpoint(scope="read:filters", answers=Filter)
    def get(self, request: Request, filter_id: str) -> HttpResponse:
        """One filter of the viewer's own."""
        return self.render(filtered.whole(queries.get_filter(self.viewer, self.id_of(filter_id))))

    @endpoint(scope="write:filters", answers=Filter, body=FilterChanges)
    def put(self, request: Request, filter_id: str) -> HttpResponse:
        """Change a filter, and add, change or take out words of it."""
        number = queries.get_filter(self.viewer, self.id_of(filter_id)).id
        operations.change_filter(number, _changes(self.valid(FilterChanges), self.now), by=self.me)
        return self.render(filtered.whole(queries.get_filter(self.viewer, number)))

    @endpoint(scope="write:filters", answers=Empty)
    def delete(self, request: Request, filter_id: str) -> HttpResponse:
        """Delete a filter with all that is in it."""
        operations.delete_filter(self.id_of(filter_id), by=self.me)
        return self.render(Empty())


class Keywords(ClientView):
    """GET, POST /api/v2/filters/:filter_id/keywords"""

    @endpoint(scope="read:filters", answers=list[FilterKeyword])
    def get(self, request: Request, filter_id: str) -> HttpResponse:
        """The words of a filter."""
        found = queries.get_filter(self.viewer, self.id_of(filter_id))
        return self.render([filtered.keyword(word) for word in found.keywords])

    @endpoint(scope="write:filters", answers=FilterKeyword, body=KeywordForm)
    def post(self, request: Request, filter_id: str) -> HttpResponse:
        """Add a word to a filter."""
        number = queries.get_filter(self.viewer, self.id_of(filter_id)).id
        made = operations.add_keyword(number, _word(self.valid(KeywordForm)), by=self.me)
        return self.render(filtered.keyword(queries.keyword(self.viewer, made)[1]))


class KeywordView(ClientView):
    """GET, PUT, DELETE /api/v2/filters/keywords/:id"""

    @endpoint(scope="read:filters", answers=FilterKeyword)
    def get(self, request: Request, keyword_id: str) -> HttpResponse:
        """A word of a filter."""
        return self.render(filtered.keyword(queries.keyword(self.viewer, self.id_of(keyword_id))[1]))

    @endpoint(scope="write:filters", answers=FilterKeyword, body=KeywordForm)
    def put(self, request: Request, keyword_id: str) -> HttpResponse:
        """Change a word of a filter."""
        number = queries.keyword(self.viewer, self.id_of(keyword_id))[1].id
        operations.change_keyword(number, _word(self.valid(KeywordForm)), by=self.me)
        return self.render(filtered.keyword(queries.keyword(self.viewer, number)[1]))

    @endpoint(scope="write:filters", answers=Empty)
    def delete(self, request: Request, keyword_id: str) -> HttpResponse:
        """Take a word out of its filter; the filter stays."""
        operations.remove_keyword(self.id_of(keyword_id), by=self.me)
        return self.render(Empty())


class FilteredPosts(ClientView):
    """GET, POST /api/v2/filters/:filter_id/statuses"""

    @endpoint(scope="read:filters", answers=list[FilterStatus])
    def get(self, request: Request, filter_id: str) -> HttpResponse:
        """The posts of a filter."""
        found = queries.get_filter(self.viewer, self.id_of(filter_id))
        return self.render([filtered.filtered_post(post) for post in found.posts])

    @endpoint(scope="write:filters", answers=FilterStatus, body=FilteredPostForm)
    def post(self, request: Request, filter_id: str) -> HttpResponse:
        """Put a post in a filter, which then meets it whatever it says."""
        number = queries.get_filter(self.viewer, self.id_of(filter_id)).id
        wanted = self.id_of(self.valid(FilteredPostForm)["status_id"])
        made = operations.add_post(number, posts.get_post(self.viewer, wanted).id, by=self.me)
        return self.render(filtered.filtered_post(queries.filtered_post(self.viewer, made)))


class FilteredPostView(ClientView):
    """GET, DELETE /api/v2/filters/statuses/:id"""

    @endpoint(scope="read:filters", answers=FilterStatus)
    def get(self, request: Request, filtered_id: str) -> HttpResponse:
        """A post of a filter, by the id of its place there."""
        return self.render(
            filtered.filtered_post(queries.filtered_post(self.viewer, self.id_of(filtered_id)))
        )

    @endpoint(scope="write:filters", answers=FilterStatus)
    def delete(self, request: Request, filtered_id: str) -> HttpResponse:
        """Take a post out of its filter; the answer is what was there."""
        found = queries.filtered_post(self.viewer, self.id_of(filtered_id))
        operations.remove_post(found.id, by=self.me)
        return self.render(filtered.filtered_post(found))


def expiry(form: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Read `expires_in`: when a filter ends, if the form speaks of it at all."""
    if "expires_in" not in form:
        return {}
    seconds = form["expires_in"]
    return {"expires": True, "expires_at": None if seconds is None else now + timedelta(seconds=seconds)}


def _changes(form: Mapping[str, Any], now: datetime) -> Changes:
    return Changes(
        title=form.get("title"),
        contexts=form.get("context"),
        action=form.get("filter_action"),
        words=[_word(word) for word in form.get("keywords_attributes", ())],
        **expiry(form, now),
    )


def _word(form: Mapping[str, Any]) -> Word:
    number = ids.parse(form["id"]) if form.get("id") else None
    if form.get("id") and number is None:
        raise NotFound
    return Word(form.get("keyword"), form.get("whole_word"), number, form.get("_destroy", False))
