"""`manage.py bank_hit`: tell hits in a bank of known abuse of children or of terror, as whoever compares found them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.operations import hits, sealing
from moderation.subjects import Subject
from upscrolled.core.errors import DomainError

_AT_ONCE: Final = 1_000
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")


class Command(BaseCommand):
    """By the numbers of posts; without any, by the SHA-256 of media, one a line of the standard input."""

    help = "Hold posts back that are in a bank: bank_hit NAME POLICY [POST…], or digests on standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose bank, of what, and the posts."""
        parser.add_argument("bank")
        parser.add_argument("policy", choices=sealing.DARK)
        parser.add_argument("posts", nargs="*", type=int)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Tell them; each once."""
        now, bank = datetime.now(UTC), hits.Bank(options["bank"], options["policy"])
        try:
            if options["posts"]:
                held = sum(hits.hit(Subject("post", post), bank=bank, now=now) for post in options["posts"])
            else:
                held, digests = 0, _digests()
                while some := list(islice(digests, _AT_ONCE)):
                    held += hits.of_digests(some, bank=bank, now=now)
        except DomainError as error:
            raise CommandError(error.safe or "There is no such post") from None
        self.stdout.write(f"{held} posts are held back and wait in the dark lane.")


def _digests() -> Iterator[str]:
    for number, line in enumerate(sys.stdin, start=1):
        if not (digest := line.strip()):
            continue
        if not _DIGEST.fullmatch(digest):
            raise CommandError(f"Line {number}: {digest[:70]!r} is no SHA-256 in hex, 64 characters")
        yield digest
