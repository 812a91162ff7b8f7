"""`manage.py moderation_simulate`: what the order of the queue is worth when there is too little time for all of it."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string

from feed import plots
from moderation import overload, simulation
from moderation.simulation import ORDERS, Outcome

TIMES: Final = 3.0  # what ours prevents, in terms of first in, first out, at the least time of all
OURS, FIFO, WITH_COPIES = "ours", "FIFO", ", copies"
_COLUMNS: Final = (
    ("prevented", "harm prevented"),
    ("brigaded", "brigaded posts reviewed"),
    ("precision", "reviews that found something"),
)


class Command(BaseCommand):
    """Put the same overload into every order, some worlds each, and tell all of them, the losing ones too."""

    help = (
        "Simulate an overload of moderators: the order of the queue beside others, in figures and as a plot."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the worlds and the time there is."""
        parser.add_argument("--seeds", type=int, default=16, help="worlds")
        parser.add_argument("--posts", type=int, default=3_700, help="posts of a world, in four days")
        parser.add_argument(
            "--shares",
            type=int,
            nargs="+",
            default=[20, 50, 125],
            metavar="PERCENT",
            help="of the time needed",
        )
        parser.add_argument("--svg", type=Path, help="write the plot into this file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a table for each share of the time. Fails if ours is not worth `TIMES` as much as the oldest first."""
        if options["seeds"] < 1 or options["posts"] < 1 or min(options["shares"]) < 1:
            raise CommandError("Seeds, posts and shares are numbers from 1.")
        worlds = [overload.world(seed, options["posts"]) for seed in range(options["seeds"])]
        found = {share: _outcomes(worlds, share / 100) for share in sorted(options["shares"])}
        for share, outcomes in found.items():
            self.stdout.write(
                f"\n{share} % of the time that all reported posts need, {len(worlds)} worlds:\n"
            )
            self.stdout.write(_table(outcomes))
        if options["svg"]:
            options["svg"].write_text(_drawn(found), encoding="utf-8")
        least = found[min(found)]
        times = _mean(least["ours"], "prevented") / max(1e-9, _mean(least["FIFO"], "prevented"))
        self.stdout.write(f"\nOurs prevents {times:.1f} times what FIFO does at {min(found)} %.")
        if times < TIMES:
            raise CommandError(f"It has to be {TIMES:g} times at least.")


def _outcomes(worlds: list[overload.World], share: float) -> dict[str, list[Outcome]]:
    """Every order with a case for each post, and two of them with near copies as one case too."""
    found = {name: _runs(worlds, name, share, together=False) for name in ORDERS}
    return found | {
        f"{name}{WITH_COPIES}": _runs(worlds, name, share, together=True) for name in (OURS, FIFO)
    }


def _runs(worlds: list[overload.World], name: str, share: float, *, together: bool) -> list[Outcome]:
    return [
        simulation.run(world, ORDERS[name], share=share, seed=seed, together=together)
        for seed, world in enumerate(worlds)
    ]


def _table(outcomes: dict[str, list[Outcome]]) -> str:
    lines = ["| order | " + " | ".join(title for _, title in _COLUMNS) + " | median minutes to a decision |"]
    lines.append("|---" * (len(_COLUMNS) + 2) + "|")
    for name, each in outcomes.items():
        cells = [_share(each, column) for column, _ in _COLUMNS]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {_mean(each, 'minutes'):.0f} |")
    return "\n".join(lines)


def _share(each: list[Outcome], column: str) -> str:
    """In percent, with the standard error of the mean where there are several worlds."""
    values = [100 * getattr(one, column) for one in each]
    error = f" ± {stdev(values) / len(values) ** 0.5:.1f}" if len(values) > 1 else ""
    return f"{fmean(values):.1f}{error}"


def _mean(each: list[Outcome], column: str) -> float:
    return fmean(getattr(one, column) for one in each)


def _drawn(found: dict[int, dict[str, list[Outcome]]]) -> str:
    made = [
        plots.bars(
            f"Harm prevented with {share} % of the time that all reports need",
            list(outcomes),
            [_mean(each, "prevented") for each in outcomes.values()],
        )
        for share, outcomes in found.items()
    ]
    return render_to_string("feed/plots.svg", {"plots": plots.stacked(made)})
