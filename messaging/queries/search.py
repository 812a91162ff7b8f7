"""Look for words in one's own messages.

The texts are sealed, and there is no index of their words: one that could be searched would tell whoever holds the
database what people write about, which is what sealing is for. So a search opens messages, newest conversation first, a
bounded window at a time, and says how far it came; the next page goes on from there (adr/0020).
"""

from __future__ import annotations

from typing import Any, NamedTuple
from unicodedata import normalize

import regex
from django.db import connection

from messaging import sealing
from messaging.queries import messages
from messaging.queries.messages import MessageFacts
from messaging.visibility import FOUND, SEEN, WITHHELD
from upscrolled.core import scripts
from upscrolled.core.errors import Invalid
from upscrolled.core.ids import LARGEST
from upscrolled.viewer import Viewer

WINDOW = 2_000  # messages opened for one page
WORDS_MAX, LENGTH_MAX = 10, 200
_MARKS = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")


class Position(NamedTuple):
    """How far a search has come: the last activity of a conversation, and a message number in it."""

    activity_id: int
    seq: int


class Found(NamedTuple):
    """Messages with all the words, and where to go on; None at the end of all conversations."""

    messages: list[MessageFacts]
    following: Position | None


# Walked in this very order, so that it stops when the window is full.
_WALK = f"""
SELECT m.activity_id, x.id, x.conversation_id, x.seq, x.body, x.key_id
FROM messaging_member m
JOIN messaging_conversation c ON c.id = m.conversation_id
CROSS JOIN LATERAL (
  SELECT x.* FROM messaging_message x
  WHERE x.conversation_id = m.conversation_id AND x.deleted_at IS NULL
    AND (m.activity_id < %(activity)s::bigint OR x.seq < %(seq)s::bigint)
    AND {SEEN} AND (x.sender_id = m.account_id OR NOT {WITHHELD})
  ORDER BY x.seq DESC LIMIT {WINDOW}) x
WHERE m.account_id = %(viewer)s AND m.activity_id IS NOT NULL AND m.activity_id <= %(activity)s::bigint
  AND (%(conversation)s::bigint = 0 OR m.conversation_id = %(conversation)s::bigint) AND {FOUND}
ORDER BY m.activity_id DESC, x.seq DESC LIMIT {WINDOW}
"""


def search(
    viewer: Viewer, query: str, *, conversation_id: int = 0, after: Position | None = None, limit: int = 20
) -> Found:
    """Return messages that hold every word of the query, in any spelling that means the same.

    At most WINDOW messages are opened; `limit` bounds what is found. Raises Invalid for a query that says nothing or
    too much.
    """
    words = _words(query)
    start = after or Position(LARGEST, LARGEST)
    row: dict[str, Any] = {"viewer": viewer.id, "conversation": conversation_id}
    with connection.cursor() as cursor:
        cursor.execute(_WALK, {**row, "activity": start.activity_id, "seq": start.seq})
        window = cursor.fetchall()
    met: list[int] = []
    at: Position | None = None
    for activity, number, conversation, seq, body, key in window:
        at = Position(activity, seq)
        written = sealing.opened(bytes(body), key, conversation_id=conversation, about=number)
        spelled = folded(written or "")
        if all(word in spelled for word in words):
            met.append(number)
            if len(met) == limit:
                break
    seen = messages.several(viewer, met)
    whole = len(window) < WINDOW and len(met) < limit
    return Found([seen[number] for number in met if number in seen], None if whole else at)


def folded(text: str) -> str:
    """Return a text as all its spellings are looked for: without case, joiners, vowel signs, tatweel and hamza."""
    return scripts.folded(_MARKS.sub("", normalize("NFKC", text.casefold())))


def _words(query: str) -> list[str]:
    if len(query) > LENGTH_MAX:
        raise Invalid(f"Validation failed: q has {len(query)} characters; the limit is {LENGTH_MAX}")
    words = folded(query).split()
    if not 1 <= len(words) <= WORDS_MAX:
        raise Invalid(f"Validation failed: q has {len(words)} words; 1 to {WORDS_MAX} are looked for")
    return words
