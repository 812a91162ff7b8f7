"""`manage.py account create NAME …` and `account token NAME`: people from the shell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled.core.errors import DomainError, NotFound
from upscrolled.models import Account
from upscrolled.operations import access, accounts


class Command(BaseCommand):
    """Make accounts and tokens without a browser; scripts and tests use it too."""

    help = "Make an account or a token: account create NAME --email E --password P; account token NAME"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the two verbs and what they take."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="create|token")
        token = verbs.add_parser("token", help="Print a bearer token, to try the API with.")
        token.add_argument("name")
        token.add_argument("--scopes", default="read write follow push")
        create = verbs.add_parser("create", help="Make an account.")
        create.add_argument("name", help="Letters, digits and underscores.")
        create.add_argument("--email", required=True)
        create.add_argument("--password", required=True)
        create.add_argument(
            "--confirmed", action="store_true", help="Take the address as confirmed; send no mail."
        )
        create.add_argument("--role", default="", choices=[role for role in accounts.ROLES if role])
        create.add_argument("--locale", default="en", help="Language of mails and pages: en, ar or fr.")
        create.add_argument("--locked", action="store_true", help="Followers must be accepted.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        verb = self._token if options["verb"] == "token" else self._create
        try:
            self.stdout.write(verb(options, datetime.now(UTC)))
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None

    def _create(self, options: dict[str, Any], now: datetime) -> str:
        account = accounts.create_account(
            username=options["name"].removeprefix("@"),
            email=options["email"],
            password=options["password"],
            confirmed=options["confirmed"],
            role=options["role"],
            agreed_at=now,
            now=now,
            locale=options["locale"],
            locked=options["locked"],
        )
        if not options["confirmed"]:
            accounts.request_confirmation(account=account)
        return f"@{account.username} {account.id}"

    def _token(self, options: dict[str, Any], now: datetime) -> str:
        account = Account.objects.named(options["name"].removeprefix("@"))
        if account is None:
            raise NotFound(f"There is no account {options['name']}.")
        return access.issue_token(account=account, application=None, scopes=options["scopes"], now=now).token
