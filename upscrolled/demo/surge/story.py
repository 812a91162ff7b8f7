"""How many of everything there are in the surge world, when they came, and chance as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from upscrolled.core import ids

STORY = timedelta(days=14)
DAY_MS = 86_400_000
ACCOUNTS, POSTS, LIKES = 2_500_000, 10_000_000, 18_000_000
SMALLEST = 0.0004  # of a whole world: a thousand accounts
# How many signed up on each of the fourteen days.
SIGN_UPS = (460, 2_000, 14_000, 36_000, 80_000, 150_000, 210_000, 250_000, 270_000, 285_000, *[300_000] * 4)
# Heavy cases stand for themselves, under their own names. What each is for: docs/benchmarks.md.
READER, BUSY, CURIOUS, FAMOUS, HOST, LUCKY = range(6)
NAMED = ("reader", "busy", "curious", "famous", "host", "lucky")
CURIOUS_FOLLOWS, FAMOUS_SHARE, LUCKY_SHARE = 5_000, 0.8, 0.2
FEW, BUSY_EACH, MANY = 9.8, 50, 170  # most follow about ten, one of fifty about 170
PIONEERS = 100  # are there from the first minutes, so that there is somebody to write the first posts
ACTIVE = 0.3  # of everybody came back today
BLOCKS, MUTES = 0.1, 0.2  # of each, for one account
TOLD = timedelta(hours=12)  # older news are not made: nobody pages back through two weeks of them
_U = 2**52


@dataclass(frozen=True, slots=True)
class Surge:
    """What the rooms make the surge world from. `scale` is its size; 1 is the whole of it."""

    seed: int
    until: datetime
    password_hash: str
    scale: float = 1.0

    @property
    def accounts(self) -> int:
        """How many people there are."""
        return round(ACCOUNTS * self.scale)

    @property
    def posts(self) -> int:
        """How many posts and shares there are, the heavy thread among them."""
        return round(POSTS * self.scale)

    @property
    def likes(self) -> int:
        """How many likes there are, about: chance decides each post's own number."""
        return round(LIKES * self.scale)

    @property
    def begins(self) -> datetime:
        """When the first of them signed up."""
        return self.until - STORY

    @property
    def begins_ms(self) -> int:
        """The same in milliseconds."""
        return ids.first_at(self.begins) >> ids.LOW_BITS

    @property
    def until_ms(self) -> int:
        """The end of the story in milliseconds."""
        return ids.first_at(self.until) >> ids.LOW_BITS

    @property
    def mark(self) -> str:
        """What is noted in the database: which world stands there."""
        return f"world surge, seed {self.seed}, scale {self.scale:g}"

    def chance(self, of: str, salt: int) -> str:
        """Return SQL for a number in [0, 1) that follows from a row's number, the seed and the question."""
        return f"((hashint8extended(({of})::bigint, {self.seed * 1_000 + salt}) & {_U - 1})::float8 / {_U}::float8)"

    def joined(self) -> list[float]:
        """How many people there were at the beginning, and at the end of each day."""
        whole = sum(SIGN_UPS)
        return [0.0, *(self.accounts * made / whole for made in accumulate(SIGN_UPS))]


def over_days(edges: list[float], number: str) -> str:
    """Return SQL for the days (with their fraction) that pass until this number of `edges` is reached."""
    steps = f"ARRAY[{', '.join(map(repr, edges))}]::float8[]"
    day = f"least(width_bucket(({number})::float8, {steps}), {len(edges) - 1})"
    low, high = f"({steps})[{day}]", f"({steps})[{day} + 1]"
    return f"({day} - 1 + (({number})::float8 - {low}) / ({high} - {low}))"


def at_day(edges: list[float], days: str) -> str:
    """Return SQL for the number of `edges` that is reached after so many days."""
    steps = f"ARRAY[{', '.join(map(repr, edges))}]::float8[]"
    day = f"least(floor({days})::int + 1, {len(edges) - 1})"
    low, high = f"({steps})[{day}]", f"({steps})[{day} + 1]"
    return f"({low} + ({days} - ({day} - 1)) * ({high} - {low}))"


def moment(ms: str) -> str:
    """Return SQL for the timestamp of some milliseconds."""
    return f"to_timestamp(({ms}) / 1000.0)"
