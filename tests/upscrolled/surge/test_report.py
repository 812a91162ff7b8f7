"""What a replay says: figures by stretches, and plots that a browser can draw."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from upscrolled.surge import report
from upscrolled.surge.meter import Meter, Second, percentile
from upscrolled.surge.plot import Line, chart
from upscrolled.surge.wave import Wave


def second(at: int, *, answered: int = 0, shed: int = 0, ms: float = 10.0) -> Second:
    """A second with requests of the class `extra`."""
    made = Second(at, arrivals=3)
    made.sent["extra"] = answered + shed
    made.answered["extra"], made.shed["extra"] = answered, shed
    made.latencies["extra"] = [ms] * answered
    return made


def test_answers_are_told_apart_from_refusals_limits_and_faults() -> None:
    meter = Meter()

    for status in (200, 302, 422, 503, 429, 500, 401):
        meter.count("home", "core", status, 12.0)
    meter.abandon("like", "writing", "TimeoutError")

    now = meter.now
    assert (now.answered["core"], now.shed["core"], now.limited, now.failed) == (3, 1, 1, 2)
    assert now.abandoned["writing"] == 1
    assert now.latencies["core"] == [12.0] * 3
    assert meter.unexpected == {"home 500": 1, "home 401": 1, "like TimeoutError": 1}


def test_a_row_says_which_share_of_a_class_was_refused() -> None:
    seconds = [second(at, answered=10) for at in range(115)] + [
        second(at, answered=5, shed=15) for at in range(115, 140)
    ]

    rows = report.table(seconds, Wave(140, 10)).splitlines()

    assert [row.split("  ")[0] for row in rows[1:]] == [
        "day 0 to 7",
        "day 7 to 11.5",
        "day 11.5 to 14",
        "afterwards",
        "all",
    ]
    assert " 0% " in rows[1]
    assert " 75% " in rows[3]


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 51), (0.99, 100), (1.0, 100)])
def test_percentiles(share: float, value: float) -> None:
    assert percentile(list(range(1, 101)), share) == value
    assert percentile([], share) == 0.0


def test_everything_is_written_and_can_be_drawn(tmp_path: Path) -> None:
    seconds = [second(at, answered=at, shed=at // 2, ms=float(at + 1)) for at in range(60)]

    written = report.write(seconds, Wave(50, 10), tmp_path / "new")

    assert {path.suffix for path in written} == {".svg", ".csv"}
    assert len(written[-1].read_text().splitlines()) == 61
    for path in written[:-1]:
        root = ElementTree.fromstring(path.read_text())
        assert root.tag.endswith("svg")
        assert "nan" not in path.read_text()


def test_a_line_stands_inside_its_paper_and_leaves_gaps_open() -> None:
    svg = chart("A < B", "ms", [Line("wait", [1.0, None, 1_000.0, 40_000.0])], is_log=True)

    root = ElementTree.fromstring(svg)
    path = next(one.get("d") for one in root if one.get("class") == "line")
    assert path is not None
    assert path.count("M") == 2, "the gap"
    ys = [float(step.split(" ")[1]) for step in path.replace("L", "M").split("M")[1:]]
    assert all(46 <= y <= 260 for y in ys)
    assert ys == sorted(ys, reverse=True)


@pytest.mark.parametrize("values", [[], [0.0], [0.0, 0.0], [1e-6, 2e-6], [5e7]])
def test_any_values_can_be_drawn(values: list[float]) -> None:
    for is_log in (False, True):
        ElementTree.fromstring(chart("x", "y", [Line("z", values)], is_log=is_log))
