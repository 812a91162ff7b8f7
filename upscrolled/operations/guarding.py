"""How often a password may be tried and mails may be asked for, such that no stranger keeps an owner out.

What is tried for a name counts nearby, within a neighbourhood of addresses, and everywhere together. Whoever exhausts
the first stops themselves. Whoever exhausts the second, from many neighbourhoods, stops everybody but the devices that
have been signed in to the account before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from upscrolled import limits
from upscrolled.core import mailbox
from upscrolled.limits import Limit
from upscrolled.models import Account, SignInRecord
from upscrolled.origin import Origin

QUARTER, HOUR, DAY = 900, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Bounds:
    """At most so many for a name from one neighbourhood (None: counted elsewhere), and from all together.

    Mails count `by_mailbox`: the spellings that many providers deliver to one are one.
    """

    nearby: Limit | None
    everywhere: Limit
    by_mailbox: bool = False


GUESSES: Final = Bounds(
    None, Limit("guesses", 100, DAY)
)  # nearby: ACCOUNT_RATE_LIMITS, as for the second step
MAILS: Final = Bounds(Limit("mails-nearby", 5, QUARTER), Limit("mails", 20, HOUR), by_mailbox=True)


def count(bounds: Bounds, *, name: str, origin: Origin, trusted: bool = False) -> int:
    """Count one try for a name or address, whether anybody has it or not; return the seconds to wait, 0 to go on.

    `trusted` callers have shown otherwise that they are the owner, and are held to what is nearby only.
    """
    who = limits.digest(mailbox.canonical(name) if bounds.by_mailbox else name.lower())
    if bounds.nearby is not None:
        nearby = limits.spend([(bounds.nearby, f"{who}:{limits.wide_block(origin.address)}")]).allowance
        if nearby is not None and nearby.exceeded:
            return nearby.seconds_left
    everywhere = limits.spend([(bounds.everywhere, who)]).allowance
    if everywhere is None or not everywhere.exceeded or trusted or _has_signed_in(name, origin):
        return 0
    return everywhere.seconds_left


def forgive_guess(*, name: str) -> None:
    """Take back what was counted last: the password was right."""
    limits.give_back(GUESSES.everywhere, limits.digest(name.lower()))


def _has_signed_in(name: str, origin: Origin) -> bool:
    """Say whether the device has been signed in to the account of that name before; one statement for any name."""
    named = Account.objects.addressed(name) if "@" in name else Account.objects.called(name)
    return SignInRecord.objects.filter(
        account_id__in=named.values("pk"), kind="sign_in", device=origin.device
    ).exists()
