"""One card: its page is asked and read, its picture copied, and what came of it noted. For workers only."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.conf import settings

from feed.cards import address, charset, ledger, page
from feed.cards.ledger import Image, Owed
from upscrolled import pictures
from upscrolled.core.errors import DomainError
from upscrolled.outbound.fetch import Failed, Limits, fetch
from upscrolled.outbound.reach import Reach
from upscrolled.pictures import ledger as files
from upscrolled.pictures import storage

log = logging.getLogger(__name__)

TYPES: Final = ("text/html", "application/xhtml+xml")
_KILOBYTE: Final = 1024


def ask_next(*, now: datetime, reach: Reach | None = None) -> bool:
    """Work off the card that is owed for longest; False if there is none, or enough workers are at it.

    `reach` is how far pages may be looked for, by itself the public internet.
    """
    owed = ledger.claim(now=now)
    if owed is None:
        return False
    try:
        _ask(owed, reach or address.public(), now)
    except Failed as failed:
        log.info("No preview of a page of %s: %s", owed.host, failed.reason)
        ledger.fail(owed, failed.reason, again=failed.again, silent=failed.silent, now=now)
    return True


def _ask(owed: Owed, reach: Reach, now: datetime) -> None:
    if owed.attempts > ledger.TRIES:
        raise Failed(f"{ledger.TRIES} workers did not come back from it")
    answer = fetch(
        owed.url,
        agent=agent(),
        accept="text/html, application/xhtml+xml;q=0.9",
        types=TYPES,
        limits=Limits(settings.LINK_PREVIEW_KB * _KILOBYTE, settings.LINK_PREVIEW_SECONDS, cut=True),
        reach=reach,
        refuses=_refuses,
    )
    preview = page.read(charset.text_of(answer.content, answer.charset), url=answer.url)
    if preview is None:
        raise Failed("has no title")
    image, hosts = _image(preview.image, reach, now)
    ledger.keep(owed, preview, image, [*answer.hosts, *hosts], now=now)


def _image(url: str, reach: Reach, now: datetime) -> tuple[Image, tuple[str, ...]]:
    """Copy a page's picture; without one that can be had, the card has none. Return it and whom we asked."""
    if not url or not settings.LINK_PREVIEW_IMAGE_KB:
        return Image(), ()
    try:
        answer = fetch(
            url,
            agent=agent(),
            accept="image/webp, image/jpeg, image/png, image/gif",
            limits=Limits(settings.LINK_PREVIEW_IMAGE_KB * _KILOBYTE, settings.LINK_PREVIEW_SECONDS),
            reach=reach,
            refuses=_refuses,
        )
        drawn = pictures.draw(pictures.CARD, answer.content)
    except (Failed, DomainError) as refusal:
        log.info("A preview goes without its picture: %s", refusal)
        return Image(), ()
    (suffix, content), *_ = drawn.files
    name = storage.name_of(pictures.CARD, suffix, content)
    files.store(name, {name: content}, now=now)
    return Image(name, *drawn.size, drawn.blurhash), answer.hosts


def agent() -> str:
    """Return the name by which we ask: whoever does not want it can tell us apart, and find us."""
    return f"UpScrolled/{settings.VERSION} (link preview; +{settings.PUBLIC_URL}/about)"


def _refuses(host: str) -> bool:
    """Say whether nobody is asked there: this site itself, and what the operator forbids."""
    return host == ledger.host_of(settings.PUBLIC_URL) or ledger.forbidden(host)
