"""Published rate limits: fixed windows counted in Valkey, equal for all, exempting nobody by address.

When Valkey does not answer, requests pass: a limit protects the service, it must not be what stops it.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings
from django.utils.crypto import salted_hmac

from upscrolled.core import valkey

log = logging.getLogger(__name__)

# KEYS: one counter a limit; ARGV: the window of each in seconds.
# Answers used and seconds left for each. All are counted, also when one is exceeded.
_COUNT = """
local out = {}
for i, key in ipairs(KEYS) do
  local window = tonumber(ARGV[i])
  local used = redis.call('INCR', key)
  local left = window
  if used == 1 then redis.call('EXPIRE', key, window) else left = redis.call('TTL', key) end
  if left < 0 then redis.call('EXPIRE', key, window) left = window end
  out[#out + 1] = used
  out[#out + 1] = left
end
return out
"""


_GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or 0) > 0 then redis.call('DECR', KEYS[1]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `allowance` requests in `window` seconds for each key of the family `name`."""

    name: str
    allowance: int
    window: int


PER_TOKEN = Limit("token", 300, 300)
PER_ACCOUNT = Limit("account", 1_500, 300)
PER_ADDRESS = Limit("address", 300, 300)
APPLICATIONS = Limit("apps", 30, 600)
POSTS = Limit("posts", 300, 10_800)
MEDIA = Limit("media", 100, 1_800)
DELETIONS = Limit("deletions", 30, 1_800)
FOLLOWS = Limit("follows", 400, 86_400)


@dataclass(frozen=True, slots=True)
class Tally:
    """A count that an endpoint needs anyway, made in the same exchange as the limits: `name`, kept `seconds`."""

    name: str
    whose: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the tightest limit: the three X-RateLimit headers."""

    limit: int
    remaining: int
    resets_at: float
    exceeded: bool

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the next window, one at least: what Retry-After says."""
        return max(1, math.ceil(self.resets_at - time.time()))


@dataclass(frozen=True, slots=True)
class Spent:
    """What one exchange with Valkey said. `tally` is None when nothing was tallied or nobody answered."""

    allowance: Allowance | None = None
    tally: int | None = None


def spend(charges: list[tuple[Limit, str]], *, tally: Tally | None = None) -> Spent:
    """Count one request against each limit, and for a tally that rides along; the tightest limit is told.

    Without an allowance the limits are off, or Valkey did not answer.
    """
    counted = list(charges) if settings.RATE_LIMITS else []
    counters = [(limit.name, who, limit.window) for limit, who in counted]
    if tally is not None:
        counters.append(("tally", tally.name, tally.seconds))
    if not counters:
        return Spent()
    # One tag for all of a request's keys keeps the script on one node of a cluster.
    tag = charges[0][1] if charges else (tally.whose if tally is not None else "")
    keys = [f"limit:{{{tag}}}:{name}:{who}" for name, who, _ in counters]
    try:
        answer: list[int] = valkey.script("limits", _COUNT)(keys, [window for _, _, window in counters])
    except redis.RedisError as error:
        log.warning("Rate limits are not counted: %s", error)
        return Spent()
    now = time.time()
    states = [
        Allowance(limit.allowance, max(0, limit.allowance - used), now + left, used > limit.allowance)
        for (limit, _), used, left in zip(counted, answer[::2], answer[1::2], strict=False)
    ]
    return Spent(_tightest(states), answer[-2] if tally is not None else None)


def charge_each(charges: list[tuple[Limit, str]]) -> Allowance | None:
    """Count one thing against limits of different keys, each by itself; return the tightest.

    `spend` counts by the first key it is given, so that one script reaches all counters; here each key counts
    wherever it is met: an address whatever token it comes with.
    """
    states = [spend([charge]).allowance for charge in charges]
    return _tightest([state for state in states if state is not None])


def _tightest(states: list[Allowance]) -> Allowance | None:
    """Return the one with least left; of several that are exceeded the one that stays so longest."""
    return min(
        states, key=lambda state: (not state.exceeded, state.remaining, -state.resets_at), default=None
    )


def give_back(limit: Limit, who: str) -> None:
    """Take back one count of a limit that was spent alone, if the window it was counted in is not over."""
    try:
        valkey.script("limits-back", _GIVE_BACK)([f"limit:{{{who}}}:{limit.name}:{who}"], [])
    except redis.RedisError as error:
        log.warning("Rate limits are not counted: %s", error)


def mark(name: str, seconds: int) -> bool:
    """Set a mark for a while; False if it is there already. Without an answer from Valkey it counts as new."""
    try:
        return bool(valkey.cache().set(f"mark:{name}", 1, nx=True, ex=seconds))
    except redis.RedisError as error:
        log.warning("A mark is not kept: %s", error)
        return True


def is_marked(name: str) -> bool:
    """Say whether a mark is there."""
    try:
        return bool(valkey.cache().exists(f"mark:{name}"))
    except redis.RedisError as error:
        log.warning("A mark cannot be looked for: %s", error)
        return False


def digest(name: str) -> str:
    """Return a key that does not tell what it stands for (an e-mail address, say) to whoever reads Valkey."""
    return salted_hmac("upscrolled.limits", name, algorithm="sha256").hexdigest()[:32]


@lru_cache(maxsize=8_192)
def address_block(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 of an IPv6 address."""
    return _network(address, 32, 64)


def wide_block(address: str) -> str:
    """Return the neighbourhood that one customer may move in: the /24 of an IPv4 address, the /48 of IPv6."""
    return _network(address, 24, 48)


def _network(address: str, fourth: int, sixth: int) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    prefix = fourth if parsed.version == 4 else sixth
    network = ipaddress.ip_network((parsed, prefix), strict=False)
    return str(parsed) if network.num_addresses == 1 else str(network)
