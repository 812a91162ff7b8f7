"""What rules at the door would have met last week, found out before one of them is switched on.

What was written last week is known by rows: accounts that came then, by their numbers; older ones that wrote their name
or bio anew; hashtags that public posts of those days carry. It is looked at in batches, each its own transaction that
says how far it came, so that a worker that dies loses one batch and no count is made twice. Nothing is decided, queued
or counted as a hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import IntegrityError, connection, transaction

from moderation.models import ProfileWritten, RuleRehearsal
from moderation.screening import RULES, Rule, hits
from upscrolled import screening
from upscrolled.core import ids
from upscrolled.models import Account

WEEK: Final = timedelta(days=7)
BATCH: Final = 2_000
SAMPLE: Final = 20  # of what met a rule are kept by number
PARTS: Final = ("accounts", "profiles", "hashtags")  # in this order

_WROTE: Final = """
INSERT INTO moderation_profilewritten (account_id, at) VALUES (%(account)s, %(now)s)
ON CONFLICT (account_id) DO UPDATE SET at = excluded.at
"""
_SAID: Final = ("username", "display_name", "note", "fields")
# Hashtags that posts of those days carry, among so many numbers of hashtags: each costs one look into an index.
_WINDOW: Final = 10
_TAGS: Final = """
SELECT t.id, t.name FROM feed_tag t
WHERE t.id > %(after)s AND t.id <= %(upto)s AND EXISTS (
  SELECT 1 FROM feed_posttag p WHERE p.tag_id = t.id AND p.post_id >= %(first)s AND p.post_id < %(last)s)
ORDER BY t.id
"""
_NAMES: Final = "SELECT id, name FROM feed_tag WHERE id = ANY(%(numbers)s::bigint[])"


@dataclass(frozen=True, slots=True)
class Met:
    """What a rule would have met: how often, among how much that was looked at, and some of it by field and text."""

    rule: Rule
    count: int
    looked_at: int
    sample: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal that came to its end found, by the names of rules; those that changed since are not in it."""

    since: datetime
    until: datetime
    by_rule: dict[str, Met]


def written(account_id: int, *, now: datetime) -> None:
    """Remember when an account that is there wrote what it says of itself anew."""
    with connection.cursor() as cursor:
        cursor.execute(_WROTE, {"account": account_id, "now": now})


def begin(*, now: datetime) -> RuleRehearsal:
    """Have the week until now looked at; one that is under way is returned as it is."""
    try:
        with transaction.atomic():
            return RuleRehearsal.objects.create(rules=_versions(), since=now - WEEK, until=now, part=PARTS[0])
    except IntegrityError:
        return RuleRehearsal.objects.get(finished_at=None)


@transaction.atomic
def go_on(*, now: datetime, limit: int = BATCH) -> bool:
    """Look at the next batch of the rehearsal that is under way; say whether there was anything to do.

    Nothing is done while another worker is at it. If rules were changed meanwhile it begins anew.
    """
    run = RuleRehearsal.objects.select_for_update(skip_locked=True).filter(finished_at=None).first()
    if run is None:
        return False
    if run.rules != _versions():
        run.rules, run.part, run.after, run.looked_at, run.met = _versions(), PARTS[0], 0, {}, {}
    batch = _batch(run, limit)
    for number, *texts in batch.rows:
        for field, text in _fields(run.part, texts):
            run.looked_at[field] = run.looked_at.get(field, 0) + 1
            for hit in hits(field, text):
                met = run.met.setdefault(hit.rule.name, {"count": 0, "sample": []})
                met["count"] += 1
                if len(met["sample"]) < SAMPLE:
                    met["sample"].append([field, number])
    run.after = batch.upto
    if batch.is_last:
        run.part, run.after = _following(run.part), 0
        run.finished_at = now if run.part == "" else None
    run.save()
    return True


def last() -> Rehearsed | None:
    """Return what the last rehearsal that came to its end found; three statements at the most.

    Its sample is what accounts and hashtags say now, without those that are gone or say something else by now.
    """
    run = RuleRehearsal.objects.exclude(finished_at=None).order_by("-until").first()
    if run is None:
        return None
    said = _said_now([(field, number) for met in run.met.values() for field, number in met["sample"]])
    by_rule = {}
    for rule in RULES:
        if run.rules.get(rule.name) != rule.version:
            continue
        met = run.met.get(rule.name, {"count": 0, "sample": []})
        texts = [(field, said.get((field, number), "")) for field, number in met["sample"]]
        still = [(field, text) for field, text in texts if hits(field, text, [rule])]
        looked_at = sum(run.looked_at.get(field, 0) for field in rule.fields)
        by_rule[rule.name] = Met(rule, met["count"], looked_at, still)
    return Rehearsed(run.since, run.until, by_rule)


def under_way() -> bool:
    """Say whether a rehearsal runs."""
    return RuleRehearsal.objects.filter(finished_at=None).exists()


def is_due() -> bool:
    """Say whether there is a rule that no rehearsal has asked about in its present version, nor does."""
    run = RuleRehearsal.objects.order_by("-until").first()
    return run is None or (run.finished_at is not None and run.rules != _versions())


def _versions() -> dict[str, int]:
    return {rule.name: rule.version for rule in RULES}


def _following(part: str) -> str:
    return dict(zip(PARTS, (*PARTS[1:], ""), strict=True))[part]


class _Batch(NamedTuple):
    """Rows of a number and its texts; up to which number they go, and whether they are the last of their part."""

    rows: list[tuple[Any, ...]]
    upto: int
    is_last: bool


def _batch(run: RuleRehearsal, limit: int) -> _Batch:
    first, last = ids.first_at(run.since), ids.first_at(run.until)
    if run.part == "hashtags":
        upto = run.after + limit * _WINDOW
        facts = {"after": run.after, "upto": upto, "first": first, "last": last}
        with connection.cursor() as cursor:
            cursor.execute(_TAGS, facts)
            rows = list(cursor.fetchall())
            cursor.execute("SELECT coalesce(max(id), 0) FROM feed_tag")
            return _Batch(rows, upto, upto >= cursor.fetchone()[0])
    if run.part == "accounts":
        came = Account.objects.filter(pk__gt=run.after, pk__gte=first, pk__lt=last, is_active=True)
        rows = list(came.order_by("pk").values_list("pk", *_SAID)[:limit])
    else:
        wrote = ProfileWritten.objects.filter(at__gte=run.since, at__lt=run.until, account__is_active=True)
        older = wrote.filter(account_id__gt=run.after, account_id__lt=first).order_by("account_id")
        rows = list(older.values_list("account_id", *(f"account__{name}" for name in _SAID))[:limit])
    return _Batch(rows, rows[-1][0] if rows else run.after, len(rows) < limit)


def _fields(part: str, texts: Sequence[Any]) -> Iterable[tuple[str, str]]:
    if part == "hashtags":
        return [("hashtag", texts[0])]
    return [(field, text) for field, text in screening.said(*texts).items() if text]


def _said_now(wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """What stands there now, by field and number."""
    people = Account.objects.filter(
        pk__in={number for field, number in wanted if field != "hashtag"}, is_active=True
    )
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, {"numbers": [number for field, number in wanted if field == "hashtag"]})
        tags = cursor.fetchall()
    found: dict[tuple[str, int], str] = {}
    for part, some in (("accounts", people.values_list("pk", *_SAID)), ("hashtags", tags)):
        for number, *texts in some:
            found.update({(field, number): text for field, text in _fields(part, texts)})
    return found
