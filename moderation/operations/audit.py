"""Is anybody restricted quietly? Compare everything with everything; nothing is changed.

The database refuses (migration 0003), but whoever owns it can switch that off. What they then did stands out here:
a restriction without its chain, a chain that says something else than the public log, a log that is not what was
signed, a post that no rule hides and no surface shows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from feed.timelines import home
from moderation import counting, publishing, statements, transparency
from moderation.log import tree
from moderation.logstore import Tiles
from moderation.models import LogCheckpoint, LogEntry, PublicAct, PublishedFigures, Statement
from moderation.operations import built
from moderation.operations.beside import EXCEPTIONS
from moderation.operations.questions import QUESTIONS
from moderation.operations.refusals import CHANGED, REFUSALS
from moderation.statements import Readable
from upscrolled.models import Account
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, sql_params, visible_sql

SAMPLE: Final = 10
ROLE: Final = "upscrolled_app"
UNSENT_AFTER: Final = timedelta(hours=1)
_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One question: how much was looked at, how much is wrong, and the first of it."""

    name: str
    checked: int
    wrong: int
    examples: tuple[str, ...]


def audit(*, now: datetime) -> list[Finding]:
    """Ask every question; return what was found, wrong or not."""
    found = [_ask(name, table, sql, now) for name, table, sql in QUESTIONS]
    found += [_statements(), *log(now=now), _figures(), _refusals(), _built(), _rights()]
    found += [_homes(), *(_surface(surface) for surface in _SURFACES)]
    return found


def exceptions() -> list[Finding]:
    """List what lowers a reach without a decision and is no restriction: an account's own purge, media that failed."""
    found = []
    for name, sql in EXCEPTIONS:
        last = tuple(map(str, _column(f"{sql} LIMIT {SAMPLE}", {})))
        found.append(Finding(name, _count(f"({sql}) AS them"), 0, last))
    return found


# A public post of somebody who stands well, restricted by nothing: a visitor from nowhere has to be shown it.
_SURFACES: Final = (
    Surface.THREAD,
    Surface.PROFILE,
    Surface.PUBLIC,
    Surface.TAG,
    Surface.DISCOVER,
    Surface.SEARCH,
)
_HIDDEN: Final = """
SELECT p.id FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id AND a.is_active
WHERE p.deleted_at IS NULL AND p.audience = 'public' AND p.repost_of_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE (r.subject_kind = 'post' AND r.subject_id = p.id)
                     OR (r.subject_kind = 'account' AND r.subject_id = p.author_id))
  AND {wished} AND NOT {visible} ORDER BY p.id LIMIT 1000
"""


def _ask(name: str, table: str, sql: str, now: datetime) -> Finding:
    return _finding(name, _count(table), _column(sql, {"unsent": now - UNSENT_AFTER}))


def _surface(surface: Surface) -> Finding:
    wished = "a.indexable" if surface is Surface.SEARCH else "true"  # the author's own wish is no restriction
    hidden = _column(_HIDDEN.format(wished=wished, visible=visible_sql(surface)), sql_params(Viewer()))
    return _finding(f"posts that {surface.value} hides for no reason", _count("feed_post"), hidden)


_READERS: Final = """
SELECT account_id, graph_version FROM upscrolled_accountcounters WHERE active_on IS NOT NULL
ORDER BY active_on DESC LIMIT 100
"""


def _homes() -> Finding:
    """Lists of home, which are kept beside the rows, have what the rows say: those of some who were here last."""
    with connection.cursor() as cursor:
        cursor.execute(_READERS)
        readers = cursor.fetchall()
    wrong = [
        post for number, version in readers for post in home.lacking(Viewer(Account(id=number), version))
    ]
    return _finding("posts that lists of home lack", len(readers), sorted(set(wrong)))


def _statements() -> Finding:
    """Open every statement, and see that its text is the one of the log."""
    wrong, checked, above = [], 0, 0
    while True:
        rows = list(
            Statement.objects.filter(pk__gt=above, key__key__isnull=False)
            .select_related("key", "decision__log_entry", "decision__reverses__statement__key")
            .order_by("pk")[:_BATCH]
        )
        for row in rows:
            readable = _opened(row)
            if readable is None or not readable.is_true or not _is_linked(row):
                wrong.append(row.pk)
        checked += len(rows)
        if len(rows) < _BATCH:
            return _finding("statements that are not what the log says", checked, wrong)
        above = rows[-1].pk


def _opened(statement: Statement) -> Readable | None:
    try:
        return statements.unseal(statement, statement.key.key)
    except ValueError:
        return None


def _is_linked(statement: Statement) -> bool:
    """Whether the log's blinded link of what takes a decision back is of that very one, as far as it can be opened."""
    decision = getattr(statement, "decision", None)
    if decision is None or decision.reverses is None or not hasattr(decision, "log_entry"):
        return True  # asked elsewhere
    earlier = _opened(decision.reverses.statement)
    prior = json.loads(decision.log_entry.data).get("prior")
    return earlier is None or prior == statements.link_of(bytes.fromhex(earlier.salt))


def log(*, now: datetime) -> list[Finding]:
    """Make the tree again from the leaves, and compare it with every checkpoint that was signed and every tile."""
    entries = LogEntry.objects.order_by("created_at")
    acts = PublicAct.objects.order_by("id")
    bad = [
        row.pk
        for table in (entries, acts)
        for row in table.iterator()
        if transparency.hash_of(row.data) != bytes(row.hash)
        or transparency.canonical(json.loads(row.data)) != row.data
    ]
    before, count = now - 2 * settings.LOG_DELAY - timedelta(hours=2), entries.count() + acts.count()
    late = [
        number
        for table in (entries, acts)
        for number in table.filter(leaf=None, created_at__lt=before).values_list("pk", flat=True)
    ]
    found = [
        _finding("log entries with another hash", count, bad),
        _finding("log entries that were not published", count, late),
    ]
    whole, gaps = tree.Tree(), []
    for leaf in publishing.leaves():
        if leaf.index != whole.size or not leaf.hashed:
            gaps.append(leaf.index)
            break
        whole.append(leaf.hashed)
    checkpoints = list(LogCheckpoint.objects.order_by("size"))
    wrong = [row.size for row in checkpoints if not _holds(row, whole)]
    tiles = Tiles()
    levels = list(range(0, len(whole.levels), 8))
    untrue = [
        f"{level // 8}/{number}"
        for level in levels
        for number in range((len(whole.levels[level]) + 255) // 256)
        if tiles.tile(level // 8, number) != b"".join(whole.levels[level][number * 256 : number * 256 + 256])
    ]
    return [
        *found,
        _finding("places of the log that are missing", whole.size, gaps),
        _finding("checkpoints that the log does not bear out", len(checkpoints), wrong),
        _finding("tiles that are not the tree's", len(levels), untrue),
    ]


def _figures() -> Finding:
    """What the page says is what the log says."""
    shown = list(PublishedFigures.objects.all())
    wrong = [row.pk for row in shown if counting.recount(size=row.pk) != row.figures]
    return _finding("figures that the log does not bear out", len(shown), wrong)


def _holds(row: LogCheckpoint, whole: tree.Tree) -> bool:
    if row.size > whole.size or tree.root(row.size, whole.node) != bytes(row.root):
        return False
    try:
        signed = publishing.read(row.note)
    except ValueError:
        return False
    return (signed.origin, signed.size, signed.root) == (publishing.origin(), row.size, bytes(row.root))


_ENABLED: Final = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
"""


def _refusals() -> Finding:
    """The triggers that refuse stand, and are on."""
    with connection.cursor() as cursor:
        cursor.execute(_ENABLED)
        enabled = set(cursor.fetchall())
    off = [f"{name} on {table}" for table, name in REFUSALS if (table, name) not in enabled]
    return _finding("refusals that are switched off", len(REFUSALS), off)


def _built() -> Finding:
    """Functions, triggers and constraints are as the migrations made them."""
    count, wrong = built.changed()
    return _finding("refusals that are not as they were made", count, wrong)


_GRANTED: Final = """
SELECT t.name || ': ' || p.privilege FROM unnest(%(tables)s::text[]) AS t (name),
  unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p (privilege)
WHERE EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %(role)s)
  AND has_table_privilege(%(role)s, t.name, p.privilege)
"""


# What the role could be given beside rights on tables: to do without them, or to begin every session with a setting.
_ABLE: Final = """
SELECT 'it is more than a role that signs in' FROM pg_roles WHERE rolname = %(role)s
  AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
UNION ALL SELECT 'it can act as ' || g.rolname FROM pg_roles g, pg_roles r
WHERE r.rolname = %(role)s AND g.oid <> r.oid AND NOT r.rolsuper AND pg_has_role(r.oid, g.oid, 'MEMBER')
UNION ALL SELECT 'it makes tables in public' FROM pg_roles
WHERE rolname = %(role)s AND NOT rolsuper AND has_schema_privilege(oid, 'public', 'CREATE')
UNION ALL SELECT 'its sessions begin with ' || setting FROM pg_roles r
JOIN pg_db_role_setting s ON s.setrole = r.oid, unnest(s.setconfig) AS setting WHERE r.rolname = %(role)s
  AND split_part(setting, '=', 1) IN ('search_path', 'upscrolled.actor', 'session_replication_role')
"""


def _rights() -> Finding:
    """The role of web and workers cannot change what only grows, nor become somebody who can."""
    tables = sorted({table for table, _ in REFUSALS} - CHANGED)
    rights = _column(_GRANTED, {"tables": tables, "role": ROLE}) + _column(_ABLE, {"role": ROLE})
    return _finding("rights that the role of web and workers must not have", len(tables), rights)


def _finding(name: str, checked: int, wrong: list[Any]) -> Finding:
    return Finding(name, checked, len(wrong), tuple(str(one) for one in wrong[:SAMPLE]))


def _column(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return [row[0] for row in cursor.fetchall()]


def _count(table: str) -> int:
    return int(_column(f"SELECT count(*) FROM {table}", {})[0])
