"""Nouns of moderation. What may be done to their rows, the database itself says (docs/moderation.md)."""

from moderation.models.appeal import Appeal
from moderation.models.authority import LegalOrder, TrustedFlagger
from moderation.models.case import Case, CaseBand, CaseCopy, CaseEvent, Evidence, Report
from moderation.models.decision import (
    Decision,
    EndedEffect,
    Notice,
    SeveredFollow,
    Statement,
    StatementKey,
    Strike,
)
from moderation.models.log import LogCheckpoint, LogEntry, LogLeaf, LogTile
from moderation.models.policy import PolicyExample, PolicyVersion
from moderation.models.public import PublicNotice
from moderation.models.screening import ScreenedTag, ScreenHits, ScreenMode

__all__ = [
    "Appeal",
    "Case",
    "CaseBand",
    "CaseCopy",
    "CaseEvent",
    "Decision",
    "EndedEffect",
    "Evidence",
    "LegalOrder",
    "LogCheckpoint",
    "LogEntry",
    "LogLeaf",
    "LogTile",
    "Notice",
    "PolicyExample",
    "PolicyVersion",
    "PublicNotice",
    "Report",
    "ScreenHits",
    "ScreenMode",
    "ScreenedTag",
    "SeveredFollow",
    "Statement",
    "StatementKey",
    "Strike",
    "TrustedFlagger",
]
