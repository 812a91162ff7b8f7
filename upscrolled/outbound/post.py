"""POST a small body to one address, and say how it was answered. As `fetch`: only public servers, within a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpcore
from ssrfguard import SSRFGuardError

from upscrolled.outbound import fetch
from upscrolled.outbound.fetch import Failed
from upscrolled.outbound.reach import Reach
from upscrolled.outbound.timed import Backend, Deadline

_ANSWER: Final = 16_384  # bytes of an answer that are read, so that the connection may be used again


@dataclass(frozen=True, slots=True)
class Answered:
    """The status, and in how many seconds to come again if the server says so."""

    status: int
    retry_after: int = 0


class Sender:
    """Keeps connections for a batch of requests; each address is judged, and no redirect is followed."""

    def __init__(self, *, agent: str, seconds: float, reach: Reach) -> None:
        self._agent, self._seconds, self._reach = agent, seconds, reach

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send it. Raises Failed when there is no answer, or the address is not a public one."""
        deadline = Deadline(self._seconds)
        try:
            target = self._reach.judge(url)
            sent = {
                "Host": fetch.host_header(target),
                "User-Agent": self._agent,
                "Connection": "close",
                **headers,
            }
            pool = httpcore.ConnectionPool(network_backend=Backend(self._reach, deadline), max_connections=1)
            with (
                pool,
                pool.stream(
                    "POST", fetch.address(target, url), headers=list(sent.items()), content=body
                ) as response,
            ):
                came = 0
                for piece in response.iter_stream():
                    came += len(piece)
                    if came > _ANSWER:
                        break
                after = fetch.header(response, "retry-after")
                return Answered(response.status, int(after) if after.isdecimal() and len(after) < 7 else 0)
        except SSRFGuardError as refusal:
            raise Failed(fetch.why_refused(refusal)) from None
        except (httpcore.ConnectError, httpcore.TimeoutException) as error:
            raise Failed(f"no answer within {self._seconds:g} seconds: {error}"[:300], again=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Failed(f"broken answer: {error}"[:300], again=True) from None
