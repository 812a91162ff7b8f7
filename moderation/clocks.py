"""Kinds of orders, each with the law it stands on, the time that it leaves, and how far it reaches. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

EU: Final = (
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
)


@dataclass(frozen=True, slots=True)
class OrderKind:
    """A kind of order; without a `within`, whoever enters it says until when, and without a `law`, which one."""

    key: str
    law: str = ""
    within: timedelta | None = None
    countries: tuple[str, ...] = ()
    lane: str = "order"
    policy: str = "illegal"


ORDERS: Final[dict[str, OrderKind]] = {
    kind.key: kind
    for kind in (
        OrderKind(
            "eu_terrorist", "Regulation (EU) 2021/784, Article 3", timedelta(hours=1), EU, policy="terror"
        ),
        OrderKind(
            "au_removal", "Online Safety Act 2021 (Australia), section 109", timedelta(hours=24), ("AU",)
        ),
        OrderKind(
            "us_intimate",
            "TAKE IT DOWN Act (United States), section 3",
            timedelta(hours=48),
            lane="intimate",
            policy="intimate",
        ),
        OrderKind("court"),
        OrderKind("other"),
    )
}
# How long the law has evidence kept: Regulation (EU) 2021/784, Article 6; 18 USC 2258A(h).
# An order of an authority has the end that it names, within a year and a day; one that goes on is placed again.
HELD_AT_MOST: Final = timedelta(days=366)
HOLDS: Final[dict[str, timedelta | None]] = {
    "eu_terrorist": timedelta(days=184),
    "us_child_abuse": timedelta(days=365),
    "authority": None,
}
