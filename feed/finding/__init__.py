"""Finding people, hashtags and posts: what a search engine is to this site, behind one protocol.

PostgreSQL is the one that is always there (`postgres`). Another engine is a class with these methods, named by the
setting SEARCH_BACKEND; it gets documents and answers with ids, and what of them somebody sees is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from feed.finding.asked import Asked
from feed.finding.document import Document
from upscrolled.viewer import Person, Viewer


@dataclass(frozen=True, slots=True)
class Part:
    """The part of what is found that a page shows: after `offset`, ids below `max_id` and above `min_id` (0: any)."""

    limit: int
    offset: int = 0
    max_id: int = 0
    min_id: int = 0


class SearchBackend(Protocol):
    """Finds. Everything that it returns is in the order in which it is shown."""

    def people(self, viewer: Viewer, q: str, part: Part, *, following: bool = False) -> list[Person]:
        """Find people by what they are called; `following` leaves those whom the viewer follows."""
        ...

    def tags(self, q: str, part: Part) -> list[str]:
        """Find hashtags by their beginning, as they were first written."""
        ...

    def posts(self, viewer: Viewer, asked: Asked, part: Part) -> list[int]:
        """Find posts that this viewer may see, newest first; their ids."""
        ...

    def enter(self, documents: Iterable[Document], *, anew: bool = False) -> None:
        """Let these posts be found. What is known already stays as it is, unless they are entered `anew`."""
        ...

    def forget(self, post_ids: Iterable[int]) -> None:
        """Let these posts be found no more."""
        ...


@cache
def backend() -> SearchBackend:
    """The search engine of this site."""
    made: SearchBackend = import_string(settings.SEARCH_BACKEND)()
    return made
