"""Write a decision with all that belongs to it, in one statement: reasons, key, notice, restriction, strike, log.

PostgreSQL refuses at COMMIT whatever lacks one of them (migration 0003); this is the way that it accepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from moderation import statements, transparency
from moderation.actions import Action
from moderation.figures import Clock
from moderation.models import PolicyVersion
from moderation.statements import REDRESS, Reasons
from moderation.subjects import Loaded


@dataclass(frozen=True, slots=True)
class Ruling:
    """All that a decision says. `by_id` is None for a machine; `prior` is the blinded link to what it reverses,
    `clock` what the log tells of how long its case waited."""

    action: Action
    policy: PolicyVersion
    reasons: Reasons
    by_id: int | None
    countries: Sequence[str] = ()
    ends_at: datetime | None = None
    case_id: int | None = None
    reverses_id: int | None = None
    prior: str = ""
    bulk: UUID | None = None
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The numbers of what was written."""

    decision_id: int
    statement_id: int


_RECORD: Final = """
WITH s AS (
  INSERT INTO moderation_statement (account_id, language, subject_kind, subject_id, measure, countries, starts_at,
    ends_at, source, automated_detection, automated_decision, ground, legal_reference, policy_id, redress, facts,
    explanation, body, digest, created_at)
  VALUES (%(owner)s, %(language)s, %(kind)s, %(subject)s, %(action)s, %(countries)s::varchar[], %(now)s,
    %(ends)s::timestamptz, %(source)s, %(detected)s, %(machine)s, %(ground)s, %(law)s, %(policy)s,
    %(redress)s::varchar[], %(facts)s, %(explanation)s, %(body)s, %(digest)s, %(now)s)
  RETURNING id
), k AS (INSERT INTO moderation_statementkey (statement_id, key) SELECT id, %(key)s FROM s
), n AS (INSERT INTO moderation_notice (statement_id, account_id, created_at) SELECT id, %(owner)s, %(now)s FROM s
), d AS (
  INSERT INTO moderation_decision (case_id, subject_kind, subject_id, action, countries, ends_at, statement_id,
    policy_id, decided_by_id, decided_at, reverses_id, bulk)
  SELECT %(case)s, %(kind)s, %(subject)s, %(action)s, %(countries)s::varchar[], %(ends)s::timestamptz, id,
    %(policy)s, %(by)s, %(now)s, %(reverses)s, %(bulk)s::uuid FROM s
  RETURNING id
), e AS (
  INSERT INTO moderation_logentry (decision_id, data, hash, created_at) SELECT id, %(entry)s, %(hash)s, %(now)s FROM d
), r AS (
  INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, ends_at, decision_id)
  SELECT %(kind)s, %(subject)s, %(action)s, %(countries)s::varchar[], %(now)s, %(ends)s::timestamptz, id
  FROM d WHERE %(restricts)s
), t AS (
  INSERT INTO moderation_strike (decision_id, account_id, weight, given_at, expires_at)
  SELECT id, %(owner)s, %(weight)s, %(now)s, %(strike_ends)s::timestamptz FROM d WHERE %(weight)s > 0
)
SELECT d.id, s.id FROM d, s
"""


def record(ruling: Ruling, about: Loaded, *, now: datetime) -> Recorded:
    """Write the decision and its chain. Raises Invalid for reasons that are none."""
    statements.check(ruling.reasons)
    action, policy, reasons = ruling.action, ruling.policy, ruling.reasons
    language = about.language if about.language in ("en", "ar", "fr") else "en"
    countries, machine = sorted(ruling.countries), ruling.by_id is None
    text = statements.compose(
        reasons,
        language=language,
        measure=action.key,
        subject_kind=about.subject.kind,
        policy=policy,
        countries=countries,
        starts_at=now,
        ends_at=ruling.ends_at,
        by_machine=machine,
    )
    sealed = statements.seal(reasons, text)
    entry = transparency.entry(
        action=action.key,
        subject_kind=about.subject.kind,
        policy=policy,
        ground=reasons.ground,
        source=reasons.source,
        automated_detection=reasons.automated_detection,
        automated_decision=machine,
        countries=countries,
        starts_at=now,
        ends_at=ruling.ends_at,
        digest=sealed.digest,
        prior=ruling.prior,
        clock=ruling.clock,
    )
    strikes = action.strikes and about.owner_id is not None
    row: dict[str, Any] = {
        "owner": about.owner_id,
        "language": language,
        "kind": about.subject.kind,
        "subject": about.subject.id,
        "action": action.key,
        "countries": countries,
        "now": now,
        "ends": ruling.ends_at,
        "source": reasons.source,
        "detected": reasons.automated_detection,
        "machine": machine,
        "ground": reasons.ground,
        "law": reasons.legal_reference.strip(),
        "policy": policy.pk,
        "redress": list(REDRESS),
        "facts": sealed.facts,
        "explanation": sealed.explanation,
        "body": sealed.body,
        "digest": sealed.digest,
        "key": sealed.key,
        "case": ruling.case_id,
        "by": ruling.by_id,
        "reverses": ruling.reverses_id,
        "bulk": ruling.bulk,
        "entry": entry,
        "hash": transparency.hash_of(entry),
        "restricts": action.restricts,
        "weight": policy.strike_weight if strikes else 0,
        "strike_ends": now + timedelta(days=policy.strike_days),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, row)
        decision_id, statement_id = cursor.fetchone()
    return Recorded(decision_id, statement_id)
