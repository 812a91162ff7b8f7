"""`manage.py places …`: the location menu, from the shell."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled import places
from upscrolled.core.errors import DomainError, NotFound
from upscrolled.models import Account
from upscrolled.operations import places as verbs


class Command(BaseCommand):
    """Load a menu from a file, change an entry, look at the menu and at who changed it."""

    help = "The location menu: places load FILE | show | hide CODE | unhide CODE | rename | move | merge | history"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs and what they take."""
        verb = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        load = verb.add_parser(
            "load", help="Make the menu what a file says, after showing what would change."
        )
        load.add_argument("file", nargs="?", default=str(verbs.DEFAULT), help="Default: the names of CLDR.")
        load.add_argument(
            "--preview", action="store_true", help="Show what would change, and change nothing."
        )
        load.add_argument("--yes", action="store_true", help="Do not ask.")
        load.add_argument("--if-empty", action="store_true", help="Do nothing if there is a menu already.")
        show = verb.add_parser("show", help="Print the menu as people see it.")
        show.add_argument("--language", default="en")
        history = verb.add_parser("history", help="Print the last changes, newest first.")
        history.add_argument("code", nargs="?", default="")
        changes = [load]
        for name, does in (("hide", "Offer it no more."), ("unhide", "Offer it again.")):
            changes.append(verb.add_parser(name, help=does))
            changes[-1].add_argument("code")
        rename = verb.add_parser("rename", help="Give it another name in a language.")
        rename.add_argument("code")
        rename.add_argument("language")
        rename.add_argument("name")
        move = verb.add_parser("move", help="Put it under another entry; without one, on top.")
        move.add_argument("code")
        move.add_argument("parent", nargs="?", default="")
        merge = verb.add_parser("merge", help="Show it as another entry from now on; without one, undo that.")
        merge.add_argument("code")
        merge.add_argument("into", nargs="?", default="")
        for change in (*changes, rename, move, merge):
            change.add_argument("--because", default="", help="Why; it is kept with the change.")
            change.add_argument("--by", default="", help="Account name of who does it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        try:
            getattr(self, f"_{options['verb']}", self._change)(options)
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None

    def _load(self, options: dict[str, Any]) -> None:
        path = Path(options["file"])
        if not path.exists() and (verbs.SHIPPED / path.name).exists():
            path = verbs.SHIPPED / path.name
        if options["if_empty"] and verbs.current():
            return
        preview = verbs.plan(path)
        if not options["if_empty"]:
            for change in preview:
                self.stdout.write(str(change))
        if options["preview"] or not preview:
            self.stdout.write(f"{len(preview)} entries would change." if preview else "Nothing would change.")
            return
        asks = sys.stdin.isatty() and not options["yes"] and not options["if_empty"]
        if asks and input(f"Change {len(preview)} entries? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was changed.")
        made = verbs.load(path, by=_who(options), because=options["because"], now=datetime.now(UTC))
        self.stdout.write(f"{len(made)} entries changed; `manage.py places history` shows each.")

    def _show(self, options: dict[str, Any]) -> None:
        menu = places.menu()
        for place in menu.offered(options["language"]):
            under = menu.places[place.parent].name(options["language"]) if place.parent else ""
            name = place.name(options["language"])
            self.stdout.write(f"{place.code:12} {name}{f'  ({under})' if under else ''}")

    def _history(self, options: dict[str, Any]) -> None:
        found = verbs.history(options["code"])
        if not found:
            self.stdout.write(
                f"Nothing was ever changed{' of ' + options['code'] if options['code'] else ''}."
            )
        for row in found:
            who = f"@{row.changed_by.username}" if row.changed_by else "the shell"
            why = row.because or row.source or "no reason given"
            self.stdout.write(f"{row.changed_at:%Y-%m-%d %H:%M} {row.action:6} {row.code:12} by {who}: {why}")
            self.stdout.write(f"    {verbs.change_of(row).said}")

    def _change(self, options: dict[str, Any]) -> None:
        parts: dict[str, dict[str, Any]] = {
            "hide": {"hidden": True},
            "unhide": {"hidden": False},
            "rename": {"names": {options.get("language", ""): options.get("name", "")}},
            "move": {"parent": options.get("parent", "")},
            "merge": {"merged_into": options.get("into", "")},
        }
        made = verbs.change(
            options["code"],
            by=_who(options),
            because=options["because"],
            now=datetime.now(UTC),
            **parts[options["verb"]],
        )
        self.stdout.write("Nothing to change." if made.before == made.after else str(made))


def _who(options: dict[str, Any]) -> Account | None:
    if not options["by"]:
        return None
    account = Account.objects.named(options["by"].removeprefix("@"))
    if account is None:
        raise NotFound(f"There is no account {options['by']}.")
    return account
