"""What a page says of itself in its head, as plain text: OpenGraph first, then Twitter's names, JSON-LD, HTML's own.

Nothing of a page's HTML leaves this file: what is returned is text without markup, without control characters and
marks that turn its direction, each of bounded length. Players are not embedded, whatever a page offers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import regex

from upscrolled.core import languages

TITLE_MAX, DESCRIPTION_MAX, NAME_MAX, ALT_MAX, URL_MAX = 300, 1_000, 200, 1_500, 2_048
_METAS_MAX, _VALUE_MAX, _JSON_MAX, _JSON_ITEMS = 400, 8_000, 100_000, 60


@dataclass(frozen=True, slots=True)
class Preview:
    """What is told of a page. `image` is an address, not judged yet; empty texts are what is not known."""

    title: str
    description: str = ""
    author_name: str = ""
    author_url: str = ""
    provider: str = ""
    language: str = ""
    published_at: datetime | None = None
    image: str = ""
    image_description: str = ""


def read(html: str, *, url: str) -> Preview | None:
    """Return what a page at `url` says of itself; None if it has no title, so that there is nothing to show."""
    head = _Head.of(html)
    said = _Said(head.metas, _article(head.data))
    title = plain(said.first("og:title", "twitter:title", ld="headline") or head.title, TITLE_MAX)
    if not title:
        return None
    described = ("og:description", "twitter:description", "description")
    pictures = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
    image = _absolute(said.first(*pictures, ld="image"), url)
    alt = plain(said.first("og:image:alt", "twitter:image:alt"), ALT_MAX)
    author_name, author_url = _author(said, url)
    moments = ("article:published_time", "og:article:published_time", "date", "dc.date")
    return Preview(
        title=title,
        description=plain(said.first(*described, ld="description"), DESCRIPTION_MAX),
        author_name=author_name,
        author_url=author_url,
        provider=plain(said.first("og:site_name", "application-name", ld="publisher"), NAME_MAX),
        language=_language(head.lang) or _language(said.first("og:locale", "content-language")),
        published_at=_moment(said.first(*moments, ld="datePublished")),
        image=image,
        image_description=alt if image else "",
    )


# --- text --------------------------------------------------------------------------------------------

# Controls, lone surrogates, private use, tags of nobody's language, and whatever turns the direction of what follows.
_UNWANTED: Final = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+"
)
_MARKUP: Final = regex.compile(r"<(?=[A-Za-z/!?])[^<>]*+>")


def plain(text: str, limit: int) -> str:
    """Return one line of plain text, at most `limit` characters as people count them; a longer one ends in …."""
    text = text[: limit * 16]
    before = ""
    while text != before:  # what is left of a tag around a tag may be one
        before, text = text, _MARKUP.sub(" ", text)
    text = " ".join(_UNWANTED.sub(" ", text).split())
    if regex.search(r"[\p{L}\p{N}\p{S}]", text) is None:
        return ""
    text = text[: limit * 8]
    kept = regex.match(rf"\X{{0,{limit}}}+", text)
    if kept is None or kept.end() == len(text):
        return text
    shorter = regex.match(rf"\X{{0,{limit - 1}}}+", text)
    return f"{shorter[0].rstrip() if shorter else ''}…"


def _absolute(written: str, base: str) -> str:
    """Return an http address that a page names, or nothing."""
    try:
        address = urljoin(base, written.strip()) if written.strip() else ""
        fits = urlsplit(address).scheme in ("http", "https") and bool(urlsplit(address).hostname)
    except ValueError:
        return ""
    fits = fits and len(address) <= URL_MAX and regex.search(r"[\s\p{C}<>\"\\]", address) is None
    return address if fits else ""


def _author(said: _Said, url: str) -> tuple[str, str]:
    named = said.first("article:author", "og:article:author")
    if named.startswith(("http://", "https://")):
        return plain(said.first("author", ld="author"), NAME_MAX), _absolute(named, url)
    return plain(named or said.first("author", ld="author"), NAME_MAX), ""


def _language(written: str) -> str:
    return languages.parse(regex.split(r"[-_]", written.strip(), maxsplit=1)[0]) or ""


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written.strip()[:40])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) if 1900 < moment.year < 2200 else None
    except (ValueError, OverflowError):
        return None


# --- the head ----------------------------------------------------------------------------------------


class _Over(Exception):
    """The head has ended."""


class _Head(HTMLParser):
    """Collects what stands before <body>. It is never told that the page is over: its rest is not looked through."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lang, self.title = "", ""
        self.metas: dict[str, str] = {}
        self.data: list[str] = []
        self._inside, self._room = "", _JSON_MAX

    @classmethod
    def of(cls, html: str) -> _Head:
        """Read a page as far as its head goes; of one that is damaged, as far as it can be read."""
        head = cls()
        with suppress(_Over, AssertionError, ValueError):  # the parser's own words for what is no HTML
            head.feed(html)
        return head

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag of the head."""
        if tag == "body":
            raise _Over
        given = {name: value or "" for name, value in reversed(attrs[:40])}
        self._inside = ""
        if tag == "meta":
            name = given.get("property") or given.get("name") or given.get("http-equiv") or ""
            if len(self.metas) < _METAS_MAX and given.get("content", "").strip():
                self.metas.setdefault(name.strip().lower()[:100], given["content"][:_VALUE_MAX])
        elif tag == "html":
            self.lang = self.lang or given.get("lang", "")[:40]
        elif tag == "title" and not self.title:
            self._inside = "title"
        elif tag == "script" and given.get("type", "").strip().lower() == "application/ld+json":
            self._inside = "data"
            self.data.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note that something has ended."""
        if tag == "head":
            raise _Over
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep the text of the title and of JSON-LD."""
        if self._inside == "title" and len(self.title) < _VALUE_MAX:
            self.title += data[:_VALUE_MAX]
        elif self._inside == "data" and len(data) <= self._room:
            self._room -= len(data) + 1
            self.data[-1] += data


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of a page by their names, and those of its article in JSON-LD."""

    metas: Mapping[str, str]
    article: Mapping[str, Any]

    def first(self, *names: str, ld: str = "") -> str:
        """Return the first of these that the page says, else what its article says under `ld`."""
        for name in names:
            if self.metas.get(name, "").strip():
                return self.metas[name]
        return _word(self.article.get(ld)) if ld else ""


def _article(blocks: list[str]) -> Mapping[str, Any]:
    """Return the first thing with a headline that the JSON-LD of a page describes."""
    for block in blocks:
        try:
            described = json.loads(block)
        except (ValueError, RecursionError):
            continue
        for item in _items(described):
            if isinstance(item.get("headline"), str):
                return item
    return {}


def _items(described: Any) -> Iterator[Mapping[str, Any]]:
    waiting, seen = [described], 0
    while waiting and seen < _JSON_ITEMS:
        item, seen = waiting.pop(0), seen + 1
        if isinstance(item, list):
            waiting.extend(item[:_JSON_ITEMS])
        elif isinstance(item, dict):
            yield item
            waiting.append(item.get("@graph"))


def _word(value: Any) -> str:
    """Return a text, or that of the first of several, or the name or address of a thing."""
    for _depth in range(3):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("name") or value.get("url") or ""
    return value[:_VALUE_MAX] if isinstance(value, str) else ""
