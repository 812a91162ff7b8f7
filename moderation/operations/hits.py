"""Hits in a bank of known abuse of children or of terror: hidden at once, sealed for a day, and first before a person.

No bank is kept here. Whoever may hold one compares, and tells the hits (`manage.py bank_hit`): by the posts, or by the
SHA-256 of their media, of which we look up our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from moderation import casework, subjects, wording
from moderation.grounds import POLICIES
from moderation.models import Case, SealStep, Statement
from moderation.operations import sealing
from moderation.operations.decide import AlreadySo, Wish, decide
from moderation.statements import Reasons
from moderation.subjects import Subject
from upscrolled.core.errors import Invalid

BANK_LEAST, BANK_MOST = 3, 100
_POSTS: Final = """
SELECT DISTINCT s.post_id FROM upscrolled_mediaattachment m
JOIN feed_postmedia s ON s.attachment_id = m.id AND s.position IS NOT NULL
JOIN feed_post p ON p.id = s.post_id AND p.deleted_at IS NULL
WHERE m.sha256 = ANY(%(digests)s::text[]) AND m.sha256 <> '' AND m.deleted_at IS NULL ORDER BY s.post_id
"""


@dataclass(frozen=True, slots=True)
class Bank:
    """Whose bank it is, and what is in it: `child_abuse` or `terror`."""

    name: str
    policy: str


def of_digests(digests: Sequence[str], *, bank: Bank, now: datetime) -> int:
    """Tell the hits among our media, by their SHA-256 in hex; return how many posts there were for the first time."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, {"digests": sorted({digest.lower() for digest in digests})})
        found = [Subject("post", row[0]) for row in cursor.fetchall()]
    return sum(hit(subject, bank=bank, now=now) for subject in found)


@transaction.atomic
def hit(about: Subject, *, bank: Bank, now: datetime) -> bool:
    """Hold a post or an account back until a person has looked, and keep its statement sealed for a day.

    Its case goes to the dark lane. False, and nothing is done, for what that bank was told of before: a person has
    looked or will. Raises NotFound, Invalid for another policy, or a bank without a name.
    """
    if bank.policy not in sealing.DARK:
        raise Invalid(f"Validation failed: Policy must be one of {', '.join(sealing.DARK)}")
    if not BANK_LEAST <= len(bank.name.strip()) <= BANK_MOST:
        raise Invalid(
            f"Validation failed: Bank has {len(bank.name.strip())} characters; it needs {BANK_LEAST} to {BANK_MOST}"
        )
    subjects.alone(about)
    name = bank.name.strip()
    told = SealStep.objects.filter(basis="bank_hit", reference=name)
    if told.filter(case__subject_kind=about.kind, case__subject_id=about.id).exists():
        return False
    found = subjects.load(about)
    case, _ = casework.open_or_join(
        found, policy=bank.policy, lane=POLICIES[bank.policy].lane, source="bank", now=now, apart=True
    )
    casework.place(case, now=now)
    if _may_be_sealed(case):
        sealing.seal_at_hit(case.pk, bank=name, now=now)
    facts, explanation = wording.of(found.language).HELD_AT_HIT
    reasons = Reasons(facts, explanation, source=Statement.Source.OWN, automated_detection=True)
    try:
        decide(Wish(about, "hold", bank.policy, reasons), by=None, now=now, case_id=case.pk)
    except AlreadySo:
        return False
    return True


def _may_be_sealed(case: Case) -> bool:
    """A threat to life, as which it may wait already, is nothing that a bank seals; nor is what was sealed before."""
    return case.policy in sealing.DARK and not SealStep.objects.filter(case=case).exists()
