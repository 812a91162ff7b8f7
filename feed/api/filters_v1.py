"""Filters, first version of the client API: one word each. The same rows as the second version's.

A filter of this version is a word of a filter of that one, and has the word's id. What it shares with other words
cannot be changed through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed import filters
from feed.api.filters import Contexts, Lasts, expiry
from feed.operations import filters as operations
from feed.operations.filters import Changes, Word
from feed.queries import filters as queries
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.api.signup import Empty
from upscrolled.core.errors import Invalid


class V1Filter(msgspec.Struct, kw_only=True):
    """A word or phrase that the viewer does not want to meet.

    `irreversible`: the server leaves what meets it out of home and notifications; else the client hides it.
    """

    id: str
    phrase: str
    context: list[str]
    expires_at: str | None
    irreversible: bool
    whole_word: bool


class V1FilterChanges(serializers.Serializer[dict[str, Any]]):
    """What to change of a filter; what is not sent stays as it is."""

    phrase = serializers.CharField(required=False, trim_whitespace=False)
    context = Contexts(required=False)  # type: ignore[assignment]  # the metaclass takes fields off the class
    irreversible = serializers.BooleanField(required=False)
    whole_word = serializers.BooleanField(required=False)
    expires_in = Lasts()


class V1FilterForm(V1FilterChanges):
    """A new filter."""

    phrase = serializers.CharField(trim_whitespace=False)
    context = Contexts()
    irreversible = serializers.BooleanField(default=False)
    whole_word = serializers.BooleanField(default=False)


class V1Filters(ClientView):
    """GET, POST /api/v1/filters"""

    @endpoint(scope="read:filters", answers=list[V1Filter])
    def get(self, request: Request) -> HttpResponse:
        """All words of all filters of the viewer; filters of single posts this version cannot show."""
        found = queries.all_of(self.viewer)
        return self.render([_entity(each, word) for each in found for word in each.keywords])

    @endpoint(scope="write:filters", answers=V1Filter, body=V1FilterForm)
    def post(self, request: Request) -> HttpResponse:
        """Make a filter of one word."""
        form = self.valid(V1FilterForm)
        word = Word(form["phrase"], form["whole_word"])
        wanted = replace(_changes(form, self.now), title=form["phrase"][: operations.TITLE_MAX], words=[word])
        made = queries.get_filter(self.viewer, operations.create_filter(wanted, by=self.me))
        return self.render(_entity(made, made.keywords[0]))


class V1FilterView(ClientView):
    """GET, PUT, DELETE /api/v1/filters/:id"""

    @endpoint(scope="read:filters", answers=V1Filter)
    def get(self, request: Request, filter_id: str) -> HttpResponse:
        """One word of a filter."""
        return self.render(_entity(*queries.keyword(self.viewer, self.id_of(filter_id))))

    @endpoint(scope="write:filters", answers=V1Filter, body=V1FilterChanges)
    def put(self, request: Request, filter_id: str) -> HttpResponse:
        """Change a filter of one word. What it shares with other words only the second version changes."""
        held, word = queries.keyword(self.viewer, self.id_of(filter_id))
        form = self.valid(V1FilterChanges)
        wanted = _changes(form, self.now)
        if len(held.keywords) > 1 and not _differs(wanted, held):
            wanted = Changes()  # applications send all of a filter, also what they do not change
        elif len(held.keywords) > 1:
            raise Invalid(
                f"Validation failed: This word stands in a filter of {len(held.keywords)}; "
                "context, expiry and irreversible can only be changed for all of them (/api/v2/filters)"
            )
        change = Word(form.get("phrase"), form.get("whole_word"), word.id)
        operations.change_filter(held.id, replace(wanted, words=[change]), by=self.me)
        return self.render(_entity(*queries.keyword(self.viewer, word.id)))

    @endpoint(scope="write:filters", answers=Empty)
    def delete(self, request: Request, filter_id: str) -> HttpResponse:
        """Delete a word, and its filter with it if nothing else is in there."""
        held, word = queries.keyword(self.viewer, self.id_of(filter_id))
        if len(held.keywords) + len(held.posts) > 1:
            operations.remove_keyword(word.id, by=self.me)
        else:
            operations.delete_filter(held.id, by=self.me)
        return self.render(Empty())


def _changes(form: Mapping[str, Any], now: datetime) -> Changes:
    irreversible = form.get("irreversible")
    return Changes(
        contexts=form.get("context"),
        action=None if irreversible is None else "hide" if irreversible else "warn",
        irreversible=irreversible,
        **expiry(form, now),
    )


def _differs(wanted: Changes, held: filters.Filter) -> bool:
    """Whether another word of the filter would be met elsewhere, or otherwise, or for another time."""
    return (
        (wanted.contexts is not None and set(wanted.contexts) != set(held.contexts))
        or (wanted.irreversible is not None and wanted.irreversible != held.irreversible)
        or (wanted.expires and wanted.expires_at != held.expires_at)
    )


def _entity(held: filters.Filter, word: filters.Keyword) -> V1Filter:
    return V1Filter(
        id=str(word.id),
        phrase=word.written,
        context=list(held.contexts),
        expires_at=stamp(held.expires_at),
        irreversible=held.irreversible,
        whole_word=word.whole_word,
    )
