"""`manage.py account create|token|invite|waiting|approve|reject|restore`: people from the shell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from upscrolled.core.errors import DomainError, Invalid, NotFound
from upscrolled.models import Account
from upscrolled.oauth import UnknownScope
from upscrolled.operations import access, accounts, approval, invites, leaving
from upscrolled.roles import ROLES

LISTED = 200
HOURS_MAX = 10 * 365 * 24


class Command(BaseCommand):
    """Make accounts, tokens and invitations without a browser, and let in who waits; scripts use it too."""

    help = "Make an account, a token or an invitation; list who waits for approval, let them in or turn them away."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs and what they take."""
        verbs = parser.add_subparsers(
            dest="verb", required=True, metavar="create|token|invite|waiting|approve|reject|restore"
        )
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
        create.add_argument("--role", default="", choices=list(ROLES))
        create.add_argument("--locale", default="en", help="Language of mails and pages: en, ar or fr.")
        create.add_argument("--locked", action="store_true", help="Followers must be accepted.")
        invite = verbs.add_parser("invite", help="Make an invitation, and print its address.")
        invite.add_argument("--uses", type=int, default=1, help="For how many people.")
        invite.add_argument("--days", type=int, default=14, help="How long; 0: until it is used up.")
        invite.add_argument("--by", help="Name of the account that invites.")
        verbs.add_parser("waiting", help="List who waits for approval, the longest first.")
        approve = verbs.add_parser("approve", help="Let somebody in, or everybody who waits for long enough.")
        approve.add_argument("name", nargs="?")
        approve.add_argument(
            "--all-older-than",
            type=int,
            metavar="HOURS",
            help="Everybody who waits for that long; 0: everybody.",
        )
        reject = verbs.add_parser("reject", help="Turn somebody away; the account is deleted.")
        reject.add_argument("name")
        reject.add_argument("--because", required=True, help="The reason, which is mailed.")
        restore = verbs.add_parser(
            "restore", help="Open an account again that its owner deleted a while ago."
        )
        restore.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        verb = getattr(self, f"_{options['verb']}")
        try:
            self.stdout.write(verb(options, datetime.now(UTC)))
        except DomainError as refusal:
            raise CommandError(refusal.safe) from None
        except UnknownScope as scope:
            raise CommandError(
                f"There is no scope {str(scope)!r}; as in: read write:statuses follow."
            ) from None

    def _create(self, options: dict[str, Any], now: datetime) -> str:
        if not options["password"]:
            raise Invalid("The password is empty: nobody could sign in.")
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
            accounts.request_confirmation(account=account, now=datetime.now(UTC))
        return f"@{account.username} {account.id}"

    def _token(self, options: dict[str, Any], now: datetime) -> str:
        account = self._named(options["name"])
        return access.issue_from_shell(account=account, scopes=options["scopes"], now=now).token

    def _invite(self, options: dict[str, Any], now: datetime) -> str:
        by = self._named(options["by"]) if options["by"] else None
        invite = invites.issue_invite(uses=options["uses"], days=options["days"], by=by, now=now)
        return f"{settings.PUBLIC_URL}/auth/sign_up?invite={invite.code}"

    def _waiting(self, options: dict[str, Any], now: datetime) -> str:
        waiting = approval.waiting(limit=LISTED + 1)
        lines = [
            f"@{account.username}  {account.created_at:%Y-%m-%d %H:%M}  {account.email}  {account.sign_up_reason}"
            for account in waiting[:LISTED]
        ]
        if len(waiting) > LISTED:
            lines.append(f"… and more: these are the {LISTED} that wait the longest.")
        return "\n".join(lines) or "Nobody waits."

    def _approve(self, options: dict[str, Any], now: datetime) -> str:
        hours, name = options["all_older_than"], options["name"]
        if (hours is None) == (name is None):
            raise Invalid("Say whom: a NAME, or --all-older-than HOURS.")
        if hours is not None:
            if not 0 <= hours <= HOURS_MAX:
                raise Invalid(f"HOURS must lie between 0 and {HOURS_MAX}, not {hours}.")
            count = approval.approve_all(older_than=now - timedelta(hours=hours), now=now)
            return f"{count} let in."
        account = self._named(name)
        approval.approve(account=account, now=now)
        return f"@{account.username} is in."

    def _reject(self, options: dict[str, Any], now: datetime) -> str:
        account = self._named(options["name"])
        approval.reject(account=account, because=options["because"], now=now)
        return f"@{account.username} is turned away, and deleted."

    def _restore(self, options: dict[str, Any], now: datetime) -> str:
        account = self._named(options["name"])
        leaving.come_back(account=account, now=now)
        return f"@{account.username} is open again."

    def _named(self, name: str) -> Account:
        account = Account.objects.named(name.removeprefix("@"))
        if account is None:
            raise NotFound(f"There is no account {name}.")
        return account
