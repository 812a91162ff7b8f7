"""The very file that was removed, shown somewhere else: a person looks, and what cannot wait for one is held.

Whoever sends again what was removed of theirs is told so on the spot (`upscrolled/operations/attaching.py`). With
somebody else the same file may be news or criticism, which no program tells apart.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from moderation import casework, subjects, wording
from moderation.grounds import POLICIES
from moderation.models import Statement
from moderation.operations.decide import AlreadySo, Wish, decide
from moderation.statements import Reasons
from moderation.subjects import Subject

AT_ONCE: Final = 100
HELD: Final = frozenset({"dark", "intimate"})  # lanes of law in which each hour counts
# Whose case or decision there was is looked at, or was. A removal that ended or was taken back has no copies.
_AGAIN: Final = """
SELECT DISTINCT ON (n.id) n.id, v.key, r.countries FROM upscrolled_restriction r
JOIN moderation_decision d ON d.id = r.decision_id JOIN moderation_policyversion v ON v.id = d.policy_id
JOIN upscrolled_mediaattachment o ON o.id = r.subject_id
JOIN upscrolled_mediaattachment n ON n.sha256 = o.sha256 AND n.sha256 <> '' AND n.id <> o.id
  AND n.attached_at IS NOT NULL AND n.deleted_at IS NULL AND n.purpose = 'post'
WHERE r.subject_kind = 'media' AND r.kind = 'removed' AND r.starts_at <= %(now)s
  AND (r.ends_at IS NULL OR r.ends_at > %(now)s)
  AND NOT EXISTS (SELECT 1 FROM moderation_decision e WHERE e.subject_kind = 'media' AND e.subject_id = n.id)
  AND NOT EXISTS (SELECT 1 FROM moderation_case c WHERE c.subject_kind = 'media' AND c.subject_id = n.id)
  AND NOT EXISTS (SELECT 1 FROM moderation_casecopy y WHERE y.subject_kind = 'media' AND y.subject_id = n.id)
ORDER BY n.id, r.id LIMIT %(limit)s
"""


def look(*, now: datetime) -> int:
    """Open a case for media that are the same file as some that are removed; return how many, a hundred at most.

    It joins the case of another copy that waits. For the abuse of children, terror and intimate pictures it is also
    held until a person has looked, in the countries in which the other was removed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, {"now": now, "limit": AT_ONCE})
        found: list[tuple[int, str, list[str]]] = cursor.fetchall()
    for number, policy, countries in found:
        _found_again(Subject("media", number), policy, countries, now=now)
    return len(found)


@transaction.atomic
def _found_again(about: Subject, policy: str, countries: list[str], *, now: datetime) -> None:
    subjects.alone(about)
    loaded, lane = subjects.load(about), POLICIES[policy].lane
    case, _ = casework.open_or_join(loaded, policy=policy, lane=lane, source="copy", now=now)
    casework.place(case, now=now)
    if lane in HELD:
        facts, explanation = wording.of(loaded.language).HELD_AS_COPY
        reasons = Reasons(facts, explanation, source=Statement.Source.OWN, automated_detection=True)
        try:
            decide(Wish(about, "hold", policy, reasons, countries), by=None, now=now, case_id=case.pk)
        except AlreadySo:
            return
