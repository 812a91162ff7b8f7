"""What people write as the HTML that clients show: escaped, with our own links around what is found in it."""

from collections.abc import Callable, Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Final

from upscrolled.core.text import Hashtag, Link, Mention, beginning, clean, parse

SHOWN: Final = 30  # characters of a link that are seen


def to_html(
    text: str,
    *,
    mention_urls: Mapping[str, tuple[str, str]],
    tag_url: Callable[[str], str],
) -> str:
    """The text as the HTML that clients show (api.md, `content`); it is cleaned first and always safe.

    `mention_urls` gives address and user name for the `key` of each mention that is somebody; the others stay
    plain text. `tag_url` gets a tag's `name`. Raises ValueError if either gives anything but an http address
    or a path of this site.
    """
    lines = clean(text).split("\n")
    blocks = [
        list(block) for written, block in groupby(lines, key=lambda line: bool(line.strip())) if written
    ]

    def line_html(line: str) -> str:
        return "".join(_pieces(line, mention_urls, tag_url))

    return "".join(f"<p>{'<br />'.join(map(line_html, block))}</p>" for block in blocks)


def _pieces(
    line: str, mention_urls: Mapping[str, tuple[str, str]], tag_url: Callable[[str], str]
) -> Iterator[str]:
    at = 0
    for entity in parse(line).entities:
        yield escape(line[at : entity.start])
        at = entity.end
        match entity:
            case Mention():
                person = mention_urls.get(entity.key)
                yield _mention_html(*person) if person else escape(line[entity.start : entity.end])
            case Hashtag():
                yield _hashtag_html(tag_url(entity.name), entity.display)
            case Link():
                yield _link_html(entity.url)
    yield escape(line[at:])


def _mention_html(url: str, username: str) -> str:
    return (
        f'<span class="h-card"><a href="{_address(url)}" class="u-url mention">'
        f"@<span>{escape(username)}</span></a></span>"
    )


def _hashtag_html(url: str, display: str) -> str:
    return f'<a href="{_address(url)}" class="mention hashtag" rel="tag">#<span>{escape(display)}</span></a>'


def _link_html(url: str) -> str:
    scheme, _, rest = url.partition("://")
    shown = beginning(rest, SHOWN)
    hidden = rest[len(shown) :]
    cut = ' class="ellipsis"' if hidden else ""
    return (
        f'<a href="{_address(url)}" target="_blank" rel="nofollow noopener">'
        f'<span class="invisible">{scheme}://</span><span{cut}>{escape(shown)}</span>'
        f'<span class="invisible">{escape(hidden)}</span></a>'
    )


def _address(url: str) -> str:
    # A path of this site is given its host when shown. Browsers take // and /\ for the start of another's.
    own = url.startswith("/") and not url.startswith(("//", "/\\"))
    if not own and not url.lower().startswith(("https://", "http://")):
        raise ValueError(f"not a web address: {url!r}")
    return escape(url)
