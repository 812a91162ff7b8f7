"""`manage.py up`: run everything in the foreground."""

from __future__ import annotations

import sys
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand, CommandParser

from upscrolled.dev import stack
from upscrolled.dev.errors import StartError
from upscrolled.dev.output import Console


class Command(BaseCommand):
    """Start the embedded servers, the web, streaming and worker processes; stop them with Ctrl-C."""

    help = "Run everything: PostgreSQL, Valkey, web, streaming, worker and beat. Settings: docs/config.md."
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one choice that is not a setting."""
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until a signal; a failure is one sentence and exit code 1."""
        console = Console()
        try:
            stack.run(
                console=console,
                accounts_table=apps.get_model(settings.AUTH_USER_MODEL)._meta.db_table,
                make_demo="demo" in get_commands() and not options["no_demo"],
            )
        except StartError as error:
            self.stderr.write(str(error))
            sys.exit(1)
