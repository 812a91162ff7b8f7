"""The walls around decoders, tried from inside; and what becomes of a child whatever happens."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import children, has_ended, until
from upscrolled.media.photo import kinds, probe, renditions, workshop
from upscrolled.media.photo.limits import Limits
from upscrolled.media.refusals import Broken, Reason, Refused

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")
ROOT = str(Path(__file__).parents[4])

# A child that does what a decoder taken over would, instead of reading: `work` is a function body.
_TAKEN_OVER = """
import sys
sys.path.append(sys.argv[1])
import ctypes, errno, os, signal, socket, subprocess, time
from upscrolled.media.photo import cell
def work(order):
    tried = {{}}
    def attempt(name, what):
        try:
            tried[name] = repr(what())
        except BaseException as error:
            tried[name] = type(error).__name__
{body}
    return {{"made": tried}}
cell._done = work
cell.main(int(sys.argv[2]))
"""


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No process of another test's, and none left to the next."""
    workshop.close()
    yield
    workshop.close()


@pytest.fixture
def taken_over(monkeypatch, pictures) -> Callable[..., dict[str, Any]]:
    """taken_over("attempt('read', lambda: open('/etc/passwd'))"): what came of it."""

    def run(body: str, limits: Limits | None = None) -> dict[str, Any]:
        indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
        monkeypatch.setattr(workshop, "_CELL", _TAKEN_OVER.format(body=indented))
        with open(pictures["photo.jpg"], "rb") as file:
            return workshop.do("look", kinds.JPEG, [file.fileno()], limits or Limits(), dict).made

    return run


@on_linux
def test_all_walls_stand_here(pictures):
    with open(pictures["photo.jpg"], "rb") as file:
        done = workshop.do("look", kinds.JPEG, [file.fileno()], Limits(), dict)

    assert done.walls >= {"death", "rights", "files", "sockets"}


@on_linux
def test_a_decoder_taken_over_reaches_nothing(taken_over, tmp_path):
    (tmp_path / "canary").write_text("sings")

    tried = taken_over(f"""
attempt("passwd", lambda: open("/etc/passwd").read())
attempt("canary", lambda: open({str(tmp_path / "canary")!r}).read())
attempt("write", lambda: open({str(tmp_path / "written")!r}, "w"))
attempt("list", lambda: os.listdir("/"))
attempt("unlink", lambda: os.unlink({str(tmp_path / "canary")!r}))
attempt("socket", lambda: socket.socket(socket.AF_INET))
attempt("unix", lambda: socket.socket(socket.AF_UNIX))
attempt("program", lambda: os.execv("/bin/true", ["true"]))
attempt("started", lambda: subprocess.run(["/bin/true"]))
attempt("kill", lambda: os.kill(os.getppid(), signal.SIGKILL))
attempt("memory", lambda: open(f"/proc/{{os.getppid()}}/mem", "rb"))
""")

    assert tried == dict.fromkeys(tried, "PermissionError")
    assert [each.name for each in tmp_path.iterdir()] == ["canary"]


@on_linux
def test_a_child_holds_its_own_files_and_nothing_of_the_site(taken_over, monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "canary")

    with open(tmp_path / "the_sites_own", "wb"):
        tried = taken_over("""
def held():
    return [number for number in range(200) if _is_open(number)]
def _is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
attempt("held", held)
attempt("environment", lambda: dict(os.environ))
attempt("cwd", lambda: len(sys.argv))
""")

    assert tried["held"] == "[10, 14]"
    assert set(eval(tried["environment"])) <= {*workshop._ENVIRONMENT, "LC_CTYPE"}


def test_what_uses_the_processor_for_too_long_is_ended(taken_over):
    with pytest.raises(Refused, match="longer than 1 seconds of processor time") as refused:
        taken_over("while True: pass", Limits(cpu_seconds=1))

    assert refused.value.reason == Reason.COST


def test_what_waits_for_too_long_is_ended(taken_over):
    with pytest.raises(Refused, match="longer than 1 seconds to read") as refused:
        taken_over("time.sleep(3600)", Limits(seconds=1.0))

    assert refused.value.reason == Reason.COST


def test_what_takes_too_much_memory_fails_alone(taken_over):
    tried = taken_over('attempt("much", lambda: len(bytes(1 << 30)))', Limits(memory=900 << 20))

    assert tried == {"much": "MemoryError"}


@pytest.mark.parametrize("body", ["ctypes.string_at(8)", "os.abort()"])
def test_a_crash_is_the_files_fault_and_the_next_one_meets_another_process(
    taken_over, pictures, monkeypatch, body
):
    real = workshop._CELL
    with pytest.raises(Refused, match="sudden end") as refused:
        taken_over(body)
    assert refused.value.reason == Reason.UNREADABLE
    assert workshop._idle == []

    monkeypatch.setattr(workshop, "_CELL", real)
    assert probe.look(pictures["photo.jpg"], limits=Limits()).width == 480


@pytest.mark.parametrize(
    "answer",
    ['{"made": {"width": -1, "height": 2, "turned": 1, "moves": False}}', '{"made": [1]}', "{}", "None"],
)
def test_what_a_child_says_is_not_believed(monkeypatch, pictures, answer):
    monkeypatch.setattr(workshop, "_CELL", _TAKEN_OVER.format(body=f"    tried = {answer}\n    return tried"))
    with pytest.raises(Broken):
        probe.look(pictures["photo.jpg"], limits=Limits())


def test_one_process_serves_many_pictures(pictures):
    for _ in range(3):
        probe.look(pictures["photo.jpg"], limits=Limits())

    (process,) = workshop._idle
    assert process.asked == 3


def test_a_process_ends_after_its_share_of_pictures(pictures, monkeypatch):
    monkeypatch.setattr(workshop, "_PICTURES_MAX", 2)
    probe.look(pictures["photo.jpg"], limits=Limits())
    (process,) = workshop._idle
    probe.look(pictures["photo.jpg"], limits=Limits())

    assert workshop._idle == []
    assert process.process.returncode == 0


def test_threads_have_a_process_each_while_they_work(pictures, tmp_path):
    made, path = [], pictures["photo.heic"]

    def work(number: int) -> None:
        facts = probe.look(path, limits=Limits())
        made.append(renditions.make(path, tmp_path / str(number), facts, limits=Limits()))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 4
    assert 1 <= len(workshop._idle) <= 4


@on_linux
def test_a_process_that_was_killed_is_replaced(pictures):
    probe.look(pictures["photo.jpg"], limits=Limits())
    (process,) = workshop._idle
    process.process.kill()
    process.process.wait()

    assert probe.look(pictures["photo.jpg"], limits=Limits()).width == 480


@on_linux
@pytest.mark.parametrize("of", ["the waiting process", "the child"])
def test_a_kill_in_the_middle_is_not_the_files_fault(taken_over, of):
    killed, before = [], set(children(os.getpid()))

    def at_work() -> list[tuple[int, int]]:
        begun = set(children(os.getpid())) - before
        return [(process, child) for process in begun for child in children(process)]

    def kill() -> None:
        ((process, child),) = until(at_work)
        killed.append(process if of == "the waiting process" else child)
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(Broken):
        taken_over("time.sleep(3600)")
    thread.join()

    assert len(killed) == 1
    assert set(children(os.getpid())) <= before


@on_linux
def test_a_worker_killed_outright_leaves_neither_process(pictures):
    worker = f"""
import sys
from upscrolled.media.photo import kinds, workshop
from upscrolled.media.photo.limits import Limits
workshop._CELL = {_TAKEN_OVER.format(body="    time.sleep(3600)")!r}
with open({str(pictures["photo.jpg"])!r}, "rb") as file:
    workshop.do("look", kinds.JPEG, [file.fileno()], Limits(), dict)
"""
    process = subprocess.Popen([sys.executable, "-c", worker], env={"PYTHONPATH": ROOT})

    def at_work() -> list[int]:
        return [each for child in children(process.pid) for each in (child, *children(child))]

    both = until(at_work, lambda found: len(found) == 2)

    process.send_signal(signal.SIGKILL)
    process.wait()

    until(lambda: all(map(has_ended, both)))


@on_linux
def test_a_fork_of_a_worker_does_not_keep_its_process_alive(pictures):
    probe.look(pictures["photo.jpg"], limits=Limits())
    (process,) = workshop._idle
    here, there = os.pipe()
    if (fork := os.fork()) == 0:
        os.close(there)
        os.read(here, 1)
        os._exit(0)
    try:
        workshop.close()
        assert process.process.returncode == 0
    finally:
        os.close(there)
        os.waitpid(fork, 0)
        os.close(here)


@on_linux
def test_no_descriptor_and_no_process_is_left(pictures):
    gc.collect()  # what tests before this one have left is closed now, and not in between
    files, processes = len(os.listdir("/dev/fd")), set(children(os.getpid()))
    probe.look(pictures["photo.jpg"], limits=Limits())
    with pytest.raises(Refused):
        probe.look(pictures["photo.png"], limits=Limits(pixels_max=1))
    workshop.close()

    assert len(os.listdir("/dev/fd")) <= files
    assert set(children(os.getpid())) <= processes
