"""The figures as everybody reads them, and statements for the Transparency Database of the EU."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection

from moderation import dsa
from moderation.models import PublishedFigures


def newest() -> PublishedFigures | None:
    """Return the figures that were counted last; None before the first time."""
    return PublishedFigures.objects.order_by("-size").first()


# Of published leaves only: a row names its leaf, and nobody learns of a decision sooner than by the log.
_SAID: Final = """
SELECT l.index, s.digest, s.measure, s.subject_kind,
  ARRAY(SELECT DISTINCT CASE WHEN a.kind IN ('image') THEN 'IMAGE' WHEN a.kind = 'audio' THEN 'AUDIO' ELSE 'VIDEO' END
        FROM upscrolled_mediaattachment a WHERE a.id = ANY(CASE s.subject_kind
          WHEN 'post' THEN ARRAY(SELECT m.attachment_id FROM feed_postmedia m WHERE m.post_id = s.subject_id)
          WHEN 'media' THEN ARRAY[s.subject_id] END) ORDER BY 1),
  (CASE WHEN s.subject_kind IN ('post', 'media', 'message', 'account', 'handle')
        THEN to_timestamp((s.subject_id >> 16) / 1000.0) ELSE s.starts_at END AT TIME ZONE 'UTC')::date,
  (s.starts_at AT TIME ZONE 'UTC')::date, (s.ends_at AT TIME ZONE 'UTC')::date, s.countries, s.source,
  s.automated_detection, s.automated_decision, s.ground, s.legal_reference, v.key, v.category,
  v.texts->'en'->>'title', v.texts->'en'->>'rule', v.texts->'en'->>'why'
FROM moderation_logleaf l JOIN moderation_decision d ON d.id = l.entry_id
JOIN moderation_statement s ON s.id = d.statement_id JOIN moderation_policyversion v ON v.id = s.policy_id
WHERE l.index >= %(first)s AND s.starts_at >= %(since)s
  AND coalesce(moderation_not_before(s.id) <= now(), true)
ORDER BY l.index LIMIT 1000
"""


_COLUMNS: Final = tuple(dsa.Said.__dataclass_fields__)[:-1]


def transparency_rows(*, since: datetime) -> Iterator[dict[str, Any]]:
    """Return a row of the Transparency Database for each published decision since then that is one of its."""
    first = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SAID, {"first": first, "since": since})
            rows = cursor.fetchall()
        for row in rows:
            if found := dsa.row(_said(row)):
                yield found
        if len(rows) < 1_000:
            return
        first = rows[-1][0] + 1


def _said(row: tuple[Any, ...]) -> dsa.Said:
    columns = dict(zip(_COLUMNS, row, strict=True))
    columns |= {"media": tuple(columns["media"]), "countries": tuple(columns["countries"])}
    return dsa.Said(**columns, reference_url=f"{settings.PUBLIC_URL}/terms-of-service")
