"""`manage.py like_rings`: accounts that like the same quiet posts again and again, for a person to judge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from feed.queries import rings
from upscrolled.models import Account


class Command(BaseCommand):
    """List what may be rings. Nothing is done to anybody."""

    help = "List accounts that like the same quiet posts again and again in the last two days."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print one line for each ring."""
        found = rings.find(now=datetime.now(UTC))
        names = dict(
            Account.objects.filter(pk__in={i for ring in found for i in ring.account_ids}).values_list(
                "id", "username"
            )
        )
        for ring in found:
            who = ", ".join(f"@{names.get(account_id, account_id)}" for account_id in ring.account_ids)
            self.stdout.write(
                f"{len(ring.account_ids)} accounts, {100 * ring.overlap:.0f} % of likes in common: {who}"
            )
        self.stdout.write(f"{len(found)} rings.")
