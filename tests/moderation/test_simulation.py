"""The overload, small: it is the product's own order that is measured, and it has to be worth its name."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from moderation import overload, simulation, triage
from moderation.management.commands import moderation_simulate
from moderation.overload import World
from moderation.simulation import ORDERS, Case, Desk


def test_the_same_seed_is_the_same_world() -> None:
    first, again = overload.world(1, 300), overload.world(1, 300)
    assert (first.posts, first.reports) == (again.posts, again.reports)
    assert [report.at for report in first.reports] == sorted(report.at for report in first.reports)
    assert overload.world(2, 300).posts != first.posts


def test_our_order_prevents_most_and_a_brigade_gets_little() -> None:
    worlds = [overload.world(seed, 1_500) for seed in range(4)]
    found = {
        name: [simulation.run(world, order, share=0.2) for world in worlds] for name, order in ORDERS.items()
    }
    prevented = {name: sum(one.prevented for one in each) for name, each in found.items()}
    brigaded = {name: sum(one.brigaded for one in each) for name, each in found.items()}

    assert prevented["ours"] >= 3 * prevented["FIFO"]
    assert prevented["oracle"] == max(prevented.values())
    assert prevented["ours"] == max(worth for name, worth in prevented.items() if name != "oracle")
    assert brigaded["ours"] < brigaded["most reports"] / 2
    together = sum(simulation.run(one, ORDERS["ours"], share=0.2, together=True).prevented for one in worlds)
    assert together > prevented["ours"]


def test_it_is_the_order_of_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    world = overload.world(1, 200)
    desk = Desk(world, 0)
    desk.admit(overload.HORIZON)
    waiting = list(desk.open.values())
    assert len(waiting) > 5
    asked: list[triage.Factors] = []
    place = triage.place
    monkeypatch.setattr(
        triage, "place", lambda lane, found, due: asked.append(found) or place(lane, found, due)
    )

    order = sorted(waiting, key=lambda case: simulation.ours(desk, case, 5_000))

    assert len(asked) == len(waiting)
    assert order != sorted(waiting, key=lambda case: case.opened)


def test_a_decided_case_is_weighed_with_its_reporters_and_not_opened_again() -> None:
    posts = [overload.Post(n, 0.0, "spam" * (n == 0), 100.0, 1.0, "", 1.0, False) for n in range(2)]
    reports = [overload.Report(float(at), post, 7, "spam") for at, post in ((1, 0), (2, 1), (9, 0))]
    desk = Desk(World(posts, reports), 0)
    desk.admit(5)
    case: Case = desk.open[0]
    fresh = desk.probability(desk.open[1])
    desk.decide(case)
    desk.open[1].probability = None
    desk.admit(10)
    assert list(desk.open) == [1]
    assert desk.probability(desk.open[1]) > fresh


def test_the_command_tells_every_order_and_fails_when_ours_is_not_worth_it(tmp_path, monkeypatch) -> None:
    said, plot = StringIO(), tmp_path / "plot.svg"
    options = {"seeds": 2, "posts": 300, "shares": [20], "svg": plot}
    monkeypatch.setattr(moderation_simulate, "TIMES", 0.0)
    call_command("moderation_simulate", stdout=said, **options)
    assert all(f"| {name} |" in said.getvalue() for name in ORDERS)
    assert plot.read_text().count("<rect") == len(ORDERS) + 2

    monkeypatch.setattr(moderation_simulate, "TIMES", 1e9)
    with pytest.raises(CommandError, match="times at least"):
        call_command("moderation_simulate", stdout=said, **options)
