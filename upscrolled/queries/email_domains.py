"""Which providers' addresses are refused at sign-up."""

from __future__ import annotations

from upscrolled.core.errors import NotFound
from upscrolled.core.paging import Page
from upscrolled.models import EmailDomainRule

REFUSE = EmailDomainRule.Action.REFUSE


def refused(page: Page) -> list[EmailDomainRule]:
    """Return a page of the rules that refuse a domain, the newest first."""
    found = EmailDomainRule.objects.filter(action=REFUSE)
    if page.max_id is not None:
        found = found.filter(pk__lt=page.max_id)
    if page.above is not None:
        found = found.filter(pk__gt=page.above)
    listed = found.order_by("id" if page.upward else "-id")[: page.limit]
    return sorted(listed, key=lambda rule: rule.pk, reverse=True)


def refusal(rule_id: int) -> EmailDomainRule:
    """Return a rule that refuses a domain. Raises NotFound."""
    found = EmailDomainRule.objects.filter(pk=rule_id, action=REFUSE).first()
    if found is None:
        raise NotFound
    return found
