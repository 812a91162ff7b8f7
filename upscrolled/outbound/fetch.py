"""GET one address, follow where it leads, and come back in time with no more than was wanted.

No cookies, no credentials, no proxy from the environment, no HTTP but 1.1. Every hop of a redirect is judged anew.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import httpcore
from ssrfguard import SSRFGuardError, Target

from upscrolled.outbound.reach import Reach
from upscrolled.outbound.timed import Backend, Deadline

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
LATER: Final = frozenset({408, 425, 429})  # and whatever a server says of itself: 5xx
_KEPT: Final = "!$%&'()*+,-./:;=@_~"


class Failed(Exception):
    """Nothing that can be used came of it; `reason` is for whoever looks into it, and names the limit it met.

    `again`: another time it may. `silent`: the first host did not answer at all, whatever was asked of it.
    """

    def __init__(self, reason: str, *, again: bool = False, silent: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.again, self.silent = reason, again, silent


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may weigh unpacked, what all hops together may take, and how many redirects are followed.

    `cut`: of a larger answer the first `size` bytes are taken; without it, it is refused.
    """

    size: int
    seconds: float
    redirects: int = 4
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: `url` is where, `hosts` are all that were asked on the way, in ASCII, without a port."""

    url: str
    hosts: tuple[str, ...]
    content_type: str
    charset: str
    content: bytes


def fetch(
    url: str,
    *,
    agent: str,
    accept: str,
    limits: Limits,
    reach: Reach,
    types: Iterable[str] = (),
    refuses: Callable[[str], bool] = lambda host: False,
) -> Answer:
    """Return what an address answers, if its media type is one of `types` (any, without them). Raises Failed.

    `refuses` is asked for every host before anything is sent to it.
    """
    deadline = Deadline(limits.seconds)
    hosts: list[str] = []
    backend = Backend(reach, deadline)
    with httpcore.ConnectionPool(network_backend=backend, max_connections=1) as pool:
        for _hop in range(limits.redirects + 1):
            target = _judged(url, reach, refuses)
            hosts.append(target.host.rstrip("."))
            answered = len(hosts) > 1  # a host that was asked second had less time: nothing is said of it
            headers = {
                "Host": host_header(target),
                "User-Agent": agent,
                "Accept": accept,
                "Accept-Encoding": "gzip",
                "Connection": "close",
            }
            try:
                with pool.stream("GET", address(target, url), headers=list(headers.items())) as response:
                    answered = True
                    where = header(response, "location")
                    if response.status not in REDIRECTS or not where:
                        kind, charset = _checked(response, tuple(types))
                        content = _content(response, limits)
                        return Answer(url, tuple(dict.fromkeys(hosts)), kind, charset, content)
            except SSRFGuardError as refusal:
                raise Failed(why_refused(refusal)) from None
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                raise Failed(f"no connection: {error}"[:300], again=True, silent=not answered) from None
            except httpcore.TimeoutException:
                why = f"no answer within {limits.seconds:g} seconds"
                raise Failed(why, again=True, silent=not answered) from None
            except (httpcore.NetworkError, httpcore.ProtocolError, zlib.error) as error:
                raise Failed(f"broken answer: {error}"[:300], again=True) from None
            url = _joined(url, where)
    raise Failed(f"more than {limits.redirects} redirects")


def _judged(url: str, reach: Reach, refuses: Callable[[str], bool]) -> Target:
    try:
        target = reach.judge(url)
    except SSRFGuardError as refusal:
        raise Failed(why_refused(refusal)) from None
    if refuses(target.host.rstrip(".")):
        raise Failed(f"refused: {target.host} is not asked")
    return target


def why_refused(refusal: SSRFGuardError) -> str:
    """Say why an address is refused; not which, for logs are read by more people than posts."""
    return f"refused: {getattr(refusal, 'reason', 'not public')}"


def address(target: Target, url: str) -> httpcore.URL:
    """Return the address in the parts that were judged: nobody parses it again and finds another host."""
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe=_KEPT)
    query = f"?{quote(parts.query, safe=_KEPT + '?')}" if parts.query else ""
    return httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=path + query)


def host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"http": 80, "https": 443}[target.scheme]
    return host if target.port == usual else f"{host}:{target.port}"


def _joined(url: str, where: str) -> str:
    try:
        return urljoin(url, where)
    except ValueError:
        raise Failed("redirected to what is no address") from None


def _checked(response: httpcore.Response, types: tuple[str, ...]) -> tuple[str, str]:
    """Return media type and charset. Raises Failed for an answer that is none, or of another type."""
    status = response.status
    if status != 200:
        raise Failed(f"answered {status}", again=status in LATER or status >= 500)
    kind, _, parameters = header(response, "content-type").partition(";")
    kind = kind.strip().lower()
    if types and kind not in types:
        raise Failed(f"is {kind[:100] or 'of no type'}, not {' or '.join(types)}")
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", parameters, re.IGNORECASE)
    return kind, found[1] if found else ""


def _content(response: httpcore.Response, limits: Limits) -> bytes:
    """Read, unpack and count. What is packed may grow a thousandfold, so it is unpacked no further than is wanted."""
    told = header(response, "content-length")
    if told.isdecimal() and int(told[:20]) > limits.size and not limits.cut:
        raise Failed(f"has {told[:20]} bytes; at most {limits.size}")
    content = bytearray()
    for piece in _unpacked(response, limits.size):
        content += piece
        if len(content) > limits.size:
            if limits.cut:
                break
            raise Failed(f"has more than {limits.size} bytes")
    return bytes(content[: limits.size])


def _unpacked(response: httpcore.Response, size: int) -> Iterator[bytes]:
    packing = header(response, "content-encoding").strip().lower()
    if packing in ("", "identity"):
        yield from response.iter_stream()
        return
    if packing not in ("gzip", "x-gzip"):
        raise Failed(f"is packed as {packing[:40]}, which was not asked for")
    unpack, came = zlib.decompressobj(16 + zlib.MAX_WBITS), 0
    for packed in response.iter_stream():
        came += len(packed)
        yield unpack.decompress(packed, size + 1)
        if (
            unpack.eof or came > size
        ):  # nothing of use follows an end, nor bytes that unpack to less than they are
            return


def header(response: httpcore.Response, name: str) -> str:
    wanted = name.encode()
    for key, value in response.headers:
        if key.lower() == wanted:
            # Addresses come in UTF-8 although headers are ASCII; a control character makes none of it usable.
            return "" if b"\x00" in value else bytes(value).decode("utf-8", "replace")
    return ""
