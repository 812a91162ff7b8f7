"""The schema as a whole: what every table has to have."""

from __future__ import annotations

from django.db import connection

# Foreign keys that need no index: what they refer to is never deleted, or only with all that refers to it.
_NEVER_DELETED = {("upscrolled_termsacceptance", "terms_id")}
_WITHOUT_INDEX = """
SELECT k.conrelid::regclass::text, a.attname FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND NOT EXISTS (
  SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1] AND i.indisvalid
    AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)))
"""


def test_what_refers_to_a_deleted_row_is_found_along_an_index(db):
    """Else PostgreSQL reads a whole table for each account, post or file that goes, however large it has grown."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_INDEX)
        assert set(cursor.fetchall()) == _NEVER_DELETED
