"""`manage.py discover_simulate`: what constants do to a day of discover, synthetic or real, in figures and as a
plot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string

from feed import plots
from feed.queries import pools as published
from feed.ranking import simulation
from feed.ranking.formula import NEWEST, VERSIONS, Weights
from feed.ranking.pool import Pool
from feed.ranking.simulation import Outcome
from upscrolled.core.errors import NotFound

ROWS = (
    ("variety", "different posts in 20 refreshes of 40 posts", "{:.0f}"),
    ("median_age_hours", "median age of what is shown, hours", "{:.1f}"),
    ("median_tickets", "median tickets of what is shown", "{:.0f}"),
    ("gini_posts", "Gini over posts", "{:.3f}"),
    ("gini_authors", "Gini over authors", "{:.3f}"),
    ("fresh_slots", "share of slots of the fresh lane", "{:.3f}"),
    ("fresh_seen", "chance of a new and quiet post to be seen", "{:.3f}"),
)


class Command(BaseCommand):
    """Replay a day under the constants in force, and under others if some are named."""

    help = "Replay a day of discover: --set temperature=0.5 --set half_life_ms=43200000 compares other constants."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the day and the constants."""
        parser.add_argument(
            "--real", action="store_true", help="the pools that were published, not a synthetic day"
        )
        parser.add_argument("--posts", type=int, default=100_000, help="posts of the synthetic day")
        parser.add_argument("--every", type=int, default=4, help="hours between two pools")
        parser.add_argument("--readers", type=int, default=10, help="readers at each pool")
        parser.add_argument("--seed", type=int, default=1, help="of the synthetic day")
        parser.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE", help="another constant"
        )
        parser.add_argument("--svg", type=Path, help="write the plots into this file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the figures; write the plots if asked to."""
        other = _changed(options["set"])
        pools = list(_real(options["every"]) if options["real"] else _synthetic(options))
        if not any(len(pool) for pool in pools):
            raise CommandError("There is no pool with posts in it to replay.")
        found = {"in force": _replayed(pools, VERSIONS.get(pools[0].version, NEWEST), options["readers"])}
        if other is not None:
            found["changed"] = _replayed(pools, other, options["readers"])
        self.stdout.write(f"{len(pools)} pools, {found['in force'].slots} slots.")
        self.stdout.write(f"{'':<46}" + "".join(f"{name:>12}" for name in found))
        for name, title, form in ROWS:
            values = "".join(f"{form.format(asdict(one)[name]):>12}" for one in found.values())
            self.stdout.write(f"{title:<46}{values}")
        if options["svg"]:
            options["svg"].write_text(_drawn(found), encoding="utf-8")


def _replayed(pools: list[Pool], weights: Weights, readers: int) -> Outcome:
    return simulation.outcome(
        [pool if pool.version == weights.version else simulation.reweighed(pool, weights) for pool in pools],
        weights,
        readers=readers,
    )


def _synthetic(options: dict[str, Any]) -> Iterator[Pool]:
    return simulation.synthetic_day(
        posts=options["posts"],
        authors=max(options["posts"] // 5, 1),
        hours=48,
        every_hours=options["every"],
        seed=options["seed"],
    )


def _real(every_hours: int) -> Iterator[Pool]:
    """Of the pools that are kept, one in so many hours."""
    last_ms = None
    for facts, _row in published.listed(published.ALL, below=None, limit=100_000):
        if last_ms is None or last_ms - facts.epoch_ms >= every_hours * simulation.HOUR_MS:
            try:
                yield published.pool(facts.digest.hex())
            except NotFound:  # swept meanwhile
                continue
            last_ms = facts.epoch_ms


def _changed(named: list[str]) -> Weights | None:
    constants: dict[str, float] = {}
    for text in named:
        name, _, value = text.partition("=")
        if name not in NEWEST.constants():
            raise CommandError(f"There is no constant {name!r}; there are {', '.join(NEWEST.constants())}.")
        kind = type(NEWEST.constants()[name])
        try:
            constants[name] = kind(value)
        except ValueError:
            raise CommandError(
                f"{name} must be a number of the kind {kind.__name__}, not {value!r}."
            ) from None
    try:
        return simulation.changed(NEWEST, **constants) if constants else None
    except ValueError as error:
        raise CommandError(str(error)) from None


def _drawn(found: dict[str, Outcome]) -> str:
    labels = list(found)
    made = []
    for name, title, form in ROWS:
        values = [float(asdict(one)[name]) for one in found.values()]
        made.append(plots.bars(title, labels, values, texts=[form.format(value) for value in values]))
    return render_to_string("feed/plots.svg", {"plots": plots.stacked(made)})
