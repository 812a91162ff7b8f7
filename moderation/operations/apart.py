"""Look apart at what waits in the case of a near copy: a case of its own, and the reports that named it go along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from moderation import casework, subjects
from moderation.grounds import POLICIES
from moderation.models import Case, CaseCopy
from moderation.subjects import Subject

# A report of messages does not say which here; it waits for both then.
_NAMED: Final = """
UPDATE moderation_report SET outcome = '', decided_at = NULL, cases = CASE
    WHEN {named} = ARRAY[%(one)s::bigint] THEN array_replace(cases, %(old)s::bigint, %(new)s::bigint)
    ELSE array_append(cases, %(new)s::bigint) END
WHERE target_id = %(target)s AND %(old)s::bigint = ANY(cases)
  AND (%(one)s::bigint = ANY({named}) OR post_ids || media_ids = '{{}}')
  AND outcome_told_at IS NULL
"""
_NAMED_POSTS, _NAMED_MEDIA = (_NAMED.format(named=named) for named in ("post_ids", "media_ids"))


def look_at_apart(case: Case, copies: Sequence[CaseCopy], *, now: datetime) -> list[Case]:
    """Open a case of its own for each of these, and have the reports that named it wait for that one too.

    The clock of the earlier case goes on. Of an order's the copies have nothing: it is about the case's subject alone.
    """
    ordered = case.source == "order"
    apart = []
    loaded = subjects.load_all(case.subject_kind, [copy.subject_id for copy in copies]) if copies else {}
    for copy in copies:
        if (about := loaded.get(copy.subject_id)) is None:
            continue  # purged meanwhile
        own, _ = casework.open_or_join(
            about,
            policy=case.policy,
            lane=POLICIES[case.policy].lane if ordered else case.lane,
            source="report" if ordered else case.source,
            now=now,
            deadline=None if ordered else case.deadline,
            apart=True,
        )
        facts = {"old": case.pk, "new": own.pk, "target": copy.account_id, "one": copy.subject_id}
        with connection.cursor() as cursor:
            cursor.execute(_NAMED_MEDIA if copy.subject_kind == "media" else _NAMED_POSTS, facts)
        casework.place(own, now=now)
        CaseCopy.objects.filter(pk=copy.pk).delete()
        apart.append(own)
    return apart


def take_apart(subject: Subject, *, now: datetime) -> None:
    """Have a case of its own for what waits in another's, if it does; who holds that one is not asked about it."""
    waiting = CaseCopy.objects.filter(subject_kind=subject.kind, subject_id=subject.id).exclude(
        case__state="decided"
    )
    for copy in waiting.order_by("case_id"):
        case = Case.objects.select_for_update().get(pk=copy.case_id)
        if case.state != "decided":
            look_at_apart(case, [copy], now=now)
