"""Which unfinished case of another a subject belongs to: a near copy is found by bands, then looked at itself.

Posts are copies of posts; a photo, video or sound is one of another. Nothing else has copies.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from moderation import near
from moderation.subjects import Loaded, Subject

# Its own unfinished case comes before any other; then the one that it joined before; then those that share a band and
# that nobody looks at yet, the more the better, with what their subject said when the case was opened.
_FOUND: Final = """
WITH x AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(bands)s::bigint[]) AS x (id, band)
), taken AS (
  SELECT c.subject_id AS id, NULL::bigint AS case_id FROM moderation_case c
  WHERE c.subject_kind = %(kind)s AND c.subject_id = ANY(%(numbers)s::bigint[]) AND c.state <> 'decided'
  UNION ALL
  SELECT y.subject_id, y.case_id FROM moderation_casecopy y
  JOIN moderation_case c ON c.id = y.case_id AND c.state <> 'decided'
  WHERE y.subject_kind = %(kind)s AND y.subject_id = ANY(%(numbers)s::bigint[])
), close AS (
  SELECT x.id, b.case_id, row_number() OVER (PARTITION BY x.id ORDER BY count(*) DESC, b.case_id) AS n
  FROM x JOIN moderation_caseband b ON b.band = x.band GROUP BY x.id, b.case_id
)
SELECT id, case_id, NULL::jsonb FROM taken
UNION ALL
SELECT close.id, close.case_id,
  (SELECT e.content FROM moderation_evidence e WHERE e.case_id = close.case_id ORDER BY e.id LIMIT 1)
FROM close JOIN moderation_case c ON c.id = close.case_id AND c.state = 'open' AND c.subject_kind = %(kind)s
WHERE close.n <= %(most)s AND close.id NOT IN (SELECT id FROM taken)
ORDER BY 1, 2
"""
_WAITING: Final = """
SELECT 1 FROM moderation_case c
WHERE c.subject_kind = %(kind)s AND c.subject_id = %(id)s AND c.state <> 'decided'
UNION ALL
SELECT 1 FROM moderation_casecopy y JOIN moderation_case c ON c.id = y.case_id AND c.state <> 'decided'
WHERE y.subject_kind = %(kind)s AND y.subject_id = %(id)s
"""
_MOST: Final = 10  # candidates that are looked at
_NAMED: Final = 32  # letters of a cluster's name
COPIED: Final = frozenset({"post", "media"})


def cluster_of(about: Loaded) -> str:
    """The name that a post shares with the very same texts, a medium with the very same files; empty for the rest."""
    if about.subject.kind == "media":
        return next((digest[:_NAMED] for digest in sorted(about.files)), "")
    return near.cluster_of(about.text) if about.subject.kind == "post" else ""


def bands(about: Loaded) -> list[int]:
    """The numbers by which near copies of a post or a medium are found; none of anything else."""
    return _exact(about) + [band for pdq in _pictures(about) for band in near.bands_of_picture(pdq)]


def homes(about: Sequence[Loaded]) -> dict[int, int]:
    """Return for each of these subjects of one kind that belongs to another's case that case; one statement.

    Who has an unfinished case of its own is not among them.
    """
    if not about:
        return {}
    known = {one.subject.id: one for one in about}
    probes = [(number, probe) for number, one in known.items() for probe in _probes(one)]
    facts: dict[str, Any] = {
        "kind": about[0].subject.kind,
        "numbers": sorted(known),
        "ids": [number for number, _ in probes],
        "bands": [probe for _, probe in probes],
        "most": _MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, facts)
        rows = cursor.fetchall()
    found: dict[int, int] = {}
    own = {number for number, case_id, _ in rows if case_id is None}
    for number, case_id, content in rows:
        is_free = number not in own and number not in found
        if is_free and (content is None or _is_copy(known[number], content)):
            found[number] = case_id
    return found


def is_waiting(subject: Subject) -> bool:
    """Say whether a subject is in an unfinished case, its own or another's."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"kind": subject.kind, "id": subject.id})
        return cursor.fetchone() is not None


def grouped(about: Sequence[Loaded]) -> list[list[Loaded]]:
    """Put near copies among these together, the first of each group the one that leads it."""
    groups: list[list[Loaded]] = []
    for one in about:
        for group in groups:
            if one.subject.kind in COPIED and _is_copy(one, group[0].content):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _probes(about: Loaded) -> list[int]:
    return _exact(about) + [probe for pdq in _pictures(about) for probe in near.probes_of_picture(pdq)]


def _exact(about: Loaded) -> list[int]:
    """The bands that are looked for as they are: of a post's text, of a medium's file."""
    if about.subject.kind == "media":
        return [near.band_of_file(digest) for digest in sorted(about.files)]
    return near.bands_of_text(about.text) if about.subject.kind == "post" else []


def _pictures(about: Loaded) -> list[str]:
    return about.pictures if about.subject.kind in COPIED else []


def _is_copy(about: Loaded, content: Any) -> bool:
    """The same file is a copy; a text with pictures is one if its pictures are; one without if its words are."""
    other = Loaded(about.subject, None, "", content if isinstance(content, dict) else json.loads(content))
    if about.subject.kind == "media" and about.files & other.files:
        return True
    if about.pictures or other.pictures:
        return any(near.same_picture(one, two) for one in about.pictures for two in other.pictures)
    return near.same_text(about.text, other.text)
