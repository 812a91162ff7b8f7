"""Statements of reasons as the Transparency Database of the EU takes them, and the rules that it checks. Pure.

A projection: no text of a moderator and nothing personal goes out (Article 24(5)); facts and explanation are those of
the policy. What restricts nothing, what an authority ordered (Article 17(5)) and what holds outside the European
Economic Area alone is none of its rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

EEA: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)
_V: Final = "DECISION_VISIBILITY_"
MEASURES: Final[dict[str, dict[str, Any]]] = {
    "removed": {"decision_visibility": [f"{_V}CONTENT_REMOVED"]},
    "hold": {"decision_visibility": [f"{_V}CONTENT_DISABLED"]},
    "hidden_from_discover": {"decision_visibility": [f"{_V}CONTENT_DEMOTED"]},
    "sensitive": {"decision_visibility": [f"{_V}CONTENT_LABELLED"]},
    "age_limited": {"decision_visibility": [f"{_V}CONTENT_AGE_RESTRICTED"]},
    "replies_off": {"decision_visibility": [f"{_V}CONTENT_INTERACTION_RESTRICTED"]},
    "account_limited": {"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"},
    "account_suspended": {"decision_account": "DECISION_ACCOUNT_SUSPENDED"},
}
SOURCES: Final = {
    "notice": "SOURCE_ARTICLE_16",
    "trusted_flagger": "SOURCE_TRUSTED_FLAGGER",
    "report": "SOURCE_TYPE_OTHER_NOTIFICATION",
    "appeal": "SOURCE_TYPE_OTHER_NOTIFICATION",
    "own_initiative": "SOURCE_VOLUNTARY",
}
KEYWORDS: Final = {
    "hate": "KEYWORD_HATE_SPEECH",
    "violence": "KEYWORD_INCITEMENT_VIOLENCE_HATRED",
    "terror": "KEYWORD_TERRORIST_CONTENT",
    "child_abuse": "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL",
    "intimate": "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING",
    "harassment": "KEYWORD_CYBER_HARASSMENT",
    "deceit": "KEYWORD_PHISHING",
    "impersonation": "KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING",
    "adult": "KEYWORD_ADULT_SEXUAL_MATERIAL",
    "self_harm": "KEYWORD_SUICIDE",
    "underage": "KEYWORD_AGE_SPECIFIC_RESTRICTIONS_MINORS",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the rows have of a statement. `made_on` is when what it is about was made, `index` its leaf in the log."""

    index: int
    digest: str
    measure: str
    subject_kind: str
    media: tuple[str, ...]
    made_on: date
    starts_on: date
    ends_on: date | None
    countries: tuple[str, ...]
    source: str
    detected: bool
    machine: bool
    ground: str
    legal_reference: str
    policy: str
    category: str
    title: str
    rule: str
    why: str
    reference_url: str


def row(said: Said) -> dict[str, Any] | None:
    """Return the row of a statement, or None for one that is none of the database's."""
    scope = sorted(EEA & set(said.countries)) if said.countries else sorted(EEA)
    if said.measure not in MEASURES or said.source not in SOURCES or not scope:
        return None
    measure = dict(MEASURES[said.measure])
    if said.countries and said.measure == "removed":  # elsewhere it is still there
        measure = {"decision_visibility": [f"{_V}CONTENT_DISABLED"]}
    end = said.ends_on.isoformat() if said.ends_on else None
    which = {
        "decision_visibility": "visibility",
        "decision_provision": "service",
        "decision_account": "account",
    }
    found: dict[str, Any] = {
        **measure,
        f"end_date_{which[next(iter(measure))]}_restriction": end,
        **_ground(said),
        "decision_ground_reference_url": said.reference_url,
        "category": said.category,
        "category_specification": [KEYWORDS[said.policy]] if said.policy in KEYWORDS else [],
        **_content(said),
        "content_date": said.made_on.isoformat(),
        "application_date": said.starts_on.isoformat(),
        "territorial_scope": scope,
        "decision_facts": f"What was looked at falls under the policy “{said.title}”: {said.rule}",
        "source_type": SOURCES[said.source],
        "automated_detection": "Yes" if said.detected else "No",
        "automated_decision": "AUTOMATED_DECISION_FULLY"
        if said.machine
        else "AUTOMATED_DECISION_NOT_AUTOMATED",
        "puid": f"{said.index}-{said.digest[:32]}",
    }
    return found


def _ground(said: Said) -> dict[str, str]:
    if said.ground == "law":
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": said.legal_reference,
            "illegal_content_explanation": f"{said.rule} {said.why}",
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": said.title,
        "incompatible_content_explanation": f"{said.rule} {said.why}",
        "incompatible_content_illegal": "No",
    }


def _content(said: Said) -> dict[str, Any]:
    if said.subject_kind == "media" and said.media:
        return {"content_type": [f"CONTENT_TYPE_{kind}" for kind in said.media]}
    if said.subject_kind in ("post", "message"):
        return {"content_type": ["CONTENT_TYPE_TEXT", *(f"CONTENT_TYPE_{kind}" for kind in said.media)]}
    return {"content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": said.subject_kind}


# --- what the database checks -----------------------------------------------------------------------

_ENUMS: Final = {
    "decision_visibility": {
        *(
            f"{_V}CONTENT_{kind}"
            for kind in ("REMOVED", "DISABLED", "DEMOTED", "AGE_RESTRICTED", "INTERACTION_RESTRICTED", "LABELLED")
        ),
        f"{_V}OTHER",
    },
    "decision_provision": {
        f"DECISION_PROVISION_{kind}"
        for kind in ("PARTIAL_SUSPENSION", "TOTAL_SUSPENSION", "PARTIAL_TERMINATION", "TOTAL_TERMINATION")
    },
    "decision_account": {"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"},
    "decision_ground": {"DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"},
    "category": {
        f"STATEMENT_CATEGORY_{kind}"
        for kind in (
            "ANIMAL_WELFARE", "CONSUMER_INFORMATION", "CYBER_VIOLENCE", "CYBER_VIOLENCE_AGAINST_WOMEN",
            "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", "ILLEGAL_OR_HARMFUL_SPEECH",
            "INTELLECTUAL_PROPERTY_INFRINGEMENTS", "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
            "NOT_SPECIFIED_NOTICE", "OTHER_VIOLATION_TC", "PROTECTION_OF_MINORS", "RISK_FOR_PUBLIC_SECURITY",
            "SCAMS_AND_FRAUD", "SELF_HARM", "UNSAFE_AND_PROHIBITED_PRODUCTS", "VIOLENCE",
        )
    },
    "category_specification": {*KEYWORDS.values()},
    "content_type": {
        f"CONTENT_TYPE_{kind}"
        for kind in ("APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER")
    },
    "territorial_scope": EEA,
    "source_type": {
        "SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY",
    },
    "automated_detection": {"Yes", "No"},
    "automated_decision": {
        f"AUTOMATED_DECISION_{kind}" for kind in ("FULLY", "PARTIALLY", "NOT_AUTOMATED")
    },
    "incompatible_content_illegal": {"Yes", "No"},
}  # fmt: skip
_LENGTHS: Final = {
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2_000,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2_000,
    "decision_ground_reference_url": 500,
    "content_type_other": 500,
    "decision_facts": 5_000,
    "puid": 500,
}
_REQUIRED: Final = (
    "decision_ground", "category", "content_type", "content_date", "application_date", "decision_facts", "source_type",
    "automated_detection", "automated_decision", "puid",
)  # fmt: skip
_DATES: Final = (
    "content_date", "application_date", "end_date_visibility_restriction", "end_date_monetary_restriction",
    "end_date_service_restriction", "end_date_account_restriction",
)  # fmt: skip
_LISTS: Final = ("decision_visibility", "category_specification", "content_type", "territorial_scope")
_KNOWN: Final = {*_ENUMS, *_LENGTHS, *_REQUIRED, *_DATES}


def problems(found: dict[str, Any]) -> list[str]:
    """Return what the database would refuse about a row, by the field; nothing for a good one."""
    wrong = [name for name in _REQUIRED if not found.get(name)]
    wrong += [name for name in found if name not in _KNOWN]
    if not any(found.get(name) for name in ("decision_visibility", "decision_provision", "decision_account")):
        wrong.append("decision_visibility")
    ground = (
        "illegal" if found.get("decision_ground") == "DECISION_GROUND_ILLEGAL_CONTENT" else "incompatible"
    )
    needed = ("legal_ground", "explanation") if ground == "illegal" else ("ground", "explanation")
    wrong += [f"{ground}_content_{name}" for name in needed if not found.get(f"{ground}_content_{name}")]
    if "CONTENT_TYPE_OTHER" in (found.get("content_type") or ()) and not found.get("content_type_other"):
        wrong.append("content_type_other")
    for name, allowed in _ENUMS.items():
        given = found.get(name)
        values = given if isinstance(given, list) else [] if given is None else [given]
        if (given is not None and isinstance(given, list) != (name in _LISTS)) or set(values) - set(allowed):
            wrong.append(name)
    wrong += [name for name, most in _LENGTHS.items() if len(str(found.get(name) or "")) > most]
    wrong += [name for name in _DATES if found.get(name) is not None and not _is_date(found[name])]
    if str(found.get("application_date") or "2020-01-01") < "2020-01-01":
        wrong.append("application_date")
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", str(found.get("puid") or "-")):
        wrong.append("puid")
    return list(dict.fromkeys(wrong))


def _is_date(text: Any) -> bool:
    try:
        return bool(date.fromisoformat(text).isoformat() == text)
    except (TypeError, ValueError):
        return False
