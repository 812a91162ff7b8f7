"""A post as the search knows it: its words in their order, passage by passage, and its traits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from feed.finding.asked import TAG_MAX
from upscrolled.core import ids, text
from upscrolled.core.words import words

# Traits of a post that can be asked for with `has:` and `is:`, in Mastodon's words.
MEDIA_KINDS: Final = {"image": "image", "video": "video", "gifv": "video", "audio": "audio"}
_READ: Final = """
SELECT p.id, p.author_id, p.audience, p.language, p.warning, p.text, p.tags, p.parts, p.sensitive,
       p.in_reply_to_account_id IS NOT NULL, (SELECT o.options FROM feed_poll o WHERE o.post_id = p.id),
       ARRAY(SELECT a.kind FROM feed_postmedia m JOIN upscrolled_mediaattachment a ON a.id = m.attachment_id
             WHERE m.post_id = p.id AND m.position IS NOT NULL ORDER BY m.position),
       ARRAY(SELECT a.description FROM feed_postmedia m JOIN upscrolled_mediaattachment a ON a.id = m.attachment_id
             WHERE m.post_id = p.id AND m.position IS NOT NULL ORDER BY m.position)
FROM feed_post p WHERE p.id = ANY(%(ids)s) AND p.repost_of_id IS NULL AND p.deleted_at IS NULL ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Document:
    """What is looked for in a post. `passages` are words in the form of `core.words`, `tags` normal names.

    `has` holds what `has:` and `is:` ask for: media, image, video, audio, poll, link, quote, reply, sensitive.
    """

    post_id: int
    author_id: int
    public: bool
    language: str
    passages: Sequence[Sequence[str]]
    tags: frozenset[str] = frozenset()
    has: frozenset[str] = field(default_factory=frozenset)


def read(post_ids: Iterable[int], *, locked: bool = False) -> list[Document]:
    """Return the documents of these posts; of shares and of what is deleted there are none.

    `locked`: nobody can edit the posts before this transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{_READ}{' FOR SHARE OF p' if locked else ''}", {"ids": list(post_ids)})
        return [_document(*row) for row in cursor.fetchall()]


def _document(
    post_id: int,
    author_id: int,
    audience: str,
    language: str,
    warning: str,
    said: str,
    tags: list[str],
    parts: list[str],
    sensitive: bool,
    answers: bool,
    options: list[str] | None,
    kinds: list[str],
    descriptions: list[str],
) -> Document:
    has = {part for part in parts if part in ("media", "poll", "quote")}
    has |= {MEDIA_KINDS[kind] for kind in kinds if kind in MEDIA_KINDS}
    has |= {"link"} if text.parse(said).links else set()
    has |= {name for name, holds in (("sensitive", sensitive), ("reply", answers)) if holds}
    return Document(
        post_id,
        author_id,
        audience == "public",
        language,
        [words(part) for part in (warning, said, *(options or ()), *descriptions) if part],
        frozenset(text.tag_name(tag)[:TAG_MAX] for tag in tags),
        frozenset(has),
    )


def month(post_id: int) -> str:
    """The month in which a post was written, as 2026-01."""
    return f"{ids.created_at(post_id):%Y-%m}"
