"""Shapes of the client API that speak of filters (Mastodon API 4.5), and why a post meets one."""

from __future__ import annotations

import msgspec

from feed import filters
from feed.filters import Match
from upscrolled.api.entities import stamp


class FilterKeyword(msgspec.Struct, kw_only=True):
    """A word or phrase of a filter."""

    id: str
    keyword: str
    whole_word: bool


class FilterStatus(msgspec.Struct, kw_only=True):
    """A single post of a filter; `id` is its place there, not the post."""

    id: str
    status_id: str


class Filter(msgspec.Struct, kw_only=True):
    """What the viewer does not want to meet, where, and what a client does with it."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: str
    keywords: list[FilterKeyword] | msgspec.UnsetType = msgspec.UNSET
    statuses: list[FilterStatus] | msgspec.UnsetType = msgspec.UNSET


class FilterResult(msgspec.Struct, kw_only=True):
    """A filter that a post meets, by which of its words and posts. Here the filter comes without them."""

    filter: Filter
    keyword_matches: list[str] | None
    status_matches: list[str] | None


def keyword(word: filters.Keyword) -> FilterKeyword:
    """Show a word."""
    return FilterKeyword(id=str(word.id), keyword=word.written, whole_word=word.whole_word)


def filtered_post(post: filters.FilteredPost) -> FilterStatus:
    """Show a post of a filter."""
    return FilterStatus(id=str(post.id), status_id=str(post.post_id))


def whole(found: filters.Filter) -> Filter:
    """Show a filter with all that is in it."""
    shown = _filter(found)
    shown.keywords = [keyword(word) for word in found.keywords]
    shown.statuses = [filtered_post(post) for post in found.posts]
    return shown


def result(match: Match) -> FilterResult:
    """Show why a post meets a filter."""
    return FilterResult(
        filter=_filter(match.filter),
        keyword_matches=match.keywords or None,
        status_matches=[str(post_id) for post_id in match.post_ids] or None,
    )


def _filter(found: filters.Filter) -> Filter:
    return Filter(
        id=str(found.id),
        title=found.title,
        context=list(found.contexts),
        expires_at=stamp(found.expires_at),
        filter_action=found.action,
    )
