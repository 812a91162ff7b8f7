"""A made-up overload of moderators: posts with texts and reach, reports, a brigade; all drawn from a seed. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moderation.grounds import POLICIES

DAYS: Final = 4  # of posts; who reviews goes on for a day longer
HORIZON: Final = (DAYS + 1) * 1_440.0
HALF_LIFE: Final = 360.0  # minutes in which half of a post's views have come
PREVALENCE: Final = 0.06
GROWTH: Final = 8  # posts of the second half for each of the first
POPULATION: Final = 2_000  # people who report now and then
RING: Final = 300
BRIGADED: Final = 0.01  # of the posts that keep to the rules
_REPORTS_A_VIEW: Final = {True: 0.004, False: 0.0006}
_BROKEN: Final = {"spam": 0.4, "harassment": 0.2, "hate": 0.2, "adult": 0.1, "violence": 0.1}
_SAID: Final = (
    "the ferry leaves at nine and we carry the {} with us",
    "my grandmother keeps her {} on the balcony next to the basil",
    "three things I learned about {} from the people in this street",
    "what the committee wrote about {} is missing a whole page",
)
_THINGS: Final = (
    "olives",
    "bread",
    "history",
    "tickets",
    "kites",
    "football",
    "bicycles",
    "poetry",
    "rain",
    "maps",
)
_CAMPAIGN: Final = (
    "win a new telephone today, only the first hundred people get one, see https://example.org/{}"
)


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody reports a post at a minute, for a policy."""

    at: float
    post: int
    reporter: int
    policy: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post: when it came, what it breaks (empty: nothing), all views it would ever have, minutes to review it.

    `guess` is by how much its reach is misjudged: the product only estimates it.
    """

    id: int
    born: float
    breaks: str
    views: float
    minutes: float
    text: str
    guess: float
    brigaded: bool

    def remaining(self, at: float) -> float:
        """Views that are still to come."""
        return self.views * 2 ** (-max(0.0, at - self.born) / HALF_LIFE)

    def rate(self, at: float) -> float:
        """Views a minute."""
        return self.remaining(at) * math.log(2) / HALF_LIFE

    @property
    def severity(self) -> int:
        """What a view of it weighs."""
        return POLICIES[self.breaks].severity if self.breaks else 0


@dataclass(frozen=True, slots=True)
class World:
    """All posts, and all reports in the order in which they come."""

    posts: Sequence[Post]
    reports: Sequence[Report]

    @property
    def harm(self) -> float:
        """Severity-weighted views of what breaks a policy, if nobody did anything."""
        return sum(post.views * post.severity for post in self.posts)

    @property
    def needed(self) -> float:
        """Minutes to review everything that is reported."""
        return sum(self.posts[number].minutes for number in {report.post for report in self.reports})


def world(seed: int, posts: int = 3_700) -> World:
    """Draw a world. Views are lognormal and know nothing of what a post says."""
    draw = random.Random(seed)
    people = [draw.betavariate(2, 2) for _ in range(POPULATION)]
    made = [_post(draw, number) for number in range(posts)]
    reports = [report for post in made for report in _reports(draw, post, people)]
    return World(made, sorted(reports, key=lambda report: report.at))


def _post(draw: random.Random, number: int) -> Post:
    late = draw.random() < GROWTH / (GROWTH + 1)
    born = (draw.random() + late) * DAYS * 720
    breaks = draw.choices(list(_BROKEN), list(_BROKEN.values()))[0] if draw.random() < PREVALENCE else ""
    text = f"{draw.choice(_SAID).format(draw.choice(_THINGS))} {number}"
    if breaks == "spam" and draw.random() < 0.5:
        text = _CAMPAIGN.format(number)
    usual = POLICIES[breaks or "other"].minutes
    return Post(
        number,
        born,
        breaks,
        draw.lognormvariate(4, 2),
        usual * draw.lognormvariate(0, 0.5),
        text,
        draw.lognormvariate(0, 0.7),
        not breaks and draw.random() < BRIGADED,
    )


def _reports(draw: random.Random, post: Post, people: Sequence[float]) -> list[Report]:
    """Who sees it may report it; a ring reports within the hour what its members agreed on."""
    found = []
    for _ in range(_poisson(draw, post.views * _REPORTS_A_VIEW[bool(post.breaks)])):
        at = post.born + draw.expovariate(math.log(2) / HALF_LIFE)
        reporter = _somebody(draw, people, right=bool(post.breaks))
        named = post.breaks if post.breaks and draw.random() < 0.8 else draw.choice(list(_BROKEN))
        found.append(Report(at, post.id, reporter, named))
    if post.brigaded:
        begin = post.born + draw.uniform(5, 120)
        for member in draw.sample(range(RING), draw.randint(60, 200)):
            found.append(Report(begin + draw.uniform(0, 60), post.id, POPULATION + member, "hate"))
    return found


def _somebody(draw: random.Random, people: Sequence[float], *, right: bool) -> int:
    """Reliable people report what breaks a policy, others what does not."""
    while True:
        number = draw.randrange(len(people))
        if draw.random() < (people[number] if right else 1 - people[number]):
            return number


def _poisson(draw: random.Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(draw.gauss(mean, math.sqrt(mean))))
    number, product, limit = 0, draw.random(), math.exp(-mean)
    while product > limit:
        number, product = number + 1, product * draw.random()
    return number
