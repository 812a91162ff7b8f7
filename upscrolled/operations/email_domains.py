"""Rules for the domains of e-mail addresses: refuse, let in after a look, or allow below a refused one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from upscrolled import switches
from upscrolled.core import domains, mailbox
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import EmailDomainRule

ALLOW, APPROVE, REFUSE = (
    EmailDomainRule.Action.ALLOW,
    EmailDomainRule.Action.APPROVE,
    EmailDomainRule.Action.REFUSE,
)
BECAUSE_MAX, LOADED_AT_ONCE = 1_000, 1_000


def action_for(email: str) -> str:
    """Return what the rules say to an address; the rule of the nearest domain decides, without any: allow.

    So do all while sign-ups are not defended (the switch `sign_up_defence`).
    """
    if switches.value("sign_up_defence") == "off":
        return ALLOW
    names = mailbox.with_parents(mailbox.domain_of(email))
    rules = dict(EmailDomainRule.objects.filter(domain__in=names).values_list("domain", "action"))
    return next((rules[name] for name in names if name in rules), ALLOW)


def set_rule(*, domain: str, action: str, because: str, now: datetime) -> EmailDomainRule:
    """Make or replace the rule of a domain and all below it. Raises Invalid for what is no domain or action."""
    name = domains.checked(domain)
    if action not in EmailDomainRule.Action.values:
        raise Invalid(f"There is no action {action!r}; they are {', '.join(EmailDomainRule.Action.values)}.")
    if len(because) > BECAUSE_MAX:
        raise Invalid(f"The reason has {len(because)} characters; at most {BECAUSE_MAX}.")
    fields = {"action": action, "because": because, "created_at": now}
    rule, _made = EmailDomainRule.objects.update_or_create(domain=name, defaults=fields)
    return rule


def remove_rule(*, domain: str) -> None:
    """Forget the rule of a domain. Raises NotFound."""
    if not EmailDomainRule.objects.filter(domain=domains.checked(domain)).delete()[0]:
        raise NotFound(f"There is no rule for {domain}.")


def load_rules(*, lines: Iterable[str], action: str, because: str, now: datetime) -> int:
    """Make a rule for each line that names a domain (# begins a comment); return how many there were.

    A domain that has a rule keeps it, so that a list of somebody else's never undoes what was decided here. All
    lines are checked before the first is stored. Raises Invalid, naming the line.
    """
    named = ((number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1))
    names = [domains.checked(domain, f"Line {number}: ") for number, domain in named if domain]
    rules = [
        EmailDomainRule(domain=name, action=action, because=because, created_at=now)
        for name in dict.fromkeys(names)
    ]
    EmailDomainRule.objects.bulk_create(rules, batch_size=LOADED_AT_ONCE, ignore_conflicts=True)
    return len(rules)
