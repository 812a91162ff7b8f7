"""What the product said it has: everything here was acknowledged, and is asked for again at the end."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

# The published limit is 300 requests in five minutes for a token; the rest is for looking afterwards.
ALLOWANCE, WINDOW = 200, 300.0


@dataclass
class Person:
    """Somebody whose sign-up was acknowledged."""

    name: str
    address: str
    token: str
    is_confirmed: bool = False
    posts: set[str] = field(default_factory=set)
    likes: set[str] = field(default_factory=set)
    follows: set[str] = field(default_factory=set)
    _asked: deque[float] = field(default_factory=deque)

    def spend(self, requests: int) -> bool:
        """Take so many requests of the allowance; False if too few are left of it."""
        now = time.monotonic()
        while self._asked and now - self._asked[0] > WINDOW:
            self._asked.popleft()
        if len(self._asked) + requests > ALLOWANCE:
            return False
        self._asked.extend([now] * requests)
        return True


@dataclass
class Ledger:
    """Everybody who signed up."""

    people: list[Person] = field(default_factory=list)
    _resting: deque[Person] = field(default_factory=deque)

    def enter(self, person: Person) -> None:
        """Note an acknowledged sign-up."""
        self.people.append(person)

    def settle(self, person: Person) -> None:
        """Note that somebody can come back from now on."""
        person.is_confirmed = True
        self._resting.append(person)

    def somebody(self, requests: int) -> Person | None:
        """Return whoever rested longest and may ask so often; nobody may be there yet."""
        for _ in range(min(len(self._resting), 8)):
            person = self._resting.popleft()
            self._resting.append(person)
            if person.spend(requests):
                return person
        return None
