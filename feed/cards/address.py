"""Which link of a text gets a card, decided without asking anybody."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from ssrfguard import SSRFGuardError

from feed import links
from upscrolled.core import text
from upscrolled.outbound.reach import Reach

LOOKED_AT = 64_000  # code points; a text that is longer by far is refused, but not before this is asked


def public() -> Reach:
    """Return how far we go for a page: the public internet, on the ports of the settings."""
    return _public(settings.LINK_PREVIEW_PORTS)


@lru_cache(maxsize=4)
def _public(ports: frozenset[int]) -> Reach:
    return Reach(ports)


def previewable(written: str) -> str | None:
    """Return the first address of a text that may be asked for a preview, in its canonical form; None without one."""
    written = written[:LOOKED_AT]
    if "://" not in written:
        return None
    for link in text.parse(text.clean(written)).links:
        url = links.canonical(link.url)
        if url is not None and _may_be_asked(url):
            return url
    return None


def _may_be_asked(url: str) -> bool:
    try:
        public().judge(url)
    except SSRFGuardError:
        return False
    return True
