"""How a case came up, as its statement of reasons has to say: nobody's choice, but a fact of the case."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from moderation.models import Case, LegalOrder, Statement
from moderation.statements import Reasons

# Sources of cases that the law tells apart; for others whoever decides says it.
_TOLD: Final = frozenset({"notice", "trusted_flagger", "order"})


def order_of(case: Case) -> LegalOrder | None:
    """Return the order that a case is about, the one whose clock runs out first."""
    if case.source != "order":
        return None
    return LegalOrder.objects.filter(case=case).order_by("deadline", "id").first()


def reasons_of(case: Case, order: LegalOrder | None, reasons: Reasons) -> Reasons:
    """Return the reasons with the source of the case in them, and the legal basis of its order."""
    if case.source in _TOLD:
        reasons = replace(reasons, source=case.source)
    if order is None:
        return reasons
    law = f"{order.law} ({order.authority}, {order.reference})"[:500]
    return replace(reasons, ground=Statement.Ground.LAW, legal_reference=law)
