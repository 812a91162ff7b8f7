"""What an operator decides about previews: domains that get none, and pages that are asked again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from feed import links
from feed.cards import ledger
from feed.models import CardBan
from upscrolled.core import domains
from upscrolled.core.errors import Invalid, NotFound

BECAUSE_MAX = 1_000


@transaction.atomic
def forbid_domain(*, domain: str, because: str, now: datetime) -> int:
    """Have no previews of a domain and all below it; return how many cards were emptied. Raises Invalid.

    A redirect that leads there, and a picture that lies there, is refused too; so are cards made of one.
    """
    name = domains.checked(domain)
    if len(because) > BECAUSE_MAX:
        raise Invalid(f"The reason has {len(because)} characters; at most {BECAUSE_MAX}.")
    CardBan.objects.update_or_create(domain=name, defaults={"because": because, "created_at": now})
    return ledger.empty(name, now=now)


def allow_domain(*, domain: str) -> None:
    """Have previews of a domain again, from the next post on that links there. Raises Invalid, NotFound."""
    if not CardBan.objects.filter(domain=domains.checked(domain)).delete()[0]:
        raise NotFound(f"{domain} is not forbidden.")


def refresh(*, url: str, now: datetime) -> None:
    """Have a page asked again within seconds. Raises NotFound if no post ever showed a card of it."""
    address = links.canonical(url)
    if address is None or not ledger.ask_again(address, now=now):
        raise NotFound(f"There is no card of {url[:200]}.")
