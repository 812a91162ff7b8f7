"""What a post says: checked, cleaned, and read for mentions and hashtags. Every post has this part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from feed import links
from feed.models import Post, PostTag
from feed.post_types.base import Change, Part, PostType, Written
from upscrolled.core import markup
from upscrolled.core import text as core_text
from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Notification
from upscrolled.operations.notify import notify_many

MENTIONS_MAX, TAGS_MAX = 50, 50
BYTES_PER_CHARACTER = 32  # one character, as people count, may hold any number of combining marks


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that may be stored. `html` has this site's links as paths; `tags` and `links` are as they were written."""

    text: str
    html: str
    warning: str
    mentions: list[int]
    tags: list[str]
    links: list[str]


@dataclass(frozen=True, slots=True)
class Words:
    """A text and its content warning as they were typed.

    `alone`: nothing stands beside it that says enough by itself, so it may not be empty.
    """

    text: str
    warning: str
    alone: bool = True


class TooLong(Invalid):
    """More characters than a post may have, counted as people count."""


class TextType(PostType):
    """The text, its warning, and whom and what it names."""

    key: ClassVar[str] = "text"
    always: ClassVar[bool] = True

    def parse(self, form: Mapping[str, Any]) -> Words:
        """Return the words; the form has both fields, be they empty."""
        return Words(form["status"], form["spoiler_text"] or "")

    def check(self, wanted: Words, *, by: Account, now: datetime) -> Part:
        """Read the words. Raises TooLong or Invalid."""
        said = read(wanted.text, wanted.warning, empty=not wanted.alone)
        return Part(columns=_columns(said), content=said)

    def attach(self, post: Written, part: Part, *, now: datetime) -> None:
        """Enter the post under its hashtags and links."""
        index_tags(post.id, part.content)
        links.enter(post.id, part.content.links)

    def tell(self, post: Written, part: Part, *, by: Account, now: datetime) -> None:
        """Tell who is named."""
        _tell(part.content.mentions, post.id, by, now)

    def version(self, post: Post) -> dict[str, Any]:
        """Return the words, for the history."""
        return {"text": post.text, "html": post.html, "warning": post.warning}

    def change(self, post: Post, wanted: Words, *, now: datetime) -> Change:
        """Read the new words."""
        said = read(wanted.text, wanted.warning, empty=not wanted.alone)
        differs = (said.text, said.warning) != (post.text, post.warning)
        named = [account_id for account_id in said.mentions if account_id not in post.mentions]
        return Change(columns=_columns(said), differs=differs, content=(said, named))

    def revise(self, post: Post, change: Change, *, by: Account, now: datetime) -> None:
        """Enter the post under the hashtags and links it now has, and tell who is named for the first time."""
        said, named = change.content
        PostTag.objects.filter(post=post).delete()
        index_tags(post.id, said)
        links.leave(post.id)
        links.enter(post.id, said.links)
        _tell(named, post.id, by, now)

    def delete(self, post: Post, *, now: datetime) -> Mapping[int, Mapping[str, int]]:
        """Take the post from its hashtags and links."""
        PostTag.objects.filter(post=post).delete()
        links.leave(post.id)
        return {}


def _columns(said: Wording) -> dict[str, Any]:
    return {
        "text": said.text,
        "html": said.html,
        "warning": said.warning,
        "mentions": said.mentions,
        "tags": said.tags,
    }


def _tell(named: list[int], post_id: int, by: Account, now: datetime) -> None:
    notify_many(named, Notification.Kind.MENTION, actor_id=by.id, subject_id=post_id, now=now)


def read(text: str, warning: str, *, empty: bool = False) -> Wording:
    """Check and read a text with its content warning; it may be `empty`, or not. Raises TooLong or Invalid.

    A warning of nothing is no warning: it is what the post says, as in Mastodon.
    """
    text, warning = core_text.clean(text), core_text.clean(warning).replace("\n", " ")
    if not empty and core_text.is_blank(text):
        text, warning = warning, ""
    if not empty and core_text.is_blank(text):
        raise Invalid("Validation failed: Text can't be blank")
    _check_length(text, warning)
    parsed = core_text.parse(text)
    keys = list(dict.fromkeys(_local(mention.key) for mention in parsed.mentions))
    if len(keys) > MENTIONS_MAX:
        raise Invalid(f"Validation failed: Text mentions {len(keys)} people; the limit is {MENTIONS_MAX}")
    found = _accounts([key for key in keys if "@" not in key])
    tags = {tag.name: tag.display for tag in reversed(parsed.hashtags)}
    urls = {
        mention.key: (f"/@{found[_local(mention.key)][1]}", found[_local(mention.key)][1])
        for mention in parsed.mentions
        if _local(mention.key) in found
    }
    html = markup.to_html(text, mention_urls=urls, tag_url=core_text.tag_path)
    return Wording(
        text=text,
        html=html,
        warning=warning,
        mentions=[found[key][0] for key in keys if key in found],
        tags=list(reversed(tags.values()))[:TAGS_MAX],
        links=[link.url for link in parsed.links],
    )


# Names are written in one order, so that two posts with the same tags never wait for each other in a ring.
_NEW_TAGS = """
INSERT INTO feed_tag (name, display)
SELECT * FROM unnest(%(names)s::text[], %(displays)s::text[]) AS t (name, display) ORDER BY name
ON CONFLICT (name) DO NOTHING
"""
_TAG_POST = """
INSERT INTO feed_posttag (tag_id, post_id)
SELECT t.id, %(post)s FROM feed_tag t WHERE t.name = ANY(%(names)s::text[])
ON CONFLICT (tag_id, post_id) DO NOTHING
"""


def index_tags(post_id: int, said: Wording) -> None:
    """Enter a post under each of its hashtags."""
    if not said.tags:
        return
    names = [core_text.tag_name(display) for display in said.tags]
    with connection.cursor() as cursor:
        cursor.execute(_TAG_POST, {"post": post_id, "names": names})
        if cursor.rowcount < len(names):  # some are used for the first time
            cursor.execute(_NEW_TAGS, {"names": names, "displays": said.tags})
            cursor.execute(_TAG_POST, {"post": post_id, "names": names})


def _check_length(text: str, warning: str) -> None:
    limit = settings.POST_MAX_CHARACTERS
    if len(text) + len(warning) > limit * BYTES_PER_CHARACTER:
        raise TooLong(
            f"Validation failed: Text is too long ({len(text) + len(warning)} code points; "
            f"the limit is {limit} characters)"
        )
    length = core_text.length(text) + core_text.length(warning)
    if length > limit:
        raise TooLong(f"Validation failed: Text is too long ({length} characters; the limit is {limit})")


def _local(key: str) -> str:
    """Return a mention's key without our own host: `@name@here` is `@name`."""
    name, _, host = key.partition("@")
    return name if host == urlsplit(settings.PUBLIC_URL).netloc.lower() else key


def _accounts(names: list[str]) -> dict[str, tuple[int, str]]:
    """Return id and user name of those that exist, by lower-case name."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT lower(username), id, username FROM upscrolled_account
               WHERE lower(username) = ANY(%(names)s::text[]) AND is_active""",
            {"names": names},
        )
        return {name: (account_id, username) for name, account_id, username in cursor.fetchall()}
