"""What a post type is: what it does when a post that has it is written, shown, edited and deleted.

A type is one file beside this one and one row in `POST_TYPES`; publishing, editing, deleting and showing loop
over that table. Types do not know each other. What a type does not need it inherits: nothing happens then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from feed.models import Post
from upscrolled.media.shown import MediaFacts
from upscrolled.models import Account
from upscrolled.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Part:
    """What a type adds to a post that is being written, checked and ready.

    `columns` go into the post's own row. `audience` is the widest one that the post may have, "" for any.
    `counts` are steps for the numbers of other posts: {post id: {"quotes": 1}}.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    audience: str = ""
    counts: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    content: Any = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit does to a type's part of a post.

    `columns` are new values of the post's row. `has` says whether the post has the part afterwards, `differs`
    whether anybody sees a difference: if so, the version before is kept.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    has: bool = True
    differs: bool = True
    content: Any = None


@dataclass(frozen=True, slots=True)
class Written:
    """A post that was just stored. `thread_id` is the post that began its thread, None if it is this one."""

    id: int
    thread_id: int | None
    author_id: int
    audience: str


class Shown(Protocol):
    """A post as a viewer meets it (`feed.facts.PostFacts`), as far as types ask."""

    @property
    def id(self) -> int: ...
    @property
    def author_id(self) -> int: ...
    @property
    def quote_of_id(self) -> int | None: ...
    @property
    def quote_state(self) -> str: ...
    @property
    def quoted(self) -> Any: ...
    @property
    def attached(self) -> Mapping[str, Any]: ...


class Presenting(Protocol):
    """What shows a page (`feed.api.presenter.Presenter`), as far as types ask."""

    @property
    def viewer(self) -> Viewer: ...

    def stamp(self, moment: datetime | None) -> str | None:
        """Write a moment as the API does."""

    def picture(self, name: str) -> str:
        """Return the address of a stored picture."""

    def attachment(self, media: MediaFacts) -> Any:
        """Show a photo, video or sound."""

    def quote(self, state: str, quoted: Any) -> Any:
        """Show a quote in this state, with the quoted post where there is one to show."""


class PostType:
    """Base of the types. `key` stands in `Post.parts` of the posts that have it.

    A type that is part of every post (`always`) has no key there. A post that has one which says enough by itself
    (`speaks`) needs no text. Rows of one that `lasts` may be there still after an edit took the part away.
    """

    key: ClassVar[str]
    always: ClassVar[bool] = False
    speaks: ClassVar[bool] = False
    lasts: ClassVar[bool] = False

    def parse(self, form: Mapping[str, Any]) -> Any | None:
        """Return what a client wants of this type, or None if the form does not speak of it."""
        return None

    def follow(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return {key: what is wanted of this type} where that follows from the other parts, else nothing.

        None for a key: the post shall have no such part. Whatever a client says of this type does not count then.
        """
        return {}

    def check(self, wanted: Any, *, by: Account, now: datetime) -> Part:
        """Return what is wanted as a part that may be stored. Raises Invalid, NotFound, NotAllowed."""
        raise NotImplementedError

    def attach(self, post: Written, part: Part, *, now: datetime) -> None:
        """Store the part of a post that was just inserted."""

    def tell(self, post: Written, part: Part, *, by: Account, now: datetime) -> None:
        """Tell whom a new post of this type concerns; the last thing that publishing does."""

    def load(self, viewer: Viewer, post_ids: Sequence[int]) -> dict[int, Any]:
        """Return what is shown of these posts, which have the part, in at most one statement."""
        return {}

    def touched(self, viewer_ids: Sequence[int], post_ids: Sequence[int]) -> set[int]:
        """Return the viewers to whom `load` shows something of their own: all others meet the same."""
        return set()

    def show(self, post: Shown, present: Presenting) -> dict[str, Any]:
        """Return the fields of the client API's entity that this type fills."""
        return {}

    def words(self, post: Shown) -> list[str]:
        """Return what the part says, for search and filters."""
        return []

    def version(self, post: Post) -> dict[str, Any]:
        """Return the part as it stands before an edit, as fields of `PostEdit`; only of posts that have it."""
        return {}

    def change(self, post: Post, wanted: Any, *, now: datetime) -> Change:
        """Return what the edit does that wants this; `wanted` None: the edit gives the post without it."""
        return Change(has=self.key in post.parts, differs=False)

    def revise(self, post: Post, change: Change, *, by: Account, now: datetime) -> None:
        """Store the change; the post's own row is written by the caller."""

    def delete(self, post: Post, *, now: datetime) -> Mapping[int, Mapping[str, int]]:
        """Undo what the post did by this part; return steps for the numbers of other posts."""
        return {}
