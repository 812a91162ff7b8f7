"""The replay from its first look at the product to the proof at the end."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec

from upscrolled.surge import report
from upscrolled.surge.http import Abandoned, Client
from upscrolled.surge.ledger import Ledger
from upscrolled.surge.mailbox import Mailbox
from upscrolled.surge.meter import Meter, Second
from upscrolled.surge.people import let_in
from upscrolled.surge.proof import Proof, prove
from upscrolled.surge.visits import World
from upscrolled.surge.wave import LOOKERS, READERS, VISITS, Wave

FIRST_PEOPLE = 12
CALIBRATION_SECONDS, AT_ONCE = 10.0, 16
OVER = 2.0  # the peak as a multiple of what the machine can do
CALM_WITHIN = 90.0
LAST_VISITS = 60.0  # seconds for those who are still here
FILES = 8_192


class NotReady(Exception):
    """The product cannot be replayed against; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person at the shell asked for. `peak` is visits a second, None to find it out."""

    url: str
    seconds: float
    peak: float | None
    seed: int
    mails: Path
    out: Path
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there is to report."""

    wave: Wave
    seconds: list[Second]
    unexpected: dict[str, int]
    proof: Proof
    calm_after: float | None
    latest: float


async def replay(asked: Asked) -> Outcome:
    """Do all of it; Ctrl-C ends the wave early. Raises NotReady, proof.Unanswered."""
    _allow_files()
    await _require(asked)
    world = _world(asked)
    async with _following(world):
        await _settle_first(world, asked)
        peak = asked.peak or OVER * await _capacity(world, asked)
        wave = Wave(asked.seconds, peak)
        asked.say(f"Replaying 14 days in {asked.seconds:.0f} s; at the highest {peak:.1f} visits a second.")
        world.meter.begin()
        latest = await _ride(world, wave, asked.say, over=_ended_by_hand(asked.say))
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        seconds, unexpected = world.meter.seconds[:-1], dict(world.meter.unexpected)
        calm_after = await _calm(world)
    asked.say("The wave is over. Asking for everything that was acknowledged …")
    proof = await prove(asked.url, world.ledger.people)
    return Outcome(wave, seconds, unexpected, proof, calm_after, latest)


def _world(asked: Asked) -> World:
    return World(
        url=asked.url,
        meter=Meter(),
        ledger=Ledger(),
        mailbox=Mailbox(asked.mails),
        seed=asked.seed,
        run=f"{int(time.time()) % 10**7:x}",
    )


def _allow_files() -> None:
    """Everybody holds a connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _require(asked: Asked) -> None:
    """See that the product is there, and that newcomers will count as different people."""
    if not asked.mails.parent.is_dir():
        raise NotReady(
            f"{asked.mails.parent} is not there: newcomers confirm their address by the mails that the worker prints. "
            "Start the product with `make up`, or name the file with --mails."
        )
    try:
        asked.out.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise _no_place(asked.out, why.strerror or "") from None
    if not os.access(asked.out, os.W_OK):
        raise _no_place(asked.out, "Permission denied")
    remaining = []
    try:
        for address in ("198.51.100.7", "198.51.100.7", "203.0.113.9"):
            client = Client(asked.url, address=address)
            answer = await client.ask("GET", "/api/v1/timelines/public?limit=1")
            await client.close()
            remaining.append(int(answer.headers.get("x-ratelimit-remaining", -1)))
    except Abandoned as why:
        raise NotReady(f"{asked.url} does not answer ({why}); start the product first: make up") from None
    if -1 not in remaining and remaining[2] < remaining[1]:
        raise NotReady(
            "All newcomers would count as one address and meet its limit. Start the product so that it believes "
            "the addresses we name, as it believes a proxy: TRUSTED_PROXIES=127.0.0.1 make up"
        )


def _no_place(directory: Path, why: str) -> NotReady:
    return NotReady(f"The plots cannot be written to {directory} ({why}); name another directory with --out.")


@asynccontextmanager
async def _following(world: World) -> AsyncIterator[None]:
    """Read mails and the product's own state meanwhile."""
    tasks = [asyncio.create_task(world.mailbox.follow()), asyncio.create_task(_watch(world))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        world.mailbox.close()


async def _watch(world: World) -> None:
    """Look at the product's state once a second; its processes answer by turns, so the level is the last one's."""
    while True:
        client = Client(world.url, address="192.0.2.1", patience=3.0)
        try:
            answer = await client.ask("GET", "/health/ready")
            state = msgspec.json.decode(answer.body, type=_State)
            world.meter.now.level = state.shedding.level
            world.meter.now.ages = {
                name: waiting.oldest_seconds or 0.0 for name, waiting in (state.queues | state.owed).items()
            }
        except (Abandoned, msgspec.DecodeError):
            pass  # the figures of the last look stand
        finally:
            await client.close()
        await asyncio.sleep(1)


class _Waiting(msgspec.Struct):
    waiting: int
    oldest_seconds: float | None


class _Shedding(msgspec.Struct):
    level: float


class _State(msgspec.Struct):
    queues: dict[str, _Waiting]
    owed: dict[str, _Waiting]
    shedding: _Shedding


async def _settle_first(world: World, asked: Asked) -> None:
    """Let some people sign up, a few at a time, so that somebody can come back from the first second on."""
    for first in range(0, FIRST_PEOPLE, 4):
        await asyncio.gather(*(let_in(world, "newcomer", f"first {first + n}") for n in range(4)))
    confirmed = sum(person.is_confirmed for person in world.ledger.people)
    asked.say(f"{confirmed} of {FIRST_PEOPLE} first people signed up and confirmed their address.")
    if not confirmed:
        why = ", ".join(f"{what} ({n})" for what, n in world.meter.unexpected.most_common(3)) or "refused"
        raise NotReady(f"Nobody can sign up here: {why}. Are registrations open, and does a worker run?")


async def _capacity(world: World, asked: Asked) -> float:
    """Return the visits a second that the machine manages when nobody comes before another has gone."""
    ends, done = time.monotonic() + CALIBRATION_SECONDS, 0
    world.hurry = True
    whos = ["newcomer"] + ["reader"] * READERS + ["looker"] * LOOKERS

    async def come_and_go(number: int) -> None:
        nonlocal done
        while time.monotonic() < ends:
            await let_in(world, whos[(number + done) % VISITS], f"hurry {number} {done}")
            done += 1

    begun = time.monotonic()
    await asyncio.gather(*(come_and_go(number) for number in range(AT_ONCE)))
    world.hurry = False
    capacity = done / (time.monotonic() - begun)
    asked.say(
        f"The machine manages about {capacity:.1f} visits a second ({done} in {CALIBRATION_SECONDS:.0f} s)."
    )
    return capacity


def _ended_by_hand(say: Callable[[str], None]) -> asyncio.Event:
    """Return what Ctrl-C sets from now on: the wave ends, and is reported and proved. A second one ends everything."""
    over, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        say("Nobody comes any more. Ctrl-C again stops at once, without figures and without the proof.")
        over.set()

    loop.add_signal_handler(signal.SIGINT, end)
    return over


async def _ride(world: World, wave: Wave, say: Callable[[str], None], *, over: asyncio.Event) -> float:
    """Let them all come, each at their moment, whatever became of those before; nobody once it is over.

    Return by how many seconds somebody came too late at the most: above one, this client was the bottleneck.
    """
    running: set[asyncio.Task[None]] = set()
    telling, latest = asyncio.create_task(_tell_on(world, wave, say)), 0.0
    for number, (at, who) in enumerate(wave.arrivals(Random(world.seed))):
        if await _is_set(over, within=at - world.meter.elapsed):
            break
        latest = max(latest, world.meter.elapsed - at)
        world.meter.now.arrivals += 1
        task = asyncio.create_task(let_in(world, who, str(number)))
        running.add(task)
        task.add_done_callback(running.discard)
    if running:
        await asyncio.wait(running, timeout=LAST_VISITS)
    telling.cancel()
    return latest


async def _is_set(event: asyncio.Event, *, within: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(max(within, 0.0)):
            await event.wait()
    return event.is_set()


async def _tell_on(world: World, wave: Wave, say: Callable[[str], None]) -> None:
    """Say a line for each second that is over."""
    told = 0
    while True:
        await asyncio.sleep(0.2)
        while told < len(world.meter.seconds) - 1:
            say(report.line(world.meter.seconds[told], wave))
            told += 1


async def _calm(world: World) -> float | None:
    """Wait until nothing is refused and nothing waits any more; return the seconds it took, None if it did not."""
    begun = time.monotonic()
    while time.monotonic() - begun < CALM_WITHIN:
        state = world.meter.now
        if state.level == 0.0 and all(age < 1.0 for age in state.ages.values()):
            return time.monotonic() - begun
        await asyncio.sleep(0.5)
    return None
