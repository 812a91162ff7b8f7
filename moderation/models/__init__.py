"""Nouns of moderation. What may be done to their rows, the database itself says (docs/moderation.md)."""

from moderation.models.acts import SEAL_BASES, Crisis, CrisisEnd, PublicAct, SealStep
from moderation.models.appeal import Appeal, AppealEvent
from moderation.models.authority import LegalOrder, TrustedFlagger
from moderation.models.case import Case, CaseBand, CaseCopy, CaseEvent, Evidence, Report
from moderation.models.decision import (
    Decision,
    EndedEffect,
    Notice,
    SeveredFollow,
    Severing,
    Statement,
    StatementKey,
    Strike,
)
from moderation.models.door import DoorAppeal, DoorException
from moderation.models.exposure import Exposure, ExposureLift
from moderation.models.keeping import CaseHold
from moderation.models.log import LogCheckpoint, LogEntry, LogLeaf, LogTile
from moderation.models.outside import ReviewGrant, ReviewGrantEnd
from moderation.models.policy import PolicyExample, PolicyVersion
from moderation.models.public import PublicNotice
from moderation.models.published import PublishedFigures
from moderation.models.reads import PrivateRead
from moderation.models.screening import (
    ProfileWritten,
    RuleRehearsal,
    ScreenedTag,
    ScreenHits,
    ScreenMode,
    ScreenTurn,
)

__all__ = [
    "SEAL_BASES",
    "Appeal",
    "AppealEvent",
    "Case",
    "CaseBand",
    "CaseCopy",
    "CaseEvent",
    "CaseHold",
    "Crisis",
    "CrisisEnd",
    "Decision",
    "DoorAppeal",
    "DoorException",
    "EndedEffect",
    "Evidence",
    "Exposure",
    "ExposureLift",
    "LegalOrder",
    "LogCheckpoint",
    "LogEntry",
    "LogLeaf",
    "LogTile",
    "Notice",
    "PolicyExample",
    "PolicyVersion",
    "PrivateRead",
    "ProfileWritten",
    "PublicAct",
    "PublicNotice",
    "PublishedFigures",
    "Report",
    "ReviewGrant",
    "ReviewGrantEnd",
    "RuleRehearsal",
    "ScreenHits",
    "ScreenMode",
    "ScreenTurn",
    "ScreenedTag",
    "SealStep",
    "SeveredFollow",
    "Severing",
    "Statement",
    "StatementKey",
    "Strike",
    "TrustedFlagger",
]
