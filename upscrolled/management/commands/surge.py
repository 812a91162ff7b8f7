"""`manage.py surge`: two weeks of growth in minutes, against a running product."""

from __future__ import annotations

import asyncio
import sys
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled.surge import report
from upscrolled.surge.proof import Unanswered
from upscrolled.surge.replay import Asked, NotReady, Outcome, replay


class Command(BaseCommand):
    """Replay, print, plot, and prove that nothing acknowledged was lost."""

    help = (
        "Replay two weeks of growth against a running product (TRUSTED_PROXIES=127.0.0.1 make up), up to more than "
        "the machine can do. Leaves its newcomers behind: use a data directory that you can throw away."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--minutes", type=float, default=5.0, help="how long the two weeks take (default 5)"
        )
        parser.add_argument(
            "--url", default=f"http://127.0.0.1:{settings.PORT}", help="where the product answers"
        )
        parser.add_argument(
            "--peak",
            default="auto",
            help="visits a second at the highest; auto: twice what the machine manages",
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="another number, other people at other moments"
        )
        parser.add_argument("--out", type=Path, help="where plots and figures go (default DATA_DIR/surge)")
        parser.add_argument(
            "--mails", type=Path, help="where the product prints its mails (default DATA_DIR/log/worker.log)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run; exit code 1 if something acknowledged is lost, or if the product does not calm down."""
        try:
            peak = None if options["peak"] == "auto" else float(options["peak"])
        except ValueError:
            raise CommandError(f"--peak is auto or a number, not {options['peak']!r}.") from None
        if not 0 < options["minutes"] < inf or (peak is not None and not 0 < peak < inf):
            raise CommandError("--minutes and --peak must be above 0.")
        out = options["out"] or settings.DATA_DIR / "surge"
        asked = Asked(
            url=_address(options["url"]),
            seconds=options["minutes"] * 60,
            peak=peak,
            seed=options["seed"],
            mails=options["mails"] or settings.DATA_DIR / "log" / "worker.log",
            out=out,
            say=self._say,
        )
        try:
            outcome = asyncio.run(replay(asked))
        except (NotReady, Unanswered) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was proved; those who came are still there.") from None
        self._tell(outcome, out)
        if outcome.proof.lost or outcome.calm_after is None:
            sys.exit(1)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _tell(self, outcome: Outcome, directory: Path) -> None:
        self._say("\n" + report.table(outcome.seconds, outcome.wave))
        for what, number in sorted(outcome.unexpected.items(), key=lambda pair: -pair[1])[:10]:
            self._say(f"  not as it should be: {what}, {number} times")
        if outcome.latest > 1:
            self._say(
                f"Visitors came up to {outcome.latest:.1f} s late: this client had not enough of the machine."
            )
        for path in report.write(outcome.seconds, outcome.wave, directory):
            self._say(f"Written: {path}")
        if outcome.calm_after is None:
            self._say("The product has not calmed down: it still refuses, or work still waits.")
        else:
            self._say(f"Calm again {outcome.calm_after:.0f} s after the last visit.")
        checked = ", ".join(f"{number} {kind}" for kind, number in outcome.proof.checked.items())
        self._say(f"Acknowledged and asked for again: {checked}. Lost: {len(outcome.proof.lost)}.")
        for lost in outcome.proof.lost[:20]:
            self._say(f"  lost: {lost}")
        self._say("Now compare every stored count with its rows: manage.py audit_counts")


def _address(written: str) -> str:
    """Return an address as the replay takes it: of the product itself, which speaks no TLS."""
    try:
        parts = urlsplit(written)
        fits = parts.scheme == "http" and parts.hostname and parts.port != 0 and parts.path in ("", "/")
    except ValueError:  # a port that is none
        fits = False
    if not fits or parts.query or parts.fragment:
        raise CommandError(f"--url is http://HOST or http://HOST:PORT, not {written!r}.")
    return written.rstrip("/")
