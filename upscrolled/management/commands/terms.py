"""`manage.py terms publish FILE.toml --version V` and `terms list`: versions of the terms of service."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from upscrolled import terms
from upscrolled.core.errors import DomainError
from upscrolled.models import Terms, TermsAcceptance
from upscrolled.operations.terms import publish

_EXAMPLE = """The file, in TOML: a text for each language, in HTML or in plain paragraphs, and what has changed.

[texts]
en = "..."
ar = "..."
[changes]
en = "..."
"""


class Command(BaseCommand):
    """Publish terms. A version that is published never changes; people are told, and nobody is locked out."""

    help = "Publish a version of the terms of service, or list the versions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs and what they take."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="publish|list")
        publishing = verbs.add_parser("publish", help="Publish a version.")
        publishing.add_argument("file", type=Path, help=_EXAMPLE)
        publishing.add_argument("--version", dest="name", required=True, help="Its name, as in 2.")
        publishing.add_argument(
            "--effective", metavar="DATE", help="From when it holds: YYYY-MM-DD (UTC); now if left out."
        )
        verbs.add_parser("list", help="List the versions, and how many have agreed to each.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        try:
            self.stdout.write(getattr(self, f"_{options['verb']}")(options, datetime.now(UTC)))
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None

    def _publish(self, options: dict[str, Any], now: datetime) -> str:
        written = _read(options["file"])
        row = publish(
            version=options["name"],
            texts=_texts(written, "texts"),
            changes=_texts(written, "changes"),
            effective_at=_moment(options["effective"], now),
            now=now,
        )
        return f"Version {row.version} is in force from {row.effective_at:%Y-%m-%d %H:%M} UTC on."

    def _list(self, options: dict[str, Any], now: datetime) -> str:
        current = terms.in_force(now)
        agreed = dict(TermsAcceptance.objects.values_list("terms").annotate(Count("id")))
        rows = Terms.objects.order_by("effective_at", "id")
        lines = [f"{terms.SHIPPED_VERSION}  {terms.SHIPPED_AT:%Y-%m-%d}  (came with the site)"]
        lines += [
            f"{row.version}  {row.effective_at:%Y-%m-%d}  {agreed.get(row.pk, 0)} agreed" for row in rows
        ]
        return "\n".join([*lines, f"In force: {current.version}"])


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None


def _texts(written: dict[str, Any], table: str) -> dict[str, str]:
    texts = written.get(table, {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise CommandError(f"[{table}] must hold a text for each language.")
    return texts


def _moment(text: str | None, now: datetime) -> datetime:
    if text is None:
        return now
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise CommandError(f"{text!r} is no date (YYYY-MM-DD).") from None
