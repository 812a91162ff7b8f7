"""What the children say arrives whole on the console, and in files that do not grow for ever."""

from __future__ import annotations

import io
from pathlib import Path

from upscrolled.dev.output import Console, Journal


def test_lines_are_put_together_however_they_arrive(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "web.log")

    whole = "one\ntwo\nغ\nlast".encode()
    arrived = [journal.feed(part) for part in (whole[:6], whole[6:9], whole[9:])]

    assert arrived == [["one"], ["two"], ["غ"]]
    assert journal.feed(b"") == ["last"], "the end of the output ends the line"
    assert (tmp_path / "web.log").read_text() == "one\ntwo\nغ\nlast"
    journal.close()


def test_a_log_keeps_its_size(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "web.log", limit=1_000)

    for number in range(1_000):
        journal.feed(f"line {number}\n".encode())
    journal.close()

    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) <= 2
    assert all(size < 1_100 for size in sizes)
    assert journal.last[-1] == "line 999"


def test_a_log_that_cannot_be_written_still_passes_its_lines_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "no" / "such" / "directory.log")

    assert journal.feed(b"heard\n") == ["heard"]


def test_console_lines_carry_the_name(tmp_path: Path) -> None:
    stream = io.StringIO()
    console = Console(stream)

    console.line("web", "hello")
    console.line("streaming", "hello")

    assert stream.getvalue() == "web       | hello\nstreaming | hello\n"
