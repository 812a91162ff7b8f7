"""A card: what the page behind the first link of a text says of itself. It follows from the text alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

import msgspec

from feed.cards import address, ledger, shown
from feed.cards.shown import CardFacts
from feed.models import Post
from feed.post_types.base import Change, Part, PostType, Presenting, Shown, Written
from upscrolled.models import Account
from upscrolled.viewer import Viewer


class PreviewCardAuthor(msgspec.Struct, kw_only=True):
    """Who wrote a page, as it says itself; nobody here, so there is no account."""

    name: str
    url: str
    account: None = None


class PreviewCard(msgspec.Struct, kw_only=True):
    """The preview of a linked page (Mastodon API, PreviewCard).

    All of it is plain text. Nothing of a page is embedded, so `html` and `embed_url` are empty and `type` is
    always link; the picture is a copy that lies here.
    """

    url: str
    title: str
    description: str = ""
    type: str = "link"
    authors: list[PreviewCardAuthor] = []
    author_name: str = ""
    author_url: str = ""
    provider_name: str
    provider_url: str
    html: str = ""
    width: int = 0
    height: int = 0
    image: str | None = None
    image_description: str = ""
    embed_url: str = ""
    blurhash: str | None = None
    language: str | None = None
    published_at: str | None = None


class Writing(Protocol):
    """What writes moments and addresses as the API does, as far as cards ask."""

    def stamp(self, moment: datetime | None) -> str | None: ...
    def picture(self, name: str) -> str: ...


class CardType(PostType):
    """The card of the first link that can have one. Its page is asked by a worker, after the post is published."""

    key: ClassVar[str] = "card"

    def follow(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """Look for the link in the words, if they are written anew."""
        return {self.key: address.previewable(wanted["text"].text)} if "text" in wanted else {}

    def check(self, wanted: str, *, by: Account, now: datetime) -> Part:
        """Take the address."""
        return Part(content=wanted)

    def attach(self, post: Written, part: Part, *, now: datetime) -> None:
        """Note the card; the text has entered the post under its links before."""
        ledger.note(post.id, part.content, now=now)

    def load(self, viewer: Viewer, post_ids: Sequence[int]) -> dict[int, CardFacts]:
        """Return the cards there are."""
        return shown.of_posts(post_ids)

    def show(self, post: Shown, present: Presenting) -> dict[str, Any]:
        """Fill `card`, once there is one."""
        card = post.attached.get(self.key)
        return {} if card is None else {"card": entity(card, present)}

    def words(self, post: Shown) -> list[str]:
        """Return what is read on the card: somebody who filters a word does not want it there either."""
        card = post.attached.get(self.key)
        return [] if card is None else [card.title, card.description]

    def change(self, post: Post, wanted: str | None, *, now: datetime) -> Change:
        """Follow the text; that it differs is for the text to say."""
        return Change(has=wanted is not None, differs=False, content=wanted)

    def revise(self, post: Post, change: Change, *, by: Account, now: datetime) -> None:
        """Note the card of the link that is now the first, or take the card away."""
        if change.has:
            ledger.note(post.id, change.content, now=now)
        elif self.key in post.parts:
            ledger.leave(post.id)

    def delete(self, post: Post, *, now: datetime) -> Mapping[int, Mapping[str, int]]:
        """Take the card from the post."""
        ledger.leave(post.id)
        return {}


def entity(card: CardFacts, write: Writing) -> PreviewCard:
    """Return a card's entity."""
    name, url = card.author_name, card.author_url
    parts = urlsplit(card.url)
    return PreviewCard(
        url=card.url,
        title=card.title,
        description=card.description,
        authors=[PreviewCardAuthor(name=name, url=url)] if name else [],
        author_name=name,
        author_url=url,
        provider_name=card.provider or card.host,
        provider_url=f"{parts.scheme}://{parts.netloc}/",
        width=card.width,
        height=card.height,
        image=write.picture(card.image) if card.image else None,
        image_description=card.image_description,
        blurhash=card.blurhash or None,
        language=card.language or None,
        published_at=write.stamp(card.published_at),
    )
