"""How many small photos a second the web processes take in, and what one costs until it is answered 202.

The product runs on a scratch directory with its workers held: what is made of the photos afterwards is measured apart.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from tests.benchmarks import cpu, load, world
from tests.benchmarks.cost import say
from tests.benchmarks.load import Request
from tests.benchmarks.stack import ANSWERING, Stack
from tests.upscrolled.media.photo.pictures import photo

CONNECTIONS = 8
_WARM = 40
_EACH_AT_MOST = 60  # photos of one person: below what is limited


@dataclass(frozen=True, slots=True)
class Sent:
    """Photos of so many bytes: how many a second, milliseconds of CPU for one, and of which part."""

    bytes: int
    connections: int
    rate: float
    cpu_ms: float
    parts: str


def report(count: int) -> Sent:
    """Send so many photos, say what it took, and return it."""
    data = _small()
    with Stack() as stack:
        stack.manage("demo", "--world", "small")
        tokens = [reader.token for reader in world.cast(stack).readers]
        people = tokens[: max(1, -(-(count + _WARM) // _EACH_AT_MOST))]
        with stack.worker_paused("media"), load.generator(stack.port) as generator:
            generator.run(_requests(people, data, _WARM), connections=CONNECTIONS)
            before = stack.cpu()
            answers = generator.run(_requests(people, data, count), connections=CONNECTIONS)
            used = cpu.spent(before, stack.cpu())
    parts = {name: used.get(name, 0.0) / count * 1_000 for name in ANSWERING}
    sent = Sent(
        len(data),
        CONNECTIONS,
        count / answers.seconds,
        sum(parts.values()),
        ", ".join(f"{name} {value:.1f}" for name, value in parts.items()),
    )
    say(f"Uploads: {count} photos of {sent.bytes:,} bytes over {CONNECTIONS} connections.")
    say(f"  through the web     {sent.rate:7.0f} a second")
    say(f"  CPU for one         {sent.cpu_ms:7.1f} ms ({sent.parts})")
    return sent


def _small() -> bytes:
    out = io.BytesIO()
    photo(640, 400).save(out, "JPEG", quality=85)
    return out.getvalue()


def _requests(people: list[str], data: bytes, count: int) -> list[Request]:
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        + data
        + b"\r\n--x--\r\n"
    )
    kind = "multipart/form-data; boundary=x"
    return [
        Request("POST", "/api/v2/media", people[number % len(people)], form, 202, kind)
        for number in range(count)
    ]
