"""The site by weeks: posts, people who were here, sign-ups. Counted by the clock, read by whoever asks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection

from upscrolled.core import ids

WEEKS = 12
# Ids carry the moment, so a week is a range of the primary keys. Who was here is known for the last day of each
# only: the present week's number is right while the week lasts, and is left alone afterwards.
_COUNT = """
INSERT INTO upscrolled_siteweek AS w (starts_on, posts, logins, registrations)
SELECT %(week)s::date,
       (SELECT count(*) FROM feed_post p WHERE p.id >= %(first)s AND p.id < %(beyond)s),
       CASE WHEN %(present)s THEN (SELECT count(*) FROM upscrolled_accountcounters c
                                   WHERE c.active_on >= %(week)s::date) ELSE 0 END,
       (SELECT count(*) FROM upscrolled_account a WHERE a.id >= %(first)s AND a.id < %(beyond)s)
ON CONFLICT (starts_on) DO UPDATE SET posts = excluded.posts, registrations = excluded.registrations,
  logins = greatest(w.logins, excluded.logins)
"""
_READ = """
SELECT starts_on, posts, logins, registrations FROM upscrolled_siteweek
WHERE starts_on > %(after)s::date AND starts_on <= %(week)s::date
"""


class Week(NamedTuple):
    """The numbers of the week that begins on this Monday (UTC)."""

    starts_on: date
    posts: int
    logins: int
    registrations: int


def monday(now: datetime) -> date:
    """Return the first day of the week of a moment, in UTC."""
    today = now.astimezone(UTC).date()
    return today - timedelta(days=today.weekday())


def count(*, now: datetime) -> None:
    """Count the present week anew, the one before it, and any that was never counted."""
    this = monday(now)
    weeks = [this - timedelta(weeks=back) for back in range(WEEKS)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT starts_on FROM upscrolled_siteweek WHERE starts_on = ANY(%s::date[])", [weeks])
        known = {row[0] for row in cursor.fetchall()}
        for week in weeks:
            if week in known and week < this - timedelta(weeks=1):
                continue
            bounds = {"first": _first_id(week), "beyond": _first_id(week + timedelta(weeks=1))}
            cursor.execute(_COUNT, {"week": week, "present": week == this, **bounds})


def latest(now: datetime) -> list[Week]:
    """Return the last WEEKS weeks, the present one first; a week that nobody counted has zeros."""
    this = monday(now)
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"after": this - timedelta(weeks=WEEKS), "week": this})
        counted = {row[0]: Week(*row) for row in cursor.fetchall()}
    weeks = (this - timedelta(weeks=back) for back in range(WEEKS))
    return [counted.get(week, Week(week, 0, 0, 0)) for week in weeks]


def _first_id(day: date) -> int:
    return ids.first_at(datetime.combine(day, time(), UTC))
