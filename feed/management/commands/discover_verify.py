"""`manage.py discover_verify RECEIPT`: draw a page again from the published pool, and say whether it is the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feed.queries import pools
from feed.ranking.pool import Pool
from feed.ranking.receipt import Receipt, replay, why_not_shown
from upscrolled.core.errors import NotFound


class Command(BaseCommand):
    """Verify a page of discover; exit with 1 if it is not what the formula gives."""

    help = "Draw a page of discover again from its receipt: a JSON file, or - for standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the receipt, and where else the pool may come from."""
        parser.add_argument(
            "receipt", help="the answer of …/discover, or the receipt in it; - reads standard input"
        )
        parser.add_argument(
            "--pool", type=Path, help="a file of the pool; without it, the one that is kept here"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Say ok, or the first thing that differs and why."""
        receipt, otherwise = _read(options["receipt"])
        difference = None if options["pool"] else self._signature(receipt)
        difference = difference or replay(receipt, _pool(receipt, options["pool"])) or otherwise
        if difference:
            self.stdout.write(difference)
            sys.exit(1)
        self.stdout.write("ok")

    def _signature(self, receipt: Receipt) -> str | None:
        try:
            return pools.why_unsigned(receipt.digest)
        except NotFound as missing:
            raise CommandError(missing.safe) from None


def _read(path: str) -> tuple[Receipt, str | None]:
    """Return the receipt, and where the answer around it, if there is one, shows something else."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        told = json.loads(text)
        around = isinstance(told, dict) and "receipt" in told
        receipt = Receipt.from_dict(told["receipt"] if around else told)
        return receipt, why_not_shown(told) if around and "items" in told else None
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from None


def _pool(receipt: Receipt, path: Path | None) -> Pool:
    if path is None:
        return pools.pool(receipt.digest.hex())
    try:
        return Pool.from_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from None
