"""Shapes of moderation's extensions under /api/v1/upscrolled/."""

from __future__ import annotations

from datetime import datetime

import msgspec

from moderation.queries import publiclog, standing
from upscrolled.api.entities import stamp


class AppealEntity(msgspec.Struct, kw_only=True):
    """An appeal: `filed`, `claimed`, `upheld` (the decision stands) or `overturned` (it was taken back)."""

    id: str
    text: str
    state: str
    filed_at: str
    deadline: str
    answer: str
    decided_at: str | None


class PolicyEntity(msgspec.Struct, kw_only=True):
    """The version of a policy that a decision rests on, in the language of the statement."""

    key: str
    version: int
    title: str
    rule: str
    category: str


class LogProof(msgspec.Struct, kw_only=True):
    """Where a decision stands in the public log, and what proves it. `index` is null until it is published.

    `entry` is what the log has of it; SHA-256 of `salt` (its bytes) and the statement's text is the `digest` there.
    """

    entry: str
    salt: str | None
    index: int | None = None
    size: int | None = None
    proof: list[str] = []
    checkpoint: str | None = None


class StatementEntity(msgspec.Struct, kw_only=True):
    """A decision about the viewer with its statement of reasons. `text` is all of it in one; null: erased."""

    id: str
    url: str
    measure: str
    subject: str
    subject_id: str
    countries: list[str]
    starts_at: str
    ends_at: str | None
    in_force: bool
    source: str
    automated_detection: bool
    automated_decision: bool
    ground: str
    legal_reference: str
    policy: PolicyEntity
    facts: str | None
    explanation: str | None
    text: str | None
    language: str
    redress: list[str]
    strike_weight: int
    strike_expires_at: str | None
    reversed_at: str | None
    created_at: str
    read_at: str | None
    appeal: AppealEntity | None
    log: LogProof | None = None


class Standing(msgspec.Struct, kw_only=True):
    """How the viewer stands: what is in force, what still weighs, and the last decisions."""

    suspended: bool
    limited: bool
    weight: int
    in_force: list[StatementEntity]
    recent: list[StatementEntity]
    appeals: list[AppealEntity]


class OwnReport(msgspec.Struct, kw_only=True):
    """A report of the viewer. `outcome` is `received`, `upheld` or `refused`; `text` says it in their language."""

    id: str
    reason: str
    comment: str
    target_account_id: str | None
    status_ids: list[str]
    media_ids: list[str]
    outcome: str
    text: str
    created_at: str
    decided_at: str | None


def at(moment: datetime | None) -> str | None:
    """A moment as the client API writes it."""
    return stamp(moment) if moment is not None else None


def appeal(found: standing.Appeal) -> AppealEntity:
    """Show an appeal."""
    return AppealEntity(
        id=str(found.pk),
        text=found.text,
        state=found.state,
        filed_at=at(found.filed_at) or "",
        deadline=at(found.deadline) or "",
        answer=found.answer,
        decided_at=at(found.decided_at),
    )


def statement(told: standing.Told, *, now: datetime, proof: publiclog.Proof | None = None) -> StatementEntity:
    """Show a decision to whom it is about; with its proof where one was asked for."""
    said, readable = told.statement, told.readable
    words = said.policy.texts.get(said.language) or said.policy.texts["en"]
    counts = told.counts(now)
    return StatementEntity(
        id=str(said.pk),
        url=publiclog.statement_address(said.pk),
        measure=said.measure,
        subject=said.subject_kind,
        subject_id=str(said.subject_id),
        countries=said.countries,
        starts_at=at(said.starts_at) or "",
        ends_at=at(told.restriction.ends_at if told.restriction else said.ends_at),
        in_force=told.binds(now),
        source=said.source,
        automated_detection=said.automated_detection,
        automated_decision=said.automated_decision,
        ground=said.ground,
        legal_reference=said.legal_reference,
        policy=PolicyEntity(
            key=said.policy.key,
            version=said.policy.version,
            title=words["title"],
            rule=words["rule"],
            category=said.policy.category,
        ),
        facts=readable.facts if readable else None,
        explanation=readable.explanation if readable else None,
        text=readable.text if readable else None,
        language=said.language,
        redress=said.redress,
        strike_weight=told.strike_weight if counts else 0,
        strike_expires_at=at(told.strike_expires_at) if counts else None,
        reversed_at=at(told.reversed_at),
        created_at=at(said.created_at) or "",
        read_at=at(told.read_at),
        appeal=appeal(told.appeal) if told.appeal else None,
        log=_proof(told, proof) if proof is not None else None,
    )


def _proof(told: standing.Told, proof: publiclog.Proof) -> LogProof:
    return LogProof(
        entry=proof.entry,
        salt=told.readable.salt if told.readable else None,
        index=proof.index,
        size=proof.size,
        proof=[step.hex() for step in proof.path],
        checkpoint=proof.checkpoint,
    )
