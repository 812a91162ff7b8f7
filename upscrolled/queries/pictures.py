"""Whether a picture's address still answers."""

from __future__ import annotations

from django.db import connection

from upscrolled.pictures import AVATAR, HEADER
from upscrolled.pictures.storage import moving_of

# Of whom the Account entity (`api/entities.py`) tells no more than the name: suspended, or closed.
_TOLD = """
a.is_active AND NOT EXISTS (
  SELECT 1 FROM upscrolled_restriction r
  WHERE r.subject_kind = 'account' AND r.subject_id = a.id AND r.kind = 'account_suspended'
    AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
    AND (r.countries = '{}' OR %(country)s = ANY(r.countries)))
"""
_CLOSED = """
SELECT (EXISTS (SELECT 1 FROM upscrolled_account a WHERE a.{place} = %(name)s AND a.{place} <> '')
        OR EXISTS (SELECT 1 FROM upscrolled_keptpicture k WHERE k.picture_id = %(name)s))
  AND NOT EXISTS (SELECT 1 FROM upscrolled_account a WHERE a.{place} = %(name)s AND a.{place} <> '' AND {told})
"""
_BY_FOLDER = {kind.folder: _CLOSED.format(place=kind.name, told=_TOLD) for kind in (AVATAR, HEADER)}


def is_closed(name: str, *, country: str) -> bool:
    """Say whether only people show this picture who are suspended (in this country) or have closed their account.

    It is asked at each request, so nothing has to be moved or told: an address ends with the decision and is
    there again when it is taken back. What nobody shows any more is removed in minutes, and not closed; but what is
    kept as evidence is.
    """
    statement = _BY_FOLDER.get(name.partition("/")[0])
    if statement is None:  # pictures of linked pages
        return False
    with connection.cursor() as cursor:
        cursor.execute(statement, {"name": moving_of(name), "country": country})
        row = cursor.fetchone()
    return bool(row and row[0])
