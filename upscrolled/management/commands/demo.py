"""`manage.py demo`: people, posts and conversations to try the product with, or a world to measure it with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from random import Random
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils.module_loading import module_has_submodule

from upscrolled.core.errors import DomainError
from upscrolled.demo import Scene, World, build
from upscrolled.demo.progress import Progress
from upscrolled.demo.scene import PASSWORD
from upscrolled.demo.surge import NAMED, SMALLEST, Surge
from upscrolled.demo.world import SIZES
from upscrolled.models import Account

LOGINS = ("alice", "omar", "layla", "chloe")


class Command(BaseCommand):
    """Fill an empty database. Each room adds its part, the bottom room first."""

    help = (
        "Make demo data. The same --seed makes the same people, texts and relations, at the same distances "
        "before --until; ids of the demo differ in their lower 16 bits, those of a world do not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--seed", type=int, default=1, help="another number, another story (default 1)")
        parser.add_argument("--world", choices=["demo", *SIZES, "surge"], default="demo", help="what to make")
        parser.add_argument("--posts", type=int, default=1_000, help="posts of the demo (default 1000)")
        parser.add_argument(
            "--until", type=_moment, help="when the story ends, ISO 8601 (default: this minute)"
        )
        parser.add_argument(
            "--scale", type=float, default=1.0, help="size of the surge: 1 is 2.5 million accounts (default)"
        )
        parser.add_argument("--force", action="store_true", help="even if there are accounts")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make what was asked for and say how to sign in."""
        if options["world"] == "surge":
            return self._surge(options)
        if Account.objects.exists() and not options["force"]:
            raise CommandError("This database has accounts already; --force adds the demo to them.")
        # Times end this minute by default: a demo whose last post is of yesterday has no news to show.
        until = options["until"] or datetime.now(UTC).replace(second=0, microsecond=0)
        rng, password_hash = Random(options["seed"]), make_password(PASSWORD)
        try:
            if options["world"] == "demo":
                lines = self._demo(Scene(rng, until, password_hash, posts=options["posts"]))
            else:
                lines = self._world(World(rng, until, password_hash, SIZES[options["world"]]))
        except DomainError as error:
            raise CommandError(error.safe) from error
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # or the first pages are planned as if the tables were empty
        self._tell(lines)

    def _tell(self, lines: list[str]) -> None:
        _write_banner(lines)
        self.stdout.write("\n".join(lines))

    def _surge(self, options: dict[str, Any]) -> None:
        if not SMALLEST <= options["scale"] <= 1:
            raise CommandError(f"--scale is between {SMALLEST} and 1, not {options['scale']:g}.")
        until = options["until"] or datetime.now(UTC).replace(second=0, microsecond=0)
        surge = Surge(options["seed"], until, make_password(PASSWORD), options["scale"])
        if Account.objects.exists():
            stands = build.standing()
            if stands != surge.mark:
                what = f"holds {stands}" if stands else "has people in it"
                raise CommandError(f"This database {what}; a world of this size needs an empty one.")
            return self.stdout.write(f"This database holds {stands} already; nothing was changed.")
        found = list(rooms("surge"))
        progress = Progress(self.stdout)
        try:
            build.require_space(surge)
            build.build(
                surge,
                tables=[table for room in found for table in room.surge.TABLES],
                steps=[step for room in found for step in room.surge.steps(surge)],
                progress=progress,
            )
        except DomainError as error:
            raise CommandError(error.safe) from error
        self._tell(
            [
                f"World         surge at scale {surge.scale:g}: {surge.accounts:,} accounts, {surge.posts:,} posts "
                f"and shares, made in {progress.seconds:.0f} s",
                f"Demo sign-in  {', '.join(NAMED)}",
                f"Password      {PASSWORD}",
            ]
        )

    def _demo(self, scene: Scene) -> list[str]:
        for room in rooms("seed"):
            room.seed(scene)
        return [
            f"Demo sign-in  {', '.join(LOGINS)} and {len(scene.people) - len(LOGINS)} others",
            "Staff         admin, moderator",
            f"Password      {PASSWORD}",
        ]

    def _world(self, world: World) -> list[str]:
        with transaction.atomic():
            for room in rooms("populate"):
                room.populate(world)
        people = world.people
        return [
            f"World         {len(people)} accounts, {world.size.posts} posts, {world.size.shares} shares, "
            f"{world.size.likes} likes, {len(world.follows)} follows",
            f"Demo sign-in  {people[0].username} to {people[-1].username}",
            f"Password      {PASSWORD}",
        ]


def rooms(verb: str) -> Iterator[ModuleType]:
    """Yield each room's `demo` that has this function; lower rooms first, as INSTALLED_APPS lists them last."""
    for config in reversed(list(apps.get_app_configs())):
        if config.module is not None and module_has_submodule(config.module, "demo"):
            module = import_module(f"{config.name}.demo")
            if hasattr(module, verb):
                yield module


def _moment(text: str) -> datetime:
    """Read a time, in UTC if it says no zone. Raises ValueError, which argparse turns into a sentence."""
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if moment > datetime.now(UTC):
        raise ValueError("a story cannot end in the future")
    return moment


def _write_banner(lines: list[str]) -> None:
    """Leave the lines where `manage.py up` finds them."""
    path = settings.DATA_DIR / "run" / "demo.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join([*lines, ""]))
