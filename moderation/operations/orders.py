"""Enter an order of an authority: it opens a case in its lane of law, with its clock, its reach and its legal basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from moderation import casework, subjects
from moderation.clocks import ORDERS, OrderKind
from moderation.grounds import POLICIES
from moderation.models import LegalOrder
from moderation.operations.apart import take_apart
from moderation.operations.decide import country_codes
from moderation.operations.reviewers import require
from moderation.subjects import Subject
from upscrolled.core.errors import Conflict, Invalid
from upscrolled.models import Account

DEMAND_MAX: Final = 5_000


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as it came. `countries`, `law`, `policy` and `deadline` are those of its kind where none is given."""

    kind: str
    authority: str
    reference: str
    demand: str
    subject: Subject
    received_at: datetime
    law: str = ""
    countries: Sequence[str] = ()
    policy: str = ""
    deadline: datetime | None = None


@transaction.atomic
def enter_order(order: NewOrder, *, by: Account, now: datetime) -> LegalOrder:
    """Enter an order; its case is opened, or raised to its lane and deadline.

    The clock runs from when the order came, not from when it was entered. Raises NotAllowed, NotFound for what is not
    there, Invalid for what an order must say, Conflict for one that was entered before.
    """
    require(by, "orders", now=now)
    kind = ORDERS.get(order.kind)
    if kind is None:
        raise Invalid(f"Validation failed: Kind must be one of {', '.join(ORDERS)}")
    law, deadline = _checked(order, kind, now)
    policy = order.policy or kind.policy
    if policy not in POLICIES:
        raise Invalid(f"Validation failed: Policy must be one of {', '.join(POLICIES)}")
    countries = country_codes(order.countries or kind.countries)
    about = subjects.load(order.subject)
    take_apart(order.subject, now=now)  # an order is about this one alone, not about its near copies
    case, _ = casework.open_or_join(
        about, policy=policy, lane=kind.lane, source="order", now=now, deadline=deadline, apart=True
    )
    entered, made = LegalOrder.objects.get_or_create(
        case=case,
        authority=order.authority.strip(),
        reference=order.reference.strip(),
        defaults={
            "kind": kind.key,
            "law": law,
            "countries": countries,
            "demand": order.demand.strip(),
            "received_at": order.received_at,
            "deadline": deadline,
            "entered_by": by,
            "entered_at": now,
        },
    )
    if not made:
        raise Conflict(f"Order {entered.reference} of {entered.authority} was entered before")
    reason = f"{entered.authority}, {entered.reference}"
    casework.note(case.pk, "order", by_id=by.id, now=now, reason=reason)
    casework.place(case, now=now)
    return entered


def _checked(order: NewOrder, kind: OrderKind, now: datetime) -> tuple[str, datetime]:
    """The law and the deadline of an order. Raises Invalid, naming what is missing."""
    for name, text, most in (
        ("Authority", order.authority, 200),
        ("Reference", order.reference, 100),
        ("Demand", order.demand, DEMAND_MAX),
    ):
        if not 1 <= len(text.strip()) <= most:
            raise Invalid(
                f"Validation failed: {name} has {len(text.strip())} characters; it needs 1 to {most}"
            )
    law = order.law.strip() or kind.law
    if not 3 <= len(law) <= 300:
        raise Invalid(f"Validation failed: Law has {len(law)} characters; name it with its article, 3 to 300")
    if order.received_at > now:
        raise Invalid(f"Validation failed: it came in the future, {order.received_at:%Y-%m-%d %H:%M}")
    deadline = order.deadline or (order.received_at + kind.within if kind.within else None)
    if deadline is None:
        raise Invalid(f"Validation failed: Deadline can't be blank; {kind.key} has no clock of its own")
    if deadline <= order.received_at:
        raise Invalid("Validation failed: Deadline is before the order came")
    return law, deadline
