"""`manage.py previews forbid|allow|list|refresh`: which linked pages get a preview."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feed.operations import previews
from feed.queries.previews import forbidden_domains
from upscrolled.core.errors import DomainError


class Command(BaseCommand):
    """Forbid previews of domains, allow them again, and have a page asked anew."""

    help = "Forbid previews of a domain and all below it, allow them again, or have a page asked anew."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs and what they take."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="forbid|allow|list|refresh")
        forbid = verbs.add_parser("forbid", help="No previews of a domain; those there are go at once.")
        forbid.add_argument("domain")
        forbid.add_argument("--because", default="", help="A note for whoever reads the list.")
        verbs.add_parser("allow", help="Previews of a domain again.").add_argument("domain")
        verbs.add_parser("list", help="Print the forbidden domains.")
        verbs.add_parser("refresh", help="Ask a page again, whatever is known of it.").add_argument("url")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        try:
            self.stdout.write(getattr(self, f"_{options['verb']}")(options, datetime.now(UTC)))
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None

    def _forbid(self, options: dict[str, Any], now: datetime) -> str:
        domain = options["domain"]
        count = previews.forbid_domain(domain=domain, because=options["because"], now=now)
        return f"No previews of {domain} any more; {count} that were there are gone."

    def _allow(self, options: dict[str, Any], now: datetime) -> str:
        previews.allow_domain(domain=options["domain"])
        return f"{options['domain']} gets previews again, from the next post on that links there."

    def _list(self, options: dict[str, Any], now: datetime) -> str:
        lines = [f"{ban.domain}  {ban.because}".rstrip() for ban in forbidden_domains()]
        return "\n".join(lines) or "No domain is forbidden."

    def _refresh(self, options: dict[str, Any], now: datetime) -> str:
        previews.refresh(url=options["url"], now=now)
        return "It is asked within seconds."
