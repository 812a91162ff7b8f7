"""Write decisions with all that belongs to them, in one statement: reasons, key, notice, restriction, strike, log.

PostgreSQL refuses at COMMIT whatever lacks one of them (migration 0003); this is the way that it accepts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from moderation import statements, transparency, wording
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
class Origin:
    """The case that a decision answers, and what the log tells of how long that waited."""

    case_id: int | None = None
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The numbers of what was written."""

    decision_id: int
    statement_id: int


# What differs between people of one ruling comes as arrays; digests are salted, so no two are the same.
_RECORD: Final = """
WITH x AS MATERIALIZED (
  SELECT * FROM unnest(%(owners)s::bigint[], %(languages)s::text[], %(subjects)s::bigint[], %(facts)s::bytea[],
    %(explanations)s::bytea[], %(bodies)s::bytea[], %(digests)s::text[], %(keys)s::bytea[], %(entries)s::text[],
    %(hashes)s::bytea[], %(cases)s::bigint[])
    AS x (owner, language, subject, facts, explanation, body, digest, key, entry, hash, answers)
), s AS (
  INSERT INTO moderation_statement (account_id, language, subject_kind, subject_id, measure, countries, starts_at,
    ends_at, source, automated_detection, automated_decision, ground, legal_reference, policy_id, redress, facts,
    explanation, body, digest, created_at)
  SELECT owner, language, %(kind)s, subject, %(action)s, %(countries)s::varchar[], %(now)s,
    %(ends)s::timestamptz, %(source)s, %(detected)s, %(machine)s, %(ground)s, %(law)s, %(policy)s,
    %(redress)s::varchar[], facts, explanation, body, digest, %(now)s FROM x
  RETURNING id, digest
), y AS MATERIALIZED (SELECT x.*, s.id AS statement FROM x JOIN s USING (digest)
), k AS (INSERT INTO moderation_statementkey (statement_id, key) SELECT statement, key FROM y
), n AS (
  INSERT INTO moderation_notice (statement_id, account_id, created_at) SELECT statement, owner, %(now)s FROM y
), d AS (
  INSERT INTO moderation_decision (case_id, subject_kind, subject_id, action, countries, ends_at, statement_id,
    policy_id, decided_by_id, decided_at, reverses_id, bulk)
  SELECT answers, %(kind)s, subject, %(action)s, %(countries)s::varchar[], %(ends)s::timestamptz, statement,
    %(policy)s, %(by)s, %(now)s, %(reverses)s, %(bulk)s::uuid FROM y
  RETURNING id, statement_id
), z AS MATERIALIZED (SELECT y.*, d.id AS decision FROM y JOIN d ON d.statement_id = y.statement
), e AS (
  INSERT INTO moderation_logentry (decision_id, data, hash, created_at) SELECT decision, entry, hash, %(now)s FROM z
), r AS (
  INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, ends_at, decision_id)
  SELECT %(kind)s, subject, %(action)s, %(countries)s::varchar[], %(now)s, %(ends)s::timestamptz, decision
  FROM z WHERE %(restricts)s
), t AS (
  INSERT INTO moderation_strike (decision_id, account_id, weight, given_at, expires_at)
  SELECT decision, owner, %(weight)s, %(now)s, %(strike_ends)s::timestamptz
  FROM z WHERE %(weight)s > 0 AND owner IS NOT NULL
)
SELECT subject, decision, statement FROM z
"""


def record(ruling: Ruling, about: Loaded, *, now: datetime) -> Recorded:
    """Write the decision and its chain. Raises Invalid for reasons that are none."""
    return record_all(ruling, [about], now=now)[0]


def record_all(
    ruling: Ruling, about: Sequence[Loaded], *, now: datetime, origins: Mapping[int, Origin] | None = None
) -> list[Recorded]:
    """Write the same decision about several subjects of one kind, each with a chain of its own, in their order.

    `origins` are by the numbers of subjects; whichever is not among them has the case and the clock of the ruling.
    Raises Invalid for reasons that are none.
    """
    statements.check(ruling.reasons)
    action, policy, reasons = ruling.action, ruling.policy, ruling.reasons
    row: dict[str, Any] = {
        "kind": about[0].subject.kind,
        "action": action.key,
        "countries": sorted(ruling.countries),
        "now": now,
        "ends": ruling.ends_at,
        "source": reasons.source,
        "detected": reasons.automated_detection,
        "machine": ruling.by_id is None,
        "ground": reasons.ground,
        "law": reasons.legal_reference.strip(),
        "policy": policy.pk,
        "redress": list(REDRESS),
        "by": ruling.by_id,
        "reverses": ruling.reverses_id,
        "bulk": ruling.bulk,
        "restricts": action.restricts,
        "weight": policy.strike_weight if action.strikes else 0,
        "strike_ends": now + timedelta(days=policy.strike_days),
    }
    usual, known = Origin(ruling.case_id, ruling.clock), origins or {}
    each = [_each(ruling, one, known.get(one.subject.id, usual), now=now) for one in about]
    row |= {name: [one[name] for one in each] for name in each[0]}
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, row)
        written = {
            subject: Recorded(decision, statement) for subject, decision, statement in cursor.fetchall()
        }
    return [written[one.subject.id] for one in about]


def _each(ruling: Ruling, about: Loaded, origin: Origin, *, now: datetime) -> dict[str, Any]:
    """What is of one person's own: the statement in their language, sealed, and its entry in the log."""
    action, policy, reasons = ruling.action, ruling.policy, ruling.reasons
    language = about.language if about.language in wording.LANGUAGES else "en"
    countries, machine = sorted(ruling.countries), ruling.by_id is None
    text = statements.compose(
        reasons,
        language=language,
        measure=action.key,
        subject=about.subject,
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
        clock=origin.clock,
    )
    return {
        "owners": about.owner_id,
        "languages": language,
        "subjects": about.subject.id,
        "facts": sealed.facts,
        "explanations": sealed.explanation,
        "bodies": sealed.body,
        "digests": sealed.digest,
        "keys": sealed.key,
        "entries": entry,
        "hashes": transparency.hash_of(entry),
        "cases": origin.case_id,
    }
