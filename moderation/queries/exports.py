"""The file of moderation about one person: what was decided about them, with the reasons, as they are told it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from moderation.queries import standing
from upscrolled.exports import File, lines
from upscrolled.models import Account


def statements(account: Account) -> Iterator[bytes]:
    """Statements of reasons, the last first, with their appeals; what an order of silence covers is not among them."""
    below: int | None = None
    while found := standing.decisions(account.pk, below=below):
        yield lines(_statement(told) for told in found)
        below = found[-1].statement.pk


def _statement(told: standing.Told) -> dict[str, Any]:
    said, readable, appeal = told.statement, told.readable, told.appeal
    return {
        "id": str(said.pk),
        "measure": said.measure,
        "subject": said.subject_kind,
        "subject_id": str(said.subject_id),
        "created_at": said.created_at,
        "starts_at": said.starts_at,
        "ends_at": said.ends_at,
        "countries": said.countries,
        "policy": said.policy.key,
        "text": readable.text if readable else None,
        "reversed_at": told.reversed_at,
        "appeal": {"text": appeal.text, "state": appeal.state, "answer": appeal.answer} if appeal else None,
    }


FILES: Final = (File("statements.ndjson", statements),)
