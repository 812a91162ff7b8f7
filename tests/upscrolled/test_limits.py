"""Published limits: which of several one is told of."""

from __future__ import annotations

from upscrolled import limits
from upscrolled.limits import Limit


def test_of_two_limits_that_are_passed_one_is_told_of_the_longer() -> None:
    charges = [(Limit("brief", 1, 60), "dave"), (Limit("long", 1, 600), "dave")]
    limits.spend(charges)

    told = limits.spend(charges).allowance

    assert told is not None
    assert told.exceeded
    assert 60 < told.seconds_left <= 600
    each = limits.charge_each(charges)
    assert each is not None
    assert 60 < each.seconds_left <= 600
