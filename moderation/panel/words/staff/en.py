"""English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "missing": "This needs a permission that your role does not have: {permission}.",
    "may_sort": "take and sort cases",
    "may_hold": "hold back until somebody has decided",
    "may_decide": "decide cases",
    "may_decide_many": "decide about many at once",
    "may_undo": "take back what others decided",
    "may_appeals": "answer appeals",
    "may_dark": "the lane of abuse and terror",
    "may_law": "the lane of orders",
    "may_messages": "read reported messages",
    "may_grant": "grant a case to somebody from outside",
    "may_seal": "seal decisions",
    "may_orders": "enter orders",
    "may_policies": "choose how rules at the door work",
    "may_crisis": "crisis mode",
    "may_sign_ups": "let people in",
    "may_team": "see what the team had to look at",
    "may_site": "places and records",
    "may_staff": "give roles",
    "staff": "Staff",
    "staff_text": (
        "Who has which role, until when, and why. A role is given for a year at the most and ends by itself; "
        "what its holder was working on then waits for somebody else. Each step stays here, and is mailed to whom "
        "it concerns."
    ),
    "staff_give": "Give a role",
    "staff_days": "For how many days, {number} at the most",
    "staff_limits": "Only in some cases",
    "staff_lanes": "Only in these lanes",
    "staff_kinds": "Only about these",
    "staff_languages": "Only in these languages (codes of two or three letters)",
    "staff_everywhere": "everywhere",
    "staff_until": "until",
    "staff_no_end": "without an end",
    "staff_begun": "since",
    "staff_end": "End it",
    "staff_end_days": "In how many days; 0: now",
    "staff_ended": "Ended",
    "staff_shell": "the shell",
}
