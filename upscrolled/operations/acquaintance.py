"""What one keeps about others: a private note, a recommendation, that a suggestion was not wanted."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from upscrolled import acting
from upscrolled.core import text
from upscrolled.core.errors import Invalid, NotAllowed
from upscrolled.graph import alone
from upscrolled.models import Account, AccountNote, DismissedSuggestion, Endorsement
from upscrolled.operations.relationships import Someone

NOTE_MAX = 2_000
# The follow is looked for in the statement that writes, while nobody else changes anything between the two.
_ENDORSE = """
WITH follow AS (
  SELECT 1 FROM upscrolled_follow WHERE account_id = %(by)s AND target_id = %(target)s
), made AS (
  INSERT INTO upscrolled_endorsement (account_id, target_id, created_at)
  SELECT %(by)s, %(target)s, %(now)s FROM follow ON CONFLICT (account_id, target_id) DO NOTHING)
SELECT EXISTS (SELECT 1 FROM follow)
"""


def write_note(about: Someone, *, by: Account, comment: str, now: datetime) -> None:
    """Keep a note about somebody that only `by` reads; an empty one takes it away.

    Raises NotAllowed for oneself, Invalid with the limit and the actual length.
    """
    if about.id == by.id:
        raise NotAllowed("This action is not allowed on your own account")
    written = text.clean(comment).strip()
    if len(written) > NOTE_MAX:
        raise Invalid(f"Validation failed: Comment has {len(written)} characters; at most {NOTE_MAX}")
    if not written:
        AccountNote.objects.filter(account=by, target_id=about.id).delete()
        return
    AccountNote.objects.bulk_create(
        [AccountNote(account=by, target_id=about.id, text=written, created_at=now)],
        update_conflicts=True,
        unique_fields=["account", "target"],
        update_fields=["text"],
    )


@transaction.atomic
def endorse(target: Someone, *, by: Account, now: datetime) -> None:
    """Recommend somebody on one's profile. Raises Invalid for whom one does not follow."""
    alone(by.id, target.id)
    with connection.cursor() as cursor:
        cursor.execute(_ENDORSE, {"by": by.id, "target": target.id, "now": now})
        (follows,) = cursor.fetchone()
    if not follows:
        raise Invalid("Validation failed: You must be already following the person you want to endorse")


@transaction.atomic
def unendorse(target: Someone, *, by: Account) -> None:
    """Recommend somebody no longer."""
    acting.as_owner(by.id)
    Endorsement.objects.filter(account=by, target_id=target.id).delete()


@transaction.atomic
def dismiss_suggestion(target: Someone, *, by: Account, now: datetime) -> None:
    """Suggest somebody no more."""
    if target.id != by.id:
        acting.as_owner(by.id)
        DismissedSuggestion.objects.bulk_create(
            [DismissedSuggestion(account=by, target_id=target.id, created_at=now)], ignore_conflicts=True
        )
