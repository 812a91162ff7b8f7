"""`manage.py search_index`: note posts for the search, which workers then enter."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from feed.finding import ledger


class Command(BaseCommand):
    """Note posts that the search does not know, or all of them."""

    help = "Let workers enter into the search the posts that it lacks; --all enters every post anew."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument(
            "--all", action="store_true", help="enter every post anew, as after a change of words"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Note them, and say how many."""
        noted = ledger.owe(everything=options["all"])
        self.stdout.write(
            f"{noted} posts noted; workers enter them, and `manage.py queues` tells how many are left."
        )
