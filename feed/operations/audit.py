"""Check every stored number against the rows that it counts, and write it anew where it differs.

Numbers are kept exact by the verbs, in the transaction that changes what they count: a difference is a
mistake of ours, and this is how it is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction

from feed import candidates, counters, openness
from feed.ranking import formula
from upscrolled.media import ledger
from upscrolled.operations import announcements

SAMPLE = 20
_CHUNK = 2_000
_PAGE = 50_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A family of numbers: how many rows were looked at, how many differ, and some of their ids."""

    name: str
    checked: int
    wrong: int
    examples: tuple[int, ...]


# Truth of the numbers beside a name. A day of the last post may only be too early or absent: it stays when that
# post is deleted.
_ACCOUNTS = """
SELECT a.id FROM upscrolled_account a LEFT JOIN upscrolled_accountcounters c ON c.account_id = a.id
CROSS JOIN LATERAL (SELECT
  (SELECT count(*) FROM upscrolled_follow f WHERE f.target_id = a.id) AS followers,
  (SELECT count(*) FROM upscrolled_follow f WHERE f.account_id = a.id) AS following,
  (SELECT count(*) FROM feed_post p
   WHERE p.author_id = a.id AND p.deleted_at IS NULL AND p.repost_of_id IS NULL) AS posts,
  (SELECT (to_timestamp((max(p.id) >> 16) / 1000.0) AT TIME ZONE 'UTC')::date FROM feed_post p
   WHERE p.author_id = a.id AND p.deleted_at IS NULL AND p.repost_of_id IS NULL) AS last_on) t
WHERE c.account_id IS NULL OR (c.followers, c.following, c.posts) <> (t.followers, t.following, t.posts)
   OR coalesce(c.last_post_on, '-infinity') < coalesce(t.last_on, '-infinity')
ORDER BY a.id
"""
_REPAIR_ACCOUNTS = """
INSERT INTO upscrolled_accountcounters AS c
  (account_id, followers, following, posts, last_post_on, graph_version)
SELECT a.id,
  (SELECT count(*) FROM upscrolled_follow f WHERE f.target_id = a.id),
  (SELECT count(*) FROM upscrolled_follow f WHERE f.account_id = a.id),
  (SELECT count(*) FROM feed_post p
   WHERE p.author_id = a.id AND p.deleted_at IS NULL AND p.repost_of_id IS NULL),
  (SELECT (to_timestamp((max(p.id) >> 16) / 1000.0) AT TIME ZONE 'UTC')::date FROM feed_post p
   WHERE p.author_id = a.id AND p.deleted_at IS NULL AND p.repost_of_id IS NULL),
  1
FROM upscrolled_account a WHERE a.id = ANY(%(ids)s::bigint[])
ON CONFLICT (account_id) DO UPDATE
SET followers = excluded.followers, following = excluded.following, posts = excluded.posts,
    last_post_on = greatest(c.last_post_on, excluded.last_post_on)
"""
# Who has a place in discover: the definition beside feed/models/candidate.py.
_ELIGIBLE = """
SELECT p.id FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id
WHERE p.audience = 'public' AND p.repost_of_id IS NULL AND p.in_reply_to_account_id IS NULL
  AND p.deleted_at IS NULL
"""
_MISSING = f"""
SELECT e.id FROM ({_ELIGIBLE}) e
WHERE NOT EXISTS (SELECT 1 FROM feed_candidate c WHERE c.post_id = e.id) ORDER BY e.id
"""
_SURPLUS = f"""
SELECT c.post_id FROM feed_candidate c
WHERE NOT EXISTS (SELECT 1 FROM ({_ELIGIBLE}) e WHERE e.id = c.post_id) ORDER BY c.post_id
"""
# What the votes of a poll say: people, and how often each option was chosen.
_VOTES = """
SELECT q.post_id,
  (SELECT count(*) FROM feed_pollvote v WHERE v.poll_id = q.post_id) AS voters,
  ARRAY(SELECT (SELECT count(*) FROM feed_pollvote v WHERE v.poll_id = q.post_id AND n - 1 = ANY(v.choices))::int
        FROM generate_subscripts(q.options, 1) n ORDER BY n) AS votes
FROM feed_poll q
"""
_POLLS = f"""
SELECT q.post_id FROM feed_poll q JOIN ({_VOTES}) t ON t.post_id = q.post_id
WHERE (q.voters, q.votes) IS DISTINCT FROM (t.voters, t.votes) ORDER BY q.post_id
"""
_REPAIR_POLLS = f"""
UPDATE feed_poll q SET voters = t.voters, votes = t.votes FROM ({_VOTES}) t
WHERE t.post_id = q.post_id AND q.post_id = ANY(%(ids)s::bigint[])
"""
_VIDEOS = f"""
SELECT c.post_id FROM feed_candidate c JOIN feed_post p ON p.id = c.post_id
WHERE c.video <> {candidates.HAS_VIDEO} ORDER BY c.post_id
"""
_PLACES = """
SELECT post_id, likes, comments, shares, base, ring, day FROM feed_candidate
WHERE post_id > %(above)s ORDER BY post_id LIMIT %(limit)s
"""


def audit() -> list[Difference]:
    """Compare every stored number with its rows; nothing is changed."""
    return [found for found, _ in _all()]


@transaction.atomic
def repair() -> list[Difference]:
    """Write what differs anew from the rows; return what was found before.

    Meant for quiet hours: what people do meanwhile may be counted twice or not at all.
    """
    found = _all()
    wrong = {difference.name: ids for difference, ids in found}
    for post_id in wrong["posts"]:
        counters.recount(post_id)
    _run(_REPAIR_ACCOUNTS, wrong["accounts"])
    _run(_REPAIR_POLLS, wrong["polls"])
    _run(announcements.REPAIR, wrong["answers to news"])
    openness.of_attachments(wrong["open media"], now=datetime.now(UTC))
    _run(ledger.REPAIR, wrong["stored files"])
    _run("DELETE FROM feed_candidate WHERE post_id = ANY(%(ids)s::bigint[])", wrong["candidates: surplus"])
    # One that lies in the wrong place is entered anew.
    _run("DELETE FROM feed_candidate WHERE post_id = ANY(%(ids)s::bigint[])", wrong["candidates: place"])
    entered = [*wrong["candidates: missing"], *wrong["candidates: place"]]
    for post_id in entered:
        candidates.enter(post_id, author_id=_author(post_id))
    for post_id in wrong["candidates: video"]:
        candidates.look_for_video(post_id)
    for part in _chunks([*entered, *wrong["candidates: tickets"]]):
        candidates.recount(part)
    return [difference for difference, _ in found]


def _all() -> list[tuple[Difference, list[int]]]:
    candidate_count = _count("feed_candidate")
    posts = _count("feed_post")
    return [
        _difference("posts", posts, _drifting_posts()),
        _difference("accounts", _count("upscrolled_account"), _ids(_ACCOUNTS)),
        _difference("polls", _count("feed_poll"), _ids(_POLLS)),
        _difference("answers to news", _count("upscrolled_announcement"), _ids(announcements.DRIFT)),
        _difference("open media", _count("feed_postmedia"), _ids(openness.DRIFT)),
        _difference("stored files", _count("upscrolled_storedfile"), _ids(ledger.DRIFT)),
        _difference("candidates: missing", posts, _ids(_MISSING)),
        _difference("candidates: surplus", candidate_count, surplus := _ids(_SURPLUS)),
        _difference("candidates: tickets", candidate_count, _miscounted()),
        _difference("candidates: video", candidate_count, _ids(_VIDEOS)),
        _difference("candidates: place", candidate_count, _misplaced(set(surplus))),
    ]


def _difference(name: str, checked: int, wrong: list[int]) -> tuple[Difference, list[int]]:
    return Difference(name, checked, len(wrong), tuple(wrong[:SAMPLE])), wrong


def _drifting_posts() -> list[int]:
    found: list[int] = []
    while page := counters.drift(above=found[-1] if found else 0, limit=_CHUNK):
        found += [row[0] for row in page]
    return found


def _miscounted() -> list[int]:
    """Return candidates whose tickets differ from the likes, answers and shares that count."""
    wrong: list[int] = []
    for part in _chunks(_ids("SELECT post_id FROM feed_candidate ORDER BY post_id")):
        wrong += candidates.miscounted(part)
    return wrong


def _misplaced(surplus: set[int]) -> list[int]:
    """Return candidates whose base, ring or day does not follow from their id and tickets."""
    wrong: list[int] = []
    above = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_PLACES, {"above": above, "limit": _PAGE})
            rows = cursor.fetchall()
            wrong += [row[0] for row in rows if row[0] not in surplus and not _is_placed(*row)]
            if len(rows) < _PAGE:
                return wrong
            above = rows[-1][0]


def _is_placed(
    post_id: int, likes: int, comments: int, shares: int, base: float, ring: int, day: int
) -> bool:
    created = post_id >> 16
    # None is less than nothing, as `counting.base` has it.
    due = formula.base(formula.tickets(max(0, likes), max(0, comments), max(0, shares)), created)
    # Libraries' logarithms differ in the last bits; the public ranking allows as much.
    return abs(base - due) < 1e-9 and (ring, day) == (candidates.ring(post_id), created // candidates.DAY_MS)


def _author(post_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT author_id FROM feed_post WHERE id = %(post)s", {"post": post_id})
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]


def _ids(sql: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def _count(table: str) -> int:
    return _ids(f"SELECT count(*) FROM {table}")[0]


def _run(sql: str, ids: list[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"ids": ids})
