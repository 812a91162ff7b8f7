"""`manage.py email_domains add|remove|list|load`: which providers' addresses may sign up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled.core.errors import DomainError
from upscrolled.models import EmailDomainRule
from upscrolled.operations import email_domains

ACTIONS = EmailDomainRule.Action.values


class Command(BaseCommand):
    """Keep the rules for e-mail domains; each holds for the domains below it too, the nearest rule decides."""

    help = "Refuse sign-ups from an e-mail domain, have them approved, or allow them below a refused domain."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs and what they take."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|remove|list|load")
        add = verbs.add_parser("add", help="Make or replace the rule of a domain.")
        add.add_argument("domain")
        load = verbs.add_parser(
            "load", help="Make a rule for each line of a file; domains with a rule keep it."
        )
        load.add_argument("file", type=Path)
        for verb in (add, load):
            verb.add_argument("--action", choices=ACTIONS, default=email_domains.REFUSE)
            verb.add_argument("--because", default="", help="A note for whoever reads the list.")
        verbs.add_parser("remove", help="Forget the rule of a domain.").add_argument("domain")
        verbs.add_parser("list", help="Print all rules.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        try:
            self.stdout.write(getattr(self, f"_{options['verb']}")(options, datetime.now(UTC)))
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None

    def _add(self, options: dict[str, Any], now: datetime) -> str:
        rule = email_domains.set_rule(
            domain=options["domain"], action=options["action"], because=options["because"], now=now
        )
        return str(rule)

    def _remove(self, options: dict[str, Any], now: datetime) -> str:
        email_domains.remove_rule(domain=options["domain"])
        return f"No rule for {options['domain']} any more."

    def _list(self, options: dict[str, Any], now: datetime) -> str:
        rules = EmailDomainRule.objects.order_by("domain")
        lines = [f"{rule.action:8} {rule.domain}  {rule.because}".rstrip() for rule in rules]
        return "\n".join(lines) or "There are no rules: addresses of all domains may sign up."

    def _load(self, options: dict[str, Any], now: datetime) -> str:
        try:
            lines = options["file"].read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from None
        count = email_domains.load_rules(
            lines=lines, action=options["action"], because=options["because"], now=now
        )
        return f"{count} domains read."
