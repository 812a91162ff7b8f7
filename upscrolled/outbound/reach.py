"""How far a request of ours may go. Addresses come from strangers, so everything is forbidden that is not public.

`ssrfguard` knows the tables: loopback, private and shared ranges, link-local and metadata addresses, multicast,
and what is wrapped in IPv6 forms of them. It looks a name up once, judges every answer, and connects to one it has
judged, so that a name which changes its mind meanwhile changes nothing.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any, Final

from ssrfguard import DEFAULT_DENIED, REGISTRY_SNAPSHOT, AddressTable, Block, BlockedURLError, Policy, Target
from ssrfguard import Reach as Verdict

PORTS: Final = frozenset({80, 443})
ATTEMPTS: Final = 2  # addresses of one name that are tried
Resolver = Callable[..., list[Any]]

# Names that no public zone has (RFC 6761, 6762, 7686, 8375; ICANN's .internal), as those of one word.
_INSIDE: Final = frozenset({"localhost", "local", "internal", "lan", "home", "corp", "onion", "arpa"})
# Public by the registries, and yet a cloud's own: what answers there is the host of our virtual machine.
_INNER: Final = (("168.63.129.16/32", "Azure's platform address"),)
_DENIED: Final = AddressTable(
    (
        *DEFAULT_DENIED.blocks,
        *(Block(ip_network(network), name, "", Verdict.DENIED) for network, name in _INNER),
    ),
    snapshot=REGISTRY_SNAPSHOT,
)


@dataclass(frozen=True)
class Reach:
    """What may be asked: the public internet on some ports.

    `allowed` are networks that may be reached although they are not public, and `resolver` looks names up in place
    of the system. Both are arguments for tests with a server of their own: no setting fills them.
    """

    ports: frozenset[int] = PORTS
    allowed: tuple[str, ...] = ()
    resolver: Resolver | None = None
    policy: Policy = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Make the policy once."""
        policy = Policy(
            allowed_ports=self.ports,
            denied_networks=_DENIED,
            allowed_networks=self.allowed,  # type: ignore[arg-type]  # it takes texts too
            max_connection_attempts=ATTEMPTS,
            max_url_length=2_048,
        )
        object.__setattr__(self, "policy", policy)

    def judge(self, url: str) -> Target:
        """Return whom an address names, as far as that can be told without looking it up. Raises BlockedURLError."""
        target = self.policy.check_url(url)
        last = target.host.rstrip(".").rpartition(".")
        if target.address is None and (not last[0] or last[2] in _INSIDE):
            raise BlockedURLError(url[:200], f"{target.host} is a name for the inside of a network")
        return target

    def look_up(self, seconds: float) -> Resolver:
        """Return a resolver that gives up after so many seconds; the system's own has no limit.

        Its thread ends by itself when the system's patience does.
        """
        resolve: Resolver = self.resolver or socket.getaddrinfo

        def within(*args: Any) -> list[Any]:
            found: list[list[Any] | Exception] = []
            lookup = threading.Thread(target=_note, args=(found, resolve, args), daemon=True)
            lookup.start()
            lookup.join(seconds)
            if not found:
                raise TimeoutError(f"The name is not resolved after {seconds:.1f} seconds")
            if isinstance(found[0], Exception):
                raise found[0]
            return found[0]

        return within


def _note(found: list[list[Any] | Exception], resolve: Resolver, args: Iterable[Any]) -> None:
    try:
        found.append(resolve(*args))
    except Exception as error:
        found.append(error)
