"""The statement of reasons: composed in the reader's language, sealed under a key of its own, read again."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from moderation import wording
from moderation.models import PolicyVersion, Statement
from moderation.subjects import Subject
from upscrolled.core import ids
from upscrolled.core.errors import Invalid

FACTS_LEAST, FACTS_MOST = 20, 5_000
REDRESS: Final = ("appeal", "settlement", "court")
_NONCE: Final = 12
# What somebody writes who wants to write nothing.
_PLACEHOLDER = re.compile(
    r"(?i)\b(lorem|ipsum|todo|tbd|n/?a|asdf|qwert\w*|x{3,}|test{1,2}|placeholder|see above)\b"
)
_SPARSE: Final = 8  # different characters that a sentence has at least


class Length(Invalid):
    """A part of what somebody reads is too short or too long."""

    def __init__(self, part: str, length: int, least: int, most: int) -> None:
        """Name the part, how long it is, and how long it may be."""
        super().__init__(f"Validation failed: {part} has {length} characters; it needs {least} to {most}")
        self.part, self.length, self.least, self.most = part, length, least, most


class SaysNothing(Invalid):
    """A part of the reasons is none."""

    def __init__(self, part: str) -> None:
        """Name the part."""
        super().__init__(f"Validation failed: {part} says nothing; write what happened, in a sentence")
        self.part = part


class Repeats(Invalid):
    """Why the policy applies is the same as what happened."""

    safe = "Validation failed: explanation repeats the facts; say why the policy applies to them"


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a statement is composed of, beside what the decision itself says."""

    facts: str
    explanation: str
    source: str = Statement.Source.REPORT
    automated_detection: bool = False
    ground: str = Statement.Ground.POLICY
    legal_reference: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement's secret parts as they are stored, their key, and the digest for the public log."""

    key: bytes
    facts: bytes
    explanation: bytes
    body: bytes
    digest: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Readable:
    """A statement opened again; `is_true` says whether its text still has the digest of the log."""

    facts: str
    explanation: str
    text: str
    salt: str
    is_true: bool


def check(reasons: Reasons) -> None:
    """Refuse what gives no reason. Raises Invalid, naming the limit and the actual value."""
    for name, text in (("facts", reasons.facts), ("explanation", reasons.explanation)):
        length = len(text.strip())
        if not FACTS_LEAST <= length <= FACTS_MOST:
            raise Length(name, length, FACTS_LEAST, FACTS_MOST)
        if len(set(text)) < _SPARSE or _PLACEHOLDER.fullmatch(text.strip(" .!-")):
            raise SaysNothing(name)
    if reasons.facts.strip() == reasons.explanation.strip():
        raise Repeats
    if reasons.ground == Statement.Ground.LAW and len(reasons.legal_reference.strip()) < 3:
        raise Invalid("Validation failed: legal_reference must name the law, with its article")


def compose(
    reasons: Reasons,
    *,
    language: str,
    measure: str,
    subject: Subject,
    policy: PolicyVersion,
    countries: list[str],
    starts_at: datetime,
    ends_at: datetime | None,
    by_machine: bool,
) -> str:
    """Write the statement in a language of ours: a heading and its sentences for each part the law asks for."""
    words = wording.of(language)
    said = policy.texts.get(language) or policy.texts["en"]
    start = f"{starts_at:%Y-%m-%d %H:%M} UTC"
    if measure in ("warn", "restore"):
        duration = words.AT_ONCE.format(start=start)
    elif ends_at is None:
        duration = words.WITHOUT_END.format(start=start)
    else:
        duration = words.UNTIL.format(start=start, end=f"{ends_at:%Y-%m-%d %H:%M} UTC")
    parts = {
        "measure": f"{words.CONCERNS.format(subject=_which(subject, words))} {words.MEASURES[measure]}",
        "scope": words.IN_COUNTRIES.format(countries=", ".join(countries)) if countries else words.EVERYWHERE,
        "duration": duration,
        "facts": _one_paragraph(reasons.facts),
        "source": words.SOURCES[reasons.source],
        "automation": " ".join(
            (
                words.FOUND_BY_MACHINE if reasons.automated_detection else words.FOUND_BY_PERSON,
                words.DECIDED_BY_MACHINE if by_machine else words.DECIDED_BY_PERSON,
            )
        ),
        "ground": words.POLICY.format(**said, version=policy.version),
        "explanation": _one_paragraph(reasons.explanation),
        "redress": " ".join(words.REDRESS[way] for way in REDRESS),
    }
    if reasons.ground == Statement.Ground.LAW:
        parts["law"] = reasons.legal_reference.strip()
    order = [name for name in words.HEADINGS if name in parts]
    return "\n\n".join(
        [words.HEADINGS["title"], *(f"{words.HEADINGS[name]}: {parts[name]}" for name in order)]
    )


def _which(subject: Subject, words: ModuleType) -> str:
    """Name the subject to its owner; a message by its moment, for it has no address of its own."""
    said: str = words.SUBJECTS[subject.kind]
    if subject.kind == "message":
        return said.format(written=f"{ids.created_at(subject.id):%Y-%m-%d %H:%M:%S}")
    return said


def _one_paragraph(text: str) -> str:
    """Empty lines part the statement, not what a moderator wrote in it."""
    return re.sub(r"\n\s*\n+", "\n", text.strip())


def seal(reasons: Reasons, text: str) -> Sealed:
    """Encrypt what is personal in a statement under a fresh key, and salt the digest of its text."""
    key, salt = secrets.token_bytes(32), secrets.token_bytes(32)
    cipher = AESGCM(key)
    body = json.dumps({"text": text, "salt": salt.hex()}, ensure_ascii=False)
    facts, explanation, sealed = (
        (nonce := secrets.token_bytes(_NONCE)) + cipher.encrypt(nonce, part.encode(), name)
        for part, name in (
            (reasons.facts.strip(), b"facts"),
            (reasons.explanation.strip(), b"explanation"),
            (body, b"body"),
        )
    )
    return Sealed(key, facts, explanation, sealed, digest_of(text, salt), salt)


def unseal(statement: Statement, key: bytes | memoryview | None) -> Readable | None:
    """Open a statement; None if its key was erased. Raises ValueError if a part is not what was sealed."""
    if key is None:
        return None
    cipher = AESGCM(bytes(key))
    try:
        opened = {
            name: cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode()).decode()
            for name, sealed in (
                ("facts", bytes(statement.facts)),
                ("explanation", bytes(statement.explanation)),
                ("body", bytes(statement.body)),
            )
        }
        body: dict[str, Any] = json.loads(opened["body"])
        text, salt = str(body["text"]), str(body["salt"])
    except Exception as error:  # the cipher, the text or the JSON: whatever it is, this is no statement
        raise ValueError(f"statement {statement.pk} cannot be opened") from error
    is_true = digest_of(text, bytes.fromhex(salt)) == statement.digest
    return Readable(opened["facts"], opened["explanation"], text, salt, is_true)


def digest_of(text: str, salt: bytes) -> str:
    """SHA-256 of salt and text, in hexadecimal: what the public log has of a statement."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def link_of(salt: bytes) -> str:
    """The blinded link to an earlier decision: only who has its statement, and so its salt, can tell."""
    return hashlib.sha256(b"prior" + salt).hexdigest()
