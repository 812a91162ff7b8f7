"""The search that PostgreSQL is: words and traits of each post in one `tsvector`, found newest first.

Words that many posts have are met soon by walking back from the newest post; of rarer words the index tells all
that there are. So a search looks at the newest `WALKED` posts first, and asks the index for what is older, a month
at a time, until the page is full. Each costs about the same however many posts there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection

from feed.finding import Part, hashtags
from feed.finding.asked import Asked, Kind, Term, Within
from feed.finding.document import Document, month
from upscrolled import acting
from upscrolled.core import ids
from upscrolled.models import Notification
from upscrolled.queries.persons import named
from upscrolled.queries.search import search_people
from upscrolled.viewer import Person, Viewer
from upscrolled.visibility import Surface, sql_params, visible_sql

WALKED: Final = 3_000  # newest posts that are looked at one by one
REMEMBERED: Final = 1_000  # of one's likes, bookmarks, mentions, shares and votes each, the newest

_ENTER = """
INSERT INTO feed_postwords (post_id, words)
SELECT d.post_id, d.words::tsvector FROM unnest(%(ids)s::bigint[], %(words)s::text[]) d (post_id, words)
WHERE EXISTS (SELECT 1 FROM feed_post p WHERE p.id = d.post_id)
ON CONFLICT (post_id) DO NOTHING
"""
# Of a post that is found already: in its author's name, since a post without words is found by nobody.
_ENTER_ANEW = f"""
INSERT INTO feed_postwords (post_id, words)
SELECT p.id, %(words)s::tsvector FROM feed_post p, {acting.HAND} WHERE p.id = %(post)s
ON CONFLICT (post_id) DO UPDATE SET words = excluded.words
"""
_FORGET = "DELETE FROM feed_postwords WHERE post_id = ANY(%(ids)s)"

_VISIBLE = """SELECT 1 FROM feed_post p WHERE p.id = w.post_id AND {visible}"""
# Round 0 walks, each later one is a month of the index. Sorted before anybody asks who may see what, so that it is
# asked of no more posts than are shown.
_PUBLIC = f"""
WITH RECURSIVE edge AS MATERIALIZED (
  SELECT coalesce((SELECT w.post_id FROM feed_postwords w WHERE w.post_id < %(end)s::bigint AND w.post_id >= %(first)s
                   ORDER BY w.post_id DESC OFFSET %(walked)s LIMIT 1), 0) AS id
), months AS MATERIALIZED (
  SELECT ARRAY(
    SELECT '''=month:' || to_char(m, 'YYYY-MM') || '''' FROM edge, generate_series(
      date_trunc('month', to_timestamp((edge.id >> {ids.LOW_BITS}) / 1000.0) AT TIME ZONE 'UTC'),
      date_trunc('month', to_timestamp(
        (greatest(%(first)s::bigint, (SELECT min(o.post_id) FROM feed_postwords o)) >> {ids.LOW_BITS}) / 1000.0)
        AT TIME ZONE 'UTC'),
      interval '-1 month') m
    WHERE edge.id > 0) AS names
), found (round, ids) AS (
  SELECT -1, '{{}}'::bigint[] UNION ALL
  SELECT f.round + 1, f.ids || ARRAY(
    SELECT w.post_id FROM (
      SELECT x.post_id FROM (
        (SELECT n.post_id FROM (
           SELECT a.post_id, a.words FROM feed_postwords a WHERE a.post_id < %(end)s AND a.post_id >= %(first)s
           ORDER BY a.post_id DESC LIMIT %(walked)s) n
         WHERE f.round = -1 AND n.words @@ %(asked)s::tsquery)
        UNION ALL
        (SELECT i.post_id FROM (
           SELECT b.post_id FROM feed_postwords b
           WHERE b.words @@ (%(asked)s::tsquery && (months.names)[f.round + 1]::tsquery) OFFSET 0) i
         WHERE f.round >= 0 AND i.post_id <= edge.id AND i.post_id >= %(first)s)
      ) x ORDER BY x.post_id DESC OFFSET 0
    ) w WHERE EXISTS ({_VISIBLE.format(visible=visible_sql(Surface.SEARCH))})
    ORDER BY w.post_id DESC LIMIT %(most)s - cardinality(f.ids))
  FROM found f, edge, months WHERE f.round < cardinality(months.names) AND cardinality(f.ids) < %(most)s
)
SELECT id FROM (SELECT ids FROM found ORDER BY round DESC LIMIT 1) f, unnest(f.ids) id
"""
# What one wrote, liked, kept, shared, voted in or was named in: looked through whoever it is for.
_LIBRARY = f"""
WITH mine AS MATERIALIZED (
  SELECT b.post_id FROM feed_postwords b WHERE b.words @@ %(own)s::tsquery
  UNION
  SELECT m.post_id FROM (
    (SELECT post_id FROM feed_like WHERE account_id = %(viewer)s ORDER BY id DESC LIMIT %(remembered)s) UNION
    (SELECT post_id FROM feed_bookmark WHERE account_id = %(viewer)s ORDER BY id DESC LIMIT %(remembered)s) UNION
    (SELECT subject_id FROM upscrolled_notification WHERE recipient_id = %(viewer)s
     AND kind = '{Notification.Kind.MENTION.value}' ORDER BY id DESC LIMIT %(remembered)s) UNION
    (SELECT repost_of_id FROM feed_post WHERE author_id = %(viewer)s AND repost_of_id IS NOT NULL
     AND deleted_at IS NULL ORDER BY repost_of_id DESC LIMIT %(remembered)s) UNION
    (SELECT poll_id FROM feed_pollvote WHERE account_id = %(viewer)s ORDER BY id DESC LIMIT %(remembered)s)) m
  CROSS JOIN LATERAL (SELECT 1 FROM feed_postwords b WHERE b.post_id = m.post_id
                      AND b.words @@ %(asked)s::tsquery LIMIT 1) has
)
SELECT w.post_id FROM (
  SELECT post_id FROM mine WHERE post_id < %(end)s AND post_id >= %(first)s ORDER BY post_id DESC OFFSET 0) w
WHERE EXISTS ({_VISIBLE.format(visible=visible_sql(Surface.THREAD))})
ORDER BY w.post_id DESC LIMIT %(most)s
"""


class PostgresSearch:
    """`feed.finding.SearchBackend` in the site's own database."""

    def people(self, viewer: Viewer, q: str, part: Part, *, following: bool = False) -> list[Person]:
        """Find people by what they are called."""
        return search_people(viewer, q, limit=part.limit, offset=part.offset, following=following)

    def tags(self, q: str, part: Part) -> list[str]:
        """Find hashtags by their beginning."""
        return hashtags.tags(q, limit=part.limit, offset=part.offset)

    def posts(self, viewer: Viewer, asked: Asked, part: Part) -> list[int]:
        """Find posts, newest first."""
        query = _tsquery(asked.terms, viewer)
        if asked.nothing or query is None or viewer.account is None:
            return []
        row: dict[str, Any] = {
            **sql_params(viewer),
            "first": max(asked.first, part.min_id + 1),
            "end": min(asked.end or ids.LARGEST, part.max_id or ids.LARGEST),
            "most": part.limit + part.offset,
        }
        found: set[int] = set()
        if asked.within is not Within.LIBRARY:
            found.update(_ids(_PUBLIC, row | {"asked": _all(query, "=public"), "walked": WALKED}))
        if asked.within is not Within.PUBLIC:
            own = _all(query, f"=from:{viewer.id}")
            found.update(_ids(_LIBRARY, row | {"asked": _all(query), "own": own, "remembered": REMEMBERED}))
        return sorted(found, reverse=True)[part.offset : part.offset + part.limit]

    def enter(self, documents: Iterable[Document], *, anew: bool = False) -> None:
        """Let these posts be found."""
        wanted = list(documents)
        words = [tsvector(one.passages, _traits(one)) for one in wanted]
        with connection.cursor() as cursor:
            if not anew:
                cursor.execute(_ENTER, {"ids": [one.post_id for one in wanted], "words": words})
                return
            for one, written in zip(wanted, words, strict=True):
                cursor.execute(_ENTER_ANEW, {"post": one.post_id, "words": written, "actor": one.author_id})

    def forget(self, post_ids: Iterable[int]) -> None:
        """Let these posts be found no more."""
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, {"ids": list(post_ids)})


def _ids(sql: str, params: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


# --- how words and traits are written for PostgreSQL ----------------------------------------------------

_POSITIONS: Final = 16_383  # the last place in a text that a tsvector tells apart


def tsvector(passages: Iterable[Sequence[str]], traits: Iterable[str]) -> str:
    """Write passages of words and traits as PostgreSQL reads them. No word begins as traits do."""
    places: dict[str, list[int]] = {}
    place = 0
    for words in passages:
        place += 1  # between two passages, over which no phrase reaches
        for word in words:
            place += 1
            places.setdefault(word, []).append(min(place, _POSITIONS))
    written = [f"{_quoted(word)}:{','.join(map(str, at[:255]))}" for word, at in places.items()]
    return " ".join([*written, *map(_quoted, traits)])


def _traits(document: Document) -> list[str]:
    public = ["=public"] if document.public else []
    return [
        f"=from:{document.author_id}",
        f"=month:{month(document.post_id)}",
        *public,
        *([f"=language:{document.language}"] if document.language else []),
        *(f"=has:{name}" for name in sorted(document.has)),
        *(f"#{name}" for name in sorted(document.tags)),
    ]


def _all(query: Sequence[str], *traits: str) -> str:
    return " & ".join([*query, *map(_quoted, traits)]) or "!'=nothing'"


def _tsquery(terms: Sequence[Term], viewer: Viewer) -> list[str] | None:
    """Return the terms of the query, or None where one asks for something that no post has."""
    written = []
    for term in terms:
        one = _term(term, viewer)
        if one is not None:
            written.append(f"!({one})" if term.denied else f"({one})")
        elif not term.denied:
            return None
    return written


def _term(term: Term, viewer: Viewer) -> str | None:
    match term.kind:
        case Kind.WORDS:
            return " <-> ".join(map(_quoted, term.values))
        case Kind.TAG:
            return _quoted(f"#{term.values[0]}")
        case Kind.FROM:
            who = viewer.id if term.values[0].lower() == "me" else named(term.values[0].removeprefix("@"))
            return _quoted(f"=from:{who}") if who else None
        case Kind.AUTHOR:
            return _quoted(f"=from:{term.values[0]}")
        case Kind.HAS:
            return _quoted(f"=has:{term.values[0]}")
        case Kind.LANGUAGE:
            return _quoted(f"=language:{term.values[0]}")


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
