"""The table of what a post can be, and the loops over it. A new type is one file here and one row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from feed.post_types.base import Part, PostType, Presenting, Shown
from feed.post_types.card import CardType
from feed.post_types.media import MediaType
from feed.post_types.poll import PollType
from feed.post_types.quote import QuoteType
from feed.post_types.text import TextType
from upscrolled.models import Account
from upscrolled.viewer import Viewer

POST_TYPES: dict[str, PostType] = {
    kind.key: kind for kind in (TextType(), MediaType(), PollType(), QuoteType(), CardType())
}


def parse(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form wants, by type; types that it does not speak of are absent."""
    wanted = {key: kind.parse(form) for key, kind in POST_TYPES.items()}
    return {key: part for key, part in wanted.items() if part is not None}


def complete(wanted: Mapping[str, Any], *, having: Sequence[str] = ()) -> dict[str, Any]:
    """Return what is wanted with what follows from it, as a card follows from a link.

    `having` are the parts that the post has already, for an edit.
    """
    completed = dict(wanted)
    if "text" in wanted:
        speaking = (
            bool(wanted[key]) if key in wanted else key in having
            for key, kind in POST_TYPES.items()
            if kind.speaks
        )
        completed["text"] = replace(wanted["text"], alone=not any(speaking))
    for kind in POST_TYPES.values():
        completed.update(kind.follow(wanted))
    return completed


def check(wanted: Mapping[str, Any], *, by: Account, now: datetime) -> dict[str, Part]:
    """Return every wanted part, ready to be stored, and what follows from them. Raises what the types raise."""
    given = complete(wanted)
    return {
        key: kind.check(given[key], by=by, now=now)
        for key, kind in POST_TYPES.items()
        if given.get(key) is not None
    }


def load(viewer: Viewer, posts: Iterable[tuple[int, Sequence[str]]]) -> dict[int, dict[str, Any]]:
    """Return what the types show of these posts (id, parts): a statement for each type that is among them."""
    having: dict[str, list[int]] = defaultdict(list)
    for post_id, parts in posts:
        for key in parts:
            having[key].append(post_id)
    loaded: dict[int, dict[str, Any]] = defaultdict(dict)
    for key, post_ids in having.items():
        for post_id, shown in POST_TYPES[key].load(viewer, post_ids).items():
            loaded[post_id][key] = shown
    return loaded


def touched(viewer_ids: Sequence[int], posts: Iterable[tuple[int, Sequence[str]]]) -> set[int]:
    """Return the viewers to whom a part of these posts (id, parts) shows something of their own."""
    having: dict[str, list[int]] = defaultdict(list)
    for post_id, parts in posts:
        for key in parts:
            having[key].append(post_id)
    return {who for key, ids in having.items() for who in POST_TYPES[key].touched(viewer_ids, ids)}


def show(post: Shown, parts: Sequence[str], present: Presenting) -> dict[str, Any]:
    """Return the fields of the client API's entity that the parts of this post fill."""
    fields: dict[str, Any] = {}
    for key in parts:
        fields.update(POST_TYPES[key].show(post, present))
    return fields


def words(post: Shown) -> list[str]:
    """Return what the parts of a post say beside its text, for search and filters."""
    return [said for key in post.attached for said in POST_TYPES[key].words(post)]
