"""Policies as they are shipped: their weight, their lane, their category in law, and cases to test them by.

Pure. The texts stand in `wording/`; `policies.py` makes rows of them when they are first needed. Changing anything
here is a new `version`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Example:
    """A text, and whether it breaks the policy."""

    language: str
    text: str
    breaks: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: `severity` 1 to 10, the lane of its cases, minutes that a look takes, days a strike counts.

    `category` is a STATEMENT_CATEGORY of the EU's Transparency Database, `mastodon` a report category there.
    """

    key: str
    severity: int
    category: str
    lane: str = "ordinary"
    strike_weight: int = 1
    strike_days: int = 90
    minutes: float = 0.6
    mastodon: str = "violation"
    version: int = 1
    examples: tuple[Example, ...] = field(default=())


_HATE: Final = (
    Example(
        "en", "People of that religion are vermin and should be driven out.", True, "attacks who they are"
    ),
    Example(
        "en",
        "That government's bombing is a crime and its army must be tried.",
        False,
        "criticism of a state",
    ),
    Example("en", "He shouted 'vermin' at them. That is how hatred sounds.", False, "quoted to condemn"),
    Example("ar", "أهل هذا الدين حشرات ويجب طردهم.", True, "يهاجمهم بسبب هويتهم"),
    Example("ar", "قصف تلك الدولة جريمة ويجب أن تُحاسَب.", False, "نقد لدولة"),
    Example(
        "fr",
        "Les gens de cette religion sont de la vermine, il faut les chasser.",
        True,
        "attaque ce qu’ils sont",
    ),
    Example("fr", "Cette armée commet des crimes et doit en répondre.", False, "critique d’un État"),
)
_VIOLENCE: Final = (
    Example("en", "I know where you live and I will hurt you tonight.", True),
    Example("en", "This workout is going to kill me.", False, "a figure of speech"),
    Example("ar", "أعرف أين تسكن وسأؤذيك الليلة.", True),
    Example("fr", "Cette côte va me tuer.", False, "une façon de parler"),
)
_SPAM: Final = (
    Example("en", "CHEAP FOLLOWERS!!! click now click now click now", True),
    Example("en", "I baked again today, third time this week.", False, "repeating oneself is no spam"),
)

POLICIES: Final[dict[str, Policy]] = {
    policy.key: policy
    for policy in (
        Policy("hate", 7, "ILLEGAL_OR_HARMFUL_SPEECH", strike_weight=2, strike_days=180, examples=_HATE),
        Policy("violence", 9, "VIOLENCE", strike_weight=3, strike_days=365, examples=_VIOLENCE),
        Policy("terror", 10, "RISK_FOR_PUBLIC_SECURITY", "dark", 4, 365, mastodon="legal"),
        Policy("child_abuse", 10, "PROTECTION_OF_MINORS", "dark", 10, 3650, mastodon="legal"),
        Policy("intimate", 9, "CYBER_VIOLENCE", "intimate", 4, 365, mastodon="legal"),
        Policy("harassment", 6, "CYBER_VIOLENCE", strike_weight=2, strike_days=180, minutes=1.5),
        Policy("privacy", 7, "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", strike_weight=2, strike_days=180),
        Policy("spam", 2, "SCAMS_AND_FRAUD", minutes=0.3, mastodon="spam", examples=_SPAM),
        Policy("deceit", 6, "SCAMS_AND_FRAUD", strike_weight=2, strike_days=180, minutes=1.0),
        Policy("impersonation", 4, "SCAMS_AND_FRAUD", minutes=1.0),
        Policy("graphic", 4, "VIOLENCE", minutes=0.5),
        Policy("adult", 3, "PROTECTION_OF_MINORS", minutes=0.5),
        Policy("self_harm", 8, "SELF_HARM", "life", minutes=1.0),
        Policy("illegal", 6, "OTHER_VIOLATION_TC", minutes=2.0, mastodon="legal"),
        Policy("underage", 5, "PROTECTION_OF_MINORS", strike_weight=0, minutes=1.0, mastodon="legal"),
        Policy("other", 2, "OTHER_VIOLATION_TC", mastodon="other"),
    )
}
