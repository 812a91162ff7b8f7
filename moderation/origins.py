"""How a case came up, as its statement of reasons has to say: nobody's choice, but a fact of the case."""

from __future__ import annotations

from dataclasses import replace

from moderation.casework import TOLD
from moderation.models import Case, LegalOrder, Statement
from moderation.statements import Reasons


def order_of(case: Case) -> LegalOrder | None:
    """Return the order that a case is about, the one whose clock runs out first.

    A case that looks anew at what an order was about has the last that came for the earlier case.
    """
    if case.source != "order":
        return None
    own = LegalOrder.objects.filter(case=case).order_by("deadline", "id").first()
    if own is not None:
        return own
    about = LegalOrder.objects.filter(case__subject_kind=case.subject_kind, case__subject_id=case.subject_id)
    return about.order_by("-id").first()


def reasons_of(case: Case, order: LegalOrder | None, reasons: Reasons) -> Reasons:
    """Return the reasons with the source of the case in them, and the legal basis of its order."""
    if case.source in TOLD:
        reasons = replace(reasons, source=case.source)
    if order is None:
        return reasons
    law = f"{order.law} ({order.authority}, {order.reference})"[:500]
    return replace(reasons, ground=Statement.Ground.LAW, legal_reference=law)
