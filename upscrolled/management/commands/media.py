"""`manage.py media …`: what there is of an attachment, and legal holds on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled.core.errors import DomainError, NotFound
from upscrolled.models import Account, FileUse, LegalHold, MediaAttachment
from upscrolled.operations import holds


class Command(BaseCommand):
    """Show an attachment; keep it whatever its owner does; let it go again."""

    help = "Attachments: media show ID | hold ID --because WHY | release ID"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs and what they take."""
        verb = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        verb.add_parser("show", help="Print state, files and holds.").add_argument("id", type=int)
        hold = verb.add_parser("hold", help="Keep row and files, also if they are deleted (out of sight).")
        hold.add_argument("id", type=int)
        hold.add_argument("--because", required=True, help="Whose order, and its number; it is kept.")
        hold.add_argument("--by", default="", help="Account name of who does it.")
        verb.add_parser("release", help="End the hold.").add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        try:
            getattr(self, f"_{options['verb']}")(options)
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None

    def _show(self, options: dict[str, Any]) -> None:
        row = MediaAttachment.objects.select_related("owner").filter(pk=options["id"]).first()
        if row is None:
            raise NotFound(f"There is no attachment {options['id']}")
        ended = f", deleted {row.deleted_at:%Y-%m-%d %H:%M}" if row.deleted_at else ""
        self.stdout.write(f"{row.kind} of @{row.owner.username}, {row.state} {row.reason}{ended}")
        for use in FileUse.objects.select_related("file").filter(attachment=row).order_by("pk"):
            self.stdout.write(f"  {use.role:10} {use.label:14} {use.file.key} ({use.file.bytes} bytes)")
        for hold in LegalHold.objects.filter(attachment=row).order_by("pk"):
            until = f" until {hold.released_at:%Y-%m-%d %H:%M}" if hold.released_at else ""
            self.stdout.write(f"  held since {hold.placed_at:%Y-%m-%d %H:%M}{until}: {hold.because}")

    def _hold(self, options: dict[str, Any]) -> None:
        by = Account.objects.named(options["by"].removeprefix("@")) if options["by"] else None
        if options["by"] and by is None:
            raise NotFound(f"There is no account {options['by']}.")
        holds.place_hold(options["id"], because=options["because"], by=by, now=datetime.now(UTC))
        self.stdout.write(f"{options['id']} is kept.")

    def _release(self, options: dict[str, Any]) -> None:
        holds.release_hold(options["id"], now=datetime.now(UTC))
        self.stdout.write(f"{options['id']} is kept no longer.")
