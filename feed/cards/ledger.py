"""The rows of cards: which post shows which, which page is to be asked when, and what came of it.

A card that is owed is a row from the moment its post exists, so a lost queue loses nothing. A worker takes a card
for the length of a lease; one that dies leaves it to the next, and one that was thought dead writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.db import connection, transaction

from feed import links
from feed.cards.page import Preview
from upscrolled.core import mailbox
from upscrolled.pictures import ledger as pictures

AT_ONCE = 2  # pages that are asked at the same moment, by all workers; a host is asked by one
LEASE = timedelta(minutes=2)  # longer than everything that is done for a card may take together
RETRIES = (timedelta(minutes=2), timedelta(minutes=20))
TRIES = len(RETRIES) + 1
FRESH, FAILED = timedelta(days=7), timedelta(days=1)  # after these a new post has the page asked again
SILENT, SILENT_MOST = timedelta(minutes=5), timedelta(hours=6)
TASK = "feed.tasks.fetch_cards"


@dataclass(frozen=True, slots=True)
class Owed:
    """A card that this worker holds until `leased_until`."""

    link_id: int
    url: str
    host: str
    attempts: int
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Image:
    """A stored picture of ours, made of the one that a page names."""

    name: str = ""
    width: int = 0
    height: int = 0
    blurhash: str = ""


# Most links have a fresh card: then the row of it is only read, or everybody who posts the same link would wait.
_NOTE = """
WITH link AS (SELECT id FROM feed_link WHERE digest = %(digest)s),
shown AS (
  INSERT INTO feed_postcard (post_id, link_id) SELECT %(post)s, id FROM link
  ON CONFLICT (post_id) DO UPDATE SET link_id = excluded.link_id
)
INSERT INTO feed_card AS c (link_id, host, due_at)
SELECT l.id, %(host)s, greatest(%(now)s, (SELECT silent_until FROM feed_cardsite WHERE host = %(host)s))
FROM link l
WHERE NOT EXISTS (SELECT 1 FROM feed_card f WHERE f.link_id = l.id
                  AND (f.due_at IS NOT NULL OR f.stale_at > %(now)s))
ON CONFLICT (link_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0 WHERE c.due_at IS NULL
"""
_CLAIM = """
UPDATE feed_card c SET leased_until = %(until)s, attempts = c.attempts + 1
FROM feed_link l
WHERE l.id = c.link_id AND c.link_id = (
  SELECT d.link_id FROM feed_card d
  WHERE d.due_at <= %(now)s AND (d.leased_until IS NULL OR d.leased_until <= %(now)s)
    AND NOT EXISTS (SELECT 1 FROM feed_card o WHERE o.host = d.host AND o.leased_until > %(now)s)
    AND (SELECT count(*) FROM feed_card b WHERE b.leased_until > %(now)s) < %(at_once)s
  ORDER BY d.due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING c.link_id, l.url, c.host, c.attempts, c.leased_until
"""
_KEEP = """
WITH before AS (SELECT image FROM feed_card WHERE link_id = %(link)s FOR UPDATE)
UPDATE feed_card c SET due_at = NULL, leased_until = NULL, attempts = 0, failure = '', fetched_at = %(now)s,
  stale_at = %(stale)s, hosts = %(hosts)s, title = %(title)s, description = %(description)s,
  author_name = %(author_name)s, author_url = %(author_url)s, provider = %(provider)s, language = %(language)s,
  published_at = %(published_at)s, image = %(image)s, image_description = %(image_description)s,
  width = %(width)s, height = %(height)s, blurhash = %(blurhash)s
FROM before b WHERE c.link_id = %(link)s AND c.leased_until = %(until)s
RETURNING b.image
"""
_FAIL = """
UPDATE feed_card SET leased_until = NULL, failure = %(reason)s, due_at = %(due)s,
  stale_at = CASE WHEN %(due)s::timestamptz IS NULL THEN %(stale)s ELSE stale_at END
WHERE link_id = %(link)s AND leased_until = %(until)s
"""
_SILENT = """
INSERT INTO feed_cardsite AS s (host, failures, silent_until) VALUES (%(host)s, 1, %(now)s + %(silent)s)
ON CONFLICT (host) DO UPDATE SET failures = s.failures + 1,
  silent_until = %(now)s + least(%(silent)s * power(4, least(s.failures, 8)), %(most)s)
RETURNING silent_until
"""
_WAIT = """
UPDATE feed_card SET due_at = %(until_then)s
WHERE host = %(host)s AND due_at < %(until_then)s AND leased_until IS NULL
"""


def note(post_id: int, url: str, *, now: datetime) -> None:
    """Note that a post shows the card of this canonical address, and have its page asked unless that is known."""
    row: dict[str, Any] = {"post": post_id, "digest": links.digest(url), "host": host_of(url), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, row)
        if cursor.rowcount:
            transaction.on_commit(_tell_a_worker, robust=True)


def leave(post_id: int) -> None:
    """Take its card from a post."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM feed_postcard WHERE post_id = %(post)s", {"post": post_id})


def host_of(url: str) -> str:
    """Return the host of an address in the form in which hosts are compared."""
    return mailbox.comparable(urlsplit(url).hostname or "")


def _tell_a_worker() -> None:
    """Start a worker by the task's name, for tasks stand above. If the queue is lost, the sweep finds the row."""
    current_app.send_task(TASK, retry=False, expires=60)


def claim(*, now: datetime) -> Owed | None:
    """Take the card that is owed for longest, if fewer than AT_ONCE are held and nobody is at its host."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": now + LEASE, "at_once": AT_ONCE})
        row = cursor.fetchone()
    return Owed(*row) if row else None


@transaction.atomic
def keep(owed: Owed, preview: Preview, image: Image, hosts: list[str], *, now: datetime) -> None:
    """Keep what a page said; nothing if the lease was lost."""
    row: dict[str, Any] = {name: getattr(preview, name) for name in preview.__dataclass_fields__}
    row |= {"image": image.name, "width": image.width, "height": image.height, "blurhash": image.blurhash}
    row |= {
        "link": owed.link_id,
        "until": owed.leased_until,
        "hosts": hosts,
        "now": now,
        "stale": now + FRESH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, row)
        kept = cursor.fetchone()
        cursor.execute("DELETE FROM feed_cardsite WHERE host = %(host)s", {"host": owed.host})
    if kept and kept[0] not in ("", image.name):
        pictures.give_up(kept[0], now=now)


@transaction.atomic
def fail(owed: Owed, reason: str, *, again: bool, silent: bool, now: datetime) -> None:
    """Remember that nothing came of it: ask later if that may help, or not before FAILED has passed.

    A card that was there stays. If the whole site was silent, its other pages wait too.
    """
    due = now + RETRIES[owed.attempts - 1] if again and owed.attempts < TRIES else None
    row: dict[str, Any] = {"host": owed.host, "now": now, "silent": SILENT, "most": SILENT_MOST}
    with connection.cursor() as cursor:
        if silent:
            cursor.execute(_SILENT, row)
            row["until_then"] = cursor.fetchone()[0]
            due = max(due, row["until_then"]) if due else None
            cursor.execute(_WAIT, row)
        row |= {"link": owed.link_id, "until": owed.leased_until, "due": due, "stale": now + FAILED}
        cursor.execute(_FAIL, row | {"reason": reason[:500]})


def forget_owed(*, now: datetime) -> None:
    """Drop what is owed: the next post with such a link has its page asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE feed_card SET due_at = NULL, leased_until = NULL, stale_at = %(now)s WHERE due_at IS NOT NULL",
            {"now": now},
        )


_UNUSED = """
WITH gone AS (
  DELETE FROM feed_card c
  WHERE c.due_at IS NULL AND c.stale_at <= %(now)s
    AND NOT EXISTS (SELECT 1 FROM feed_postcard p WHERE p.link_id = c.link_id)
  RETURNING c.image
)
SELECT DISTINCT image FROM gone WHERE image <> ''
"""


@transaction.atomic
def forget_unused(*, now: datetime) -> None:
    """Delete cards that no post shows any more and that would have to be asked anew, with their pictures."""
    with connection.cursor() as cursor:
        cursor.execute(_UNUSED, {"now": now})
        for (image,) in cursor.fetchall():
            pictures.give_up(image, now=now)


# A card that is emptied is none. With the lease gone, a worker that is at one of them writes nothing.
_EMPTY = """
WITH emptied AS (
  SELECT c.link_id, c.image FROM feed_card c
  WHERE EXISTS (SELECT 1 FROM unnest(c.hosts || c.host) AS h (host)
                WHERE h.host = %(domain)s OR h.host LIKE '%%.' || %(domain)s)
  FOR UPDATE
), done AS (
  UPDATE feed_card c SET title = '', description = '', author_name = '', author_url = '', provider = '',
    image = '', image_description = '', blurhash = '', due_at = NULL, leased_until = NULL, stale_at = %(now)s,
    failure = 'refused: forbidden'
  FROM emptied e WHERE c.link_id = e.link_id
)
SELECT image FROM emptied
"""


@transaction.atomic
def empty(domain: str, *, now: datetime) -> int:
    """Empty all cards for which a domain, or one below it, was asked; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY, {"domain": domain, "now": now})
        images = [row[0] for row in cursor.fetchall()]
    for image in {image for image in images if image}:
        pictures.give_up(image, now=now)
    return len(images)


def ask_again(url: str, *, now: datetime) -> bool:
    """Have the page of a canonical address asked anew, whatever is known; False if no post ever showed its card."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE feed_card SET due_at = %(now)s, leased_until = NULL, attempts = 0
               WHERE link_id = (SELECT id FROM feed_link WHERE digest = %(digest)s)""",
            {"now": now, "digest": links.digest(url)},
        )
        return bool(cursor.rowcount)


def forbidden(host: str) -> bool:
    """Say whether the operator wants no previews of a host."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM feed_cardban WHERE domain = ANY(%(names)s))",
            {"names": mailbox.with_parents(mailbox.comparable(host))},
        )
        return bool(cursor.fetchone()[0])
