"""What can be listened to: the streams of the Mastodon API, and one of ours for messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from upscrolled.core import ids, text
from upscrolled.core.errors import Invalid, OutOfScope, Unauthenticated
from upscrolled.oauth import covers

MEDIA: Final = "media"


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream. Its events are found under `source`; `scopes` are needed one of, `needs` names its parameter.

    `owned`: what the parameter names is somebody's, and nobody else's to listen to.
    """

    source: str
    scopes: tuple[str, ...] = ("read:statuses",)
    personal: bool = False
    needs: str = ""
    only_media: bool = False
    owned: bool = False


STREAMS: Final[Mapping[str, Stream]] = {
    "user": Stream("user", ("read:statuses", "read:notifications"), personal=True),
    "user:notification": Stream("user:notification", ("read:notifications",), personal=True),
    "direct": Stream("direct", personal=True),
    "messages": Stream("messages", personal=True),
    "list": Stream("list", ("read:lists",), needs="list", personal=True, owned=True),
    "public": Stream("public"),
    "public:local": Stream("public"),
    "public:media": Stream("public", only_media=True),
    "public:local:media": Stream("public", only_media=True),
    # One site: nothing comes from anywhere else, and who listens to that hears nothing.
    "public:remote": Stream("nothing"),
    "public:remote:media": Stream("nothing"),
    "hashtag": Stream("hashtag", needs="tag"),
    "hashtag:local": Stream("hashtag", needs="tag"),
}
# What a token must reach to be told an event of the streams of a person.
_NEEDS: Final = {"notification": "read:notifications", "filters_changed": "read:filters"}
_OTHERS: Final = "read:statuses"


@dataclass(frozen=True, slots=True)
class Channel:
    """A stream with its parameter, as a client names them; `key` is the parameter as events find it."""

    stream: str
    parameter: str = ""
    key: str = ""

    @property
    def kind(self) -> Stream:
        """What stream this is."""
        return STREAMS[self.stream]

    @property
    def labels(self) -> list[str]:
        """How a frame says which subscription it belongs to."""
        return [self.stream, self.parameter] if self.parameter else [self.stream]


def of(stream: str, parameters: Mapping[str, object], *, account_id: int, scopes: str | None) -> Channel:
    """Return the channel that a client asks for. `scopes` None: it has no token.

    Raises Invalid for a stream that does not exist or lacks its parameter, Unauthenticated and OutOfScope.
    """
    if stream.startswith("public") and MEDIA not in stream and _true(parameters.get("only_media")):
        stream = f"{stream}:{MEDIA}"
    kind = STREAMS.get(stream)
    if kind is None:
        names = ", ".join(STREAMS)
        raise Invalid(f"Unknown stream {stream[:40]!r}; there are {names}")
    if kind.personal and not account_id:
        raise Unauthenticated
    if scopes is not None and not any(covers(scopes, scope) for scope in kind.scopes):
        raise OutOfScope
    if not kind.needs:
        return Channel(stream, key=str(account_id) if kind.personal else "")
    given = str(parameters.get(kind.needs) or "").strip()
    key = text.tag_name(given.removeprefix("#")) if kind.needs == "tag" else str(ids.parse(given) or "")
    if not key or len(given) > 200:
        raise Invalid(f"Stream {stream} needs the parameter {kind.needs}; it was {given[:40]!r}")
    return Channel(stream, given, key)


def reaches(scopes: str, event: str) -> bool:
    """Say whether a token with these scopes may be told this event of a stream of its account."""
    return covers(scopes, _NEEDS.get(event, _OTHERS))


def _true(value: object) -> bool:
    return str(value or "").lower() in ("1", "true", "t", "on", "yes")
