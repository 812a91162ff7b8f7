"""English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # orders, seals
    "orders": "Orders",
    "orders_text": (
        "Orders of authorities, each with its clock. A decision in its case carries one out; finding that "
        "the content keeps to the rules refuses it, with a reason."
    ),
    "order": "Order",
    "enter_order": "Enter an order",
    "order_kind": "Kind",
    "order_eu_terrorist": "Terrorist content (EU): 1 hour",
    "order_au_removal": "Removal notice (Australia): 24 hours",
    "order_us_intimate": "Intimate pictures (United States): 48 hours",
    "order_court": "A court, with a clock of its own",
    "order_other": "Another authority, with a clock of its own",
    "authority": "Authority",
    "reference": "Its reference number",
    "demand": "What it demands",
    "received": "When it came (UTC); empty: now",
    "until": "Until when (UTC); empty: as its kind has it",
    "order_law": "Law, with its article; empty: as its kind has it",
    "order_countries": "Countries (two letters each); empty: as its kind has it",
    "of_its_kind": "as its kind has it",
    "ground": "Legal ground",
    "reach": "Reaches",
    "came": "Came",
    "everywhere": "everywhere",
    "ended_upheld": "carried out",
    "ended_refused": "refused",
    "ended_undone": "taken back, and looked at again",
    "ended_": "what it was about is gone",
    "refuse_order": "Refuse the order: it keeps to the rules",
    "order_hint": (
        "A decision carries the order out: the statement names its law by itself, and it reaches no further "
        "than the order."
    ),
    "seals": "Sealed decisions",
    "seals_text": (
        "A law may forbid telling the person for a while. A case is sealed before it is decided: once its "
        "notice was sent, nothing is. One person proposes, another confirms; at its end it unseals itself. "
        "Every step stands in the public log at once."
    ),
    "seal_propose": "Propose a seal",
    "seal_case": "Number of the case",
    "paper": "The paper that asks for it",
    "seal_until": "Until when (UTC), 84 days at the most",
    "seal_proposed": "Seals to confirm",
    "seal_confirm": "Confirm",
    "seal_other": "Somebody else confirms it.",
    "seal_over": "Ended; what was decided has been told",
    "sealed_until": "sealed until",
    "basis_bank_hit": "A hit in a bank of abuse or terror",
    "basis_terror_order": "An order about terrorist content",
    "basis_court_order": "An order of a court",
    "basis_child_abuse_inquiry": "An inquiry into child abuse",
    "event_order": "an order came",
    "event_seal proposed": "proposed a seal",
    "event_sealed": "sealed",
    # appeals at the door
    "door_appeals": "Refused at the door",
    "door_text": (
        "People whom a rule refused a name, a bio or a hashtag. Whoever is right has these very words let in "
        "from then on, for everybody."
    ),
    "rule": "Rule",
    "field_handle": "handle",
    "field_name": "name",
    "field_bio": "bio",
    "field_hashtag": "hashtag",
    "refused_words": "What was refused",
    "answer_by": "to be answered by",
    "answered": "Answered",
    "door_upheld": "The refusal stands",
    "door_overturned": "The words are let in",
    "answer_mailed": "The answer is mailed, too.",
    "answer_page": "They left no address: the answer stands on their page.",
    "send_answer": "Answer",
    # crisis mode
    "crisis_begin": "Begin crisis mode",
    "crisis_because": "Why (everybody reads this)",
    "crisis_hours": "For how many hours, {number} at the most",
    "crisis_end": "End crisis mode",
    "crisis_ends": "It ends by itself:",
    # reviewers from outside
    "outside": "Somebody from outside",
    "outside_text": (
        "One person without a role reviews this one case and appeals about it, sees no other screen, and "
        "needs a second factor. Everything they do here stands below. Give them the address of this "
        "page."
    ),
    "outside_until": "until",
    "outside_days": "For how many days, {number} at the most",
    "grant": "Grant this case",
    "end_grant": "End it",
    "event_granted": "granted",
    "event_grant ended": "grant ended",
    "event_looked at": "looked at it",
    "event_appeal claimed": "claimed an appeal",
    "event_appeal answered": "answered an appeal",
    "alone_outside": "A single case can be granted to somebody from outside, on its screen.",
    # what rules would have met
    "week": "Would have met last week",
    "week_text": (
        "A rule leaves the shadow only once it was seen, within a day, what it would have met in a week "
        "of names, bios and hashtags."
    ),
    "week_seen": "Looked at:",
    "week_under_way": "It is being looked at now.",
    "week_look": "See what they would have met in the last week",
    "week_not": "not looked at in this version",
    "week_met": "{number} of {all}",
}
