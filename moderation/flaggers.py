"""Trusted flaggers (Article 22): whose reports come sooner to a look, and how good they were."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

WITHIN: Final = timedelta(hours=6)  # for a report of theirs that has no clock of law
LEAST_DECIDED: Final = 20
LEAST_PRECISION: Final = 0.5
_LAPSED: Final = """
UPDATE moderation_trustedflagger f SET until = %(now)s, ended_because = %(because)s
WHERE f.until IS NULL AND (
  SELECT count(*) >= %(least)s AND avg((r.outcome = 'upheld')::int) < %(precision)s
  FROM moderation_report r WHERE r.reporter_id = f.account_id AND r.outcome <> '' AND r.created_at >= f.since)
"""


def lapse(*, now: datetime) -> int:
    """End the trust in flaggers of whose reports more than half were refused; return how many."""
    because = f"Fewer than {LEAST_PRECISION:.0%} of at least {LEAST_DECIDED} reports were upheld."
    facts: dict[str, Any] = {
        "now": now,
        "because": because,
        "least": LEAST_DECIDED,
        "precision": LEAST_PRECISION,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LAPSED, facts)
        return int(cursor.rowcount)
