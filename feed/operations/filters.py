"""Filters: words and posts that somebody does not want to meet. Only their owner knows of them.

Every change makes a new `graph_version`, which is what the compiled filters of a process go by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from feed.filters import CONTEXTS
from feed.models import Filter, FilterKeyword, FilterPost
from feed.operations.titles import checked_title
from upscrolled import acting, streams
from upscrolled.core import text
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.graph import Step, alone, count
from upscrolled.models import Account

# What one person may have. Every page that they read looks for all of it.
FILTERS_MAX, KEYWORDS_MAX, POSTS_MAX = 100, 500, 500
TITLE_MAX, KEYWORD_MAX = 256, 512


@dataclass(frozen=True, slots=True)
class Word:
    """A word as a form gives it: a new one, or changes to the one with this id. None leaves a thing as it is."""

    keyword: str | None = None
    whole_word: bool | None = None
    id: int | None = None
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What a filter is to be; None leaves a thing as it is. `expires_at` counts only where `expires` says so."""

    title: str | None = None
    contexts: Sequence[str] | None = None
    action: str | None = None
    irreversible: bool | None = None
    expires: bool = False
    expires_at: datetime | None = None
    words: Sequence[Word] = ()


@transaction.atomic
def create_filter(wanted: Changes, *, by: Account) -> int:
    """Make a filter and return its id. Raises Invalid: title or contexts are missing, or a limit is reached."""
    alone(by.id, by.id)
    held = Filter.objects.filter(account=by).count()
    if held >= FILTERS_MAX:
        raise Invalid(f"Validation failed: There are at most {FILTERS_MAX} filters; you have {held}")
    made = Filter(
        account=by,
        title=checked_title(wanted.title or "", at_most=TITLE_MAX),
        contexts=_contexts(wanted.contexts or ()),
        irreversible=False,  # `_set` asks for it, before the row is there with the table's default
    )
    _set(made, wanted)
    acting.as_owner(by.id)
    made.save()
    _write_words(made, wanted.words, by)
    _changed(by)
    return made.pk


@transaction.atomic
def change_filter(filter_id: int, wanted: Changes, *, by: Account) -> None:
    """Change what is given. Raises NotFound (the filter, or a word that is not in it), Invalid."""
    alone(by.id, by.id)
    held = _own(filter_id, by)
    if wanted.title is not None:
        held.title = checked_title(wanted.title, at_most=TITLE_MAX)
    if wanted.contexts is not None:
        held.contexts = _contexts(wanted.contexts)
    _set(held, wanted)
    held.save()
    _write_words(held, wanted.words, by)
    _changed(by)


@transaction.atomic
def delete_filter(filter_id: int, *, by: Account) -> None:
    """Delete a filter with all that is in it. Raises NotFound."""
    _own(filter_id, by).delete()
    _changed(by)


@transaction.atomic
def add_keyword(filter_id: int, word: Word, *, by: Account) -> int:
    """Add a word to a filter and return its id. Raises NotFound, Invalid."""
    alone(by.id, by.id)
    (made,) = _write_words(_own(filter_id, by), [word], by)
    _changed(by)
    return made


@transaction.atomic
def change_keyword(keyword_id: int, word: Word, *, by: Account) -> None:
    """Change a word of a filter of one's own. Raises NotFound, Invalid."""
    _write_word(_own_row(FilterKeyword, keyword_id, by), word)
    _changed(by)


@transaction.atomic
def remove_keyword(keyword_id: int, *, by: Account) -> None:
    """Take a word out of a filter; the filter stays. Raises NotFound."""
    _own_row(FilterKeyword, keyword_id, by).delete()
    _changed(by)


@transaction.atomic
def add_post(filter_id: int, post_id: int, *, by: Account) -> int:
    """Put a post, which the caller has seen that `by` may see, in a filter; return the id of its place there.

    Raises NotFound for the filter, Invalid when it is there already or a limit is reached.
    """
    alone(by.id, by.id)
    held = _own(filter_id, by)
    _require_room(FilterPost, by, POSTS_MAX, "posts in filters")
    try:
        with transaction.atomic():
            made = FilterPost.objects.create(filter=held, post_id=post_id)
    except IntegrityError:
        raise Invalid("Validation failed: Status has already been taken") from None
    _changed(by)
    return made.pk


@transaction.atomic
def remove_post(row_id: int, *, by: Account) -> None:
    """Take a post out of a filter by the id of its place there. Raises NotFound."""
    _own_row(FilterPost, row_id, by).delete()
    _changed(by)


def _set(held: Filter, wanted: Changes) -> None:
    """Set what needs no check. An action other than to hide ends what only hides."""
    if wanted.action is not None:
        held.action = wanted.action
        held.irreversible = held.irreversible and wanted.action == Filter.Action.HIDE
    if wanted.irreversible is not None:
        held.irreversible = wanted.irreversible
    if wanted.expires:
        held.expires_at = wanted.expires_at


def _contexts(given: Sequence[str]) -> list[str]:
    unknown = [context for context in given if context not in CONTEXTS]
    if unknown or not given:
        what = f"not {unknown[0][:40]!r}" if unknown else "there was none"
        raise Invalid(f"Validation failed: Context must be one or more of {', '.join(CONTEXTS)}; {what}")
    return [context for context in CONTEXTS if context in given]


def _write_words(held: Filter, words: Sequence[Word], by: Account) -> list[int]:
    """Add, change and remove words of a filter; return the ids of the new ones."""
    given = {word.id: word for word in words if word.id is not None}
    standing = {row.pk: row for row in FilterKeyword.objects.filter(filter=held, pk__in=given)}
    if len(standing) != len(given):
        raise NotFound
    FilterKeyword.objects.filter(pk__in=[number for number, word in given.items() if word.remove]).delete()
    for number, word in given.items():
        if not word.remove:
            _write_word(standing[number], word)
    new = [word for word in words if word.id is None and not word.remove]
    if new:
        _require_room(FilterKeyword, by, KEYWORDS_MAX, "words in filters", more=len(new))
    return [_write_word(FilterKeyword(filter=held), word).pk for word in new]


def _write_word(row: FilterKeyword, word: Word) -> FilterKeyword:
    if word.keyword is not None or not row.keyword:
        keyword = text.clean(word.keyword or "")
        if text.is_blank(keyword):
            raise Invalid("Validation failed: Keyword can't be blank")
        if len(keyword) > KEYWORD_MAX:
            said = f"Keyword is too long: {len(keyword)} characters; at most {KEYWORD_MAX}"
            raise Invalid(f"Validation failed: {said}")
        row.keyword = keyword
    row.whole_word = row.whole_word if word.whole_word is None else word.whole_word
    row.save()
    return row


def _require_room(
    model: type[FilterKeyword] | type[FilterPost], by: Account, most: int, what: str, *, more: int = 1
) -> None:
    held = model.objects.filter(filter__account=by).count()
    if held + more > most:
        raise Invalid(
            f"Validation failed: There are at most {most} {what}; with these it would be {held + more}"
        )


def _own(filter_id: int, by: Account) -> Filter:
    held = Filter.objects.select_for_update().filter(pk=filter_id, account=by).first()
    if held is None:
        raise NotFound
    acting.as_owner(by.id)
    return held


def _own_row(model: Any, row_id: int, by: Account) -> Any:
    row = model.objects.select_for_update(of=("self",)).filter(pk=row_id, filter__account=by).first()
    if row is None:
        raise NotFound
    acting.as_owner(by.id)
    return row


def _changed(by: Account) -> None:
    count({by.id: Step(versions=1)})
    streams.publish("filters_changed", to=[by.id])
