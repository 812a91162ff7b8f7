"""Is anybody restricted quietly? Compare everything with everything; nothing is changed.

The database refuses (migration 0003), but whoever owns it can switch that off. What they then did stands out here:
a restriction without its chain, a chain that says something else than the public log, a log that is not what was
signed, a post that no rule hides and no surface shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from moderation import publishing, statements, transparency
from moderation.log import tree
from moderation.logstore import Tiles
from moderation.models import LogCheckpoint, LogEntry, LogLeaf, Statement
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
    found = [_ask(name, table, sql, now) for name, table, sql in _QUESTIONS]
    found += [_statements(), *log(now=now), _refusals(), _rights()]
    found += [_surface(surface) for surface in _SURFACES]
    return found


_QUESTIONS: Final = (
    (
        "restrictions without their decision",
        "upscrolled_restriction",
        """SELECT r.id FROM upscrolled_restriction r LEFT JOIN moderation_decision d ON d.id = r.decision_id
           WHERE d.id IS NULL OR (r.subject_kind, r.subject_id, r.kind, r.countries)
                   IS DISTINCT FROM (d.subject_kind, d.subject_id, d.action, d.countries)
              OR r.starts_at < d.decided_at OR coalesce(r.ends_at, 'infinity') > coalesce(d.ends_at, 'infinity')""",
    ),
    (
        "restrictions that ended early without a word",
        "upscrolled_restriction",
        """SELECT r.id FROM upscrolled_restriction r JOIN moderation_decision d ON d.id = r.decision_id
           WHERE r.kind <> 'hold' AND r.ends_at < coalesce(d.ends_at, 'infinity')
             AND NOT EXISTS (SELECT 1 FROM moderation_decision u WHERE u.reverses_id = d.id)""",
    ),
    (
        "decisions that restrict and have no restriction",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d WHERE d.action NOT IN ('warn', 'restore')
             AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.decision_id = d.id)""",
    ),
    (
        "decisions without their statement",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d LEFT JOIN moderation_statement s ON s.id = d.statement_id
           WHERE s.id IS NULL OR (s.subject_kind, s.subject_id, s.measure, s.policy_id, s.countries)
                   IS DISTINCT FROM (d.subject_kind, d.subject_id, d.action, d.policy_id, d.countries)
              OR s.ends_at IS DISTINCT FROM d.ends_at OR s.starts_at <> d.decided_at""",
    ),
    (
        "statements without their decision",
        "moderation_statement",
        """SELECT s.id FROM moderation_statement s
           WHERE NOT EXISTS (SELECT 1 FROM moderation_decision d WHERE d.statement_id = s.id)""",
    ),
    (
        "statements without a notice to whom they concern",
        "moderation_statement",
        """SELECT s.id FROM moderation_statement s LEFT JOIN moderation_notice n ON n.statement_id = s.id
           LEFT JOIN feed_post p ON s.subject_kind = 'post' AND p.id = s.subject_id
           WHERE n.id IS NULL OR n.account_id IS DISTINCT FROM s.account_id
              OR (s.account_id IS NULL) <> (s.subject_kind = 'hashtag')
              OR (s.subject_kind IN ('account', 'handle') AND s.account_id <> s.subject_id)
              OR p.author_id <> s.account_id""",
    ),
    (
        "statements without their key or its tombstone",
        "moderation_statement",
        """SELECT s.id FROM moderation_statement s LEFT JOIN moderation_statementkey k ON k.statement_id = s.id
           WHERE k.statement_id IS NULL OR (k.key IS NULL AND EXISTS (
             SELECT 1 FROM upscrolled_account a WHERE a.id = s.account_id AND a.is_active))""",
    ),
    (
        "notices that nobody was sent",
        "moderation_notice",
        """SELECT n.id FROM moderation_notice n JOIN upscrolled_account a ON a.id = n.account_id
           WHERE n.sent_at IS NULL AND n.created_at < %(unsent)s""",
    ),
    (
        "decisions that the log tells otherwise",
        "moderation_decision",
        """SELECT d.id FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
           LEFT JOIN moderation_logentry e ON e.decision_id = d.id
           JOIN moderation_policyversion v ON v.id = d.policy_id
           WHERE e.data IS NULL OR e.data::jsonb->>'action' IS DISTINCT FROM d.action
              OR e.data::jsonb->>'digest' IS DISTINCT FROM s.digest
              OR e.data::jsonb->>'subject' IS DISTINCT FROM d.subject_kind
              OR e.data::jsonb->>'policy' IS DISTINCT FROM v.key
              OR (e.data::jsonb->>'policy_version')::int IS DISTINCT FROM v.version
              OR (e.data::jsonb->>'automated_decision')::boolean IS DISTINCT FROM (d.decided_by_id IS NULL)
              OR e.data::jsonb->>'day' IS DISTINCT FROM to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')""",
    ),
    (
        "strikes on somebody else",
        "moderation_strike",
        """SELECT t.decision_id FROM moderation_strike t JOIN moderation_decision d ON d.id = t.decision_id
           JOIN moderation_statement s ON s.id = d.statement_id WHERE t.account_id IS DISTINCT FROM s.account_id""",
    ),
    (
        "appeals decided by somebody in the chain",
        "moderation_appeal",
        """SELECT a.id FROM moderation_appeal a JOIN moderation_decision d ON d.id = a.decision_id
           WHERE a.decided_by_id IS NOT NULL AND a.decided_by_id IN (d.decided_by_id, a.account_id)""",
    ),
    (
        "decisions on an order that do not name its law, or go further",
        "moderation_legalorder",
        """SELECT d.id FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
           WHERE s.source = 'order' AND d.reverses_id IS NULL AND NOT EXISTS (
             SELECT 1 FROM moderation_legalorder o JOIN moderation_case c ON c.id = o.case_id
             WHERE (o.case_id = d.case_id OR (c.subject_kind, c.subject_id) = (d.subject_kind, d.subject_id))
               AND s.ground = 'law'
               AND starts_with(s.legal_reference, o.law)
               AND (cardinality(o.countries) = 0
                    OR (cardinality(d.countries) > 0 AND d.countries <@ o.countries)))""",
    ),
    (
        "live public posts that discover cannot draw",
        "feed_post",
        """SELECT p.id FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id
           WHERE p.audience = 'public' AND p.repost_of_id IS NULL AND p.in_reply_to_account_id IS NULL
             AND p.deleted_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM feed_candidate c WHERE c.post_id = p.id AND c.author_id = p.author_id)""",
    ),
)
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


def _statements() -> Finding:
    """Open every statement, and see that its text is the one of the log."""
    wrong, checked, above = [], 0, 0
    while True:
        rows = list(
            Statement.objects.filter(pk__gt=above, key__key__isnull=False)
            .select_related("key")
            .order_by("pk")[:_BATCH]
        )
        for row in rows:
            try:
                readable = statements.unseal(row, row.key.key)
            except ValueError:
                readable = None
            if readable is None or not readable.is_true:
                wrong.append(row.pk)
        checked += len(rows)
        if len(rows) < _BATCH:
            return _finding("statements that are not what the log says", checked, wrong)
        above = rows[-1].pk


def log(*, now: datetime) -> list[Finding]:
    """Make the tree again from the leaves, and compare it with every checkpoint that was signed and every tile."""
    entries = LogEntry.objects.order_by("created_at")
    bad = [row.pk for row in entries.iterator() if transparency.hash_of(row.data) != bytes(row.hash)]
    late = entries.filter(leaf=None, created_at__lt=now - 2 * settings.LOG_DELAY - timedelta(hours=2))
    found = [
        _finding("log entries with another hash", entries.count(), bad),
        _finding(
            "log entries that were not published", entries.count(), list(late.values_list("pk", flat=True))
        ),
    ]
    whole, gaps = tree.Tree(), []
    leaves = LogLeaf.objects.order_by("index").values_list("index", "entry__hash")
    for index, hashed in leaves.iterator():
        if index != whole.size:
            gaps.append(index)
            break
        whole.append(bytes(hashed))
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


def _holds(row: LogCheckpoint, whole: tree.Tree) -> bool:
    if row.size > whole.size or tree.root(row.size, whole.node) != bytes(row.root):
        return False
    try:
        signed = publishing.read(row.note)
    except ValueError:
        return False
    return (signed.origin, signed.size, signed.root) == (publishing.origin(), row.size, bytes(row.root))


_TRIGGERS: Final = (
    ("upscrolled_restriction", "no_silent_restriction"),
    ("upscrolled_restriction", "restriction_only_earlier"),
    ("upscrolled_restriction", "restriction_stays"),
    ("moderation_decision", "no_silent_decision"),
    ("moderation_statement", "statement_is_of_a_decision"),
    ("moderation_notice", "notice_steps"),
    ("moderation_notice", "notice_stays"),
    ("moderation_statementkey", "statementkey_stays"),
    ("moderation_appeal", "appeal_other_person"),
    ("moderation_appeal", "appeal_stays"),
    ("feed_post", "post_author_stays"),
    *(
        (f"moderation_{table}", f"moderation_{table}_stays")
        for table in (
            "decision",
            "statement",
            "strike",
            "severedfollow",
            "endedeffect",
            "policyversion",
            "policyexample",
            "caseevent",
            "evidence",
            "logentry",
            "logleaf",
            "logcheckpoint",
            "legalorder",
        )
    ),
)
_ENABLED: Final = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
"""


def _refusals() -> Finding:
    """The triggers that refuse stand, and are on."""
    with connection.cursor() as cursor:
        cursor.execute(_ENABLED)
        enabled = set(cursor.fetchall())
    off = [f"{name} on {table}" for table, name in _TRIGGERS if (table, name) not in enabled]
    return _finding("refusals that are switched off", len(_TRIGGERS), off)


_GRANTED: Final = """
SELECT t.name || ': ' || p.privilege FROM unnest(%(tables)s::text[]) AS t (name),
  unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p (privilege)
WHERE EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %(role)s)
  AND has_table_privilege(%(role)s, t.name, p.privilege)
"""


def _rights() -> Finding:
    """The role of web and workers cannot change what only grows."""
    tables = sorted({table for table, _ in _TRIGGERS} - {"feed_post", "moderation_appeal"})
    rights = _column(_GRANTED, {"tables": tables, "role": ROLE})
    return _finding("rights that the role of web and workers must not have", len(tables), rights)


def _finding(name: str, checked: int, wrong: list[Any]) -> Finding:
    return Finding(name, checked, len(wrong), tuple(str(one) for one in wrong[:SAMPLE]))


def _column(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return [row[0] for row in cursor.fetchall()]


def _count(table: str) -> int:
    return int(_column(f"SELECT count(*) FROM {table}", {})[0])
