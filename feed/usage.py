"""Count how much hashtags and links are used, day by day: the figures from which trends are made."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from upscrolled.core import ids

KEPT, LOOKED_BACK = timedelta(days=14), timedelta(days=7)
YESTERDAY_MINUTES = 5  # as often as the clock starts this (feed/schedule.py), so once an hour

# Public posts and answers, each author once; what a decision restricts does not count. The bounds stand twice: the
# planner does not conclude from one column of a join to the other, and would walk along all posts there are.
_COUNT = """
WITH restricted AS MATERIALIZED (
  SELECT r.subject_kind, r.subject_id FROM upscrolled_restriction r
  WHERE r.kind IN ('removed', 'hold', 'account_suspended', 'account_limited', 'hidden_from_discover')
    AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
), counted AS (
  SELECT t.{key}_id AS {key}_id, count(*) AS uses, count(DISTINCT p.author_id) AS people
  FROM feed_post{key} t JOIN feed_post p ON p.id = t.post_id
  WHERE t.post_id >= %(first)s AND t.post_id < %(end)s AND p.id >= %(first)s AND p.id < %(end)s
    AND p.audience = 'public' AND p.deleted_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM restricted r WHERE r.subject_kind = 'post' AND r.subject_id = p.id)
    AND NOT EXISTS (SELECT 1 FROM restricted r WHERE r.subject_kind = 'account' AND r.subject_id = p.author_id)
  GROUP BY t.{key}_id
), gone AS (
  DELETE FROM feed_{key}day d
  WHERE d.day = %(day)s AND NOT EXISTS (SELECT 1 FROM counted c WHERE c.{key}_id = d.{key}_id)
)
INSERT INTO feed_{key}day AS d ({key}_id, day, uses, people)
SELECT {key}_id, %(day)s, uses, people FROM counted
ON CONFLICT ({key}_id, day) DO UPDATE SET uses = excluded.uses, people = excluded.people
WHERE (d.uses, d.people) IS DISTINCT FROM (excluded.uses, excluded.people)
"""


def recount(*, now: datetime) -> None:
    """Count today anew from the posts, yesterday in the first minutes of each hour, and forget old days.

    A day of the last week of which nothing is known was missed, as when the clock stood still: it is counted too.
    The rows say what the posts say, whoever runs this and however often; two at once wait for each other.
    """
    moment = now.astimezone(UTC)
    today = moment.date()
    recount_day(today)
    missed = _missed(today)
    if moment.minute < YESTERDAY_MINUTES:
        missed.add(today - timedelta(days=1))
    for day in missed:
        recount_day(day)
    with connection.cursor() as cursor:
        for key in ("tag", "link"):
            cursor.execute(f"DELETE FROM feed_{key}day WHERE day < %(before)s", {"before": today - KEPT})


def _missed(today: date) -> set[date]:
    """Return the days before today of which there is no figure; on a site of few words it may be because of that."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT d.day::date FROM generate_series(%(first)s::date, %(last)s::date, '1 day') AS d (day)
               WHERE NOT EXISTS (SELECT 1 FROM feed_tagday t WHERE t.day = d.day::date)
                 AND NOT EXISTS (SELECT 1 FROM feed_linkday l WHERE l.day = d.day::date)""",
            {"first": today - LOOKED_BACK, "last": today - timedelta(days=1)},
        )
        return {row[0] for row in cursor.fetchall()}


@transaction.atomic
def recount_day(day: date) -> None:
    """Count one UTC day anew."""
    begins = datetime.combine(day, time(), UTC)
    bounds: dict[str, Any] = {
        "day": day,
        "first": ids.first_at(begins),
        "end": ids.first_at(begins + timedelta(days=1)),
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('feed trends'))")
        for key in ("tag", "link"):
            cursor.execute(_COUNT.format(key=key), bounds)
