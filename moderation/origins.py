"""How a case came up, as its statement of reasons has to say: nobody's choice, but a fact of the case."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from moderation.models import Case, LegalOrder, Statement
from moderation.statements import Reasons

DETECTED: Final = ("screening", "ring", "bank", "copy")  # what found these is a program, whoever decides


def source_of(case: Case) -> str:
    """Return how a case came up, in the words of a statement: what nobody told us of is our own initiative."""
    return case.source if case.source in Statement.Source.values else Statement.Source.OWN


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
    """Return the reasons with what is a fact of the case: its source, if a program found it, the basis of its order."""
    detected = reasons.automated_detection or case.source in DETECTED
    reasons = replace(reasons, source=source_of(case), automated_detection=detected)
    if order is None:
        return reasons
    law = f"{order.law} ({order.authority}, {order.reference})"[:500]
    return replace(reasons, ground=Statement.Ground.LAW, legal_reference=law)
