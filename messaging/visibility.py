"""Who may write to whom, and who sees what of a conversation. The rules, once; pages and verbs take them from here.

- Between two people who block each other there is no conversation: for both it is not found, at once and as long as
  the block stands. In a group neither sees the other, nor what they write there.
- A member sees what was written after they came and after they last cleared it; a former member sees nothing.
- What one deleted for oneself one sees no more. What a decision removed keeps its place, without its text; its sender
  still reads it.
"""

from __future__ import annotations

from typing import Final

from upscrolled.models import Restriction
from upscrolled.visibility import WHY_NOT as ACTING

PRESENT: Final = "('request', 'accepted')"
_KIND = Restriction.Kind


def blocked(one: str, other: str) -> str:
    """Return the condition that either of the two expressions' people blocks the other."""
    return f"""(EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = {one} AND b.target_id = {other})
  OR EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = {other} AND b.target_id = {one}))"""


def restricted(account: str, *kinds: str) -> str:
    """Return the condition that such a restriction of an account is in force."""
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""EXISTS (SELECT 1 FROM upscrolled_restriction r
  WHERE r.subject_kind = 'account' AND r.subject_id = {account} AND r.kind IN ({names})
    AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))"""


# A conversation `c` of a member `m` that the member finds.
FOUND: Final = f"m.state IN {PRESENT} AND NOT (c.kind = 'pair' AND {blocked('c.low', 'c.high')})"
# A message `x` that a member `m` sees.
SEEN: Final = f"""x.seq > m.from_seq
  AND NOT EXISTS (SELECT 1 FROM messaging_hidden h WHERE h.message_id = x.id AND h.account_id = m.account_id)
  AND (x.sender_id = m.account_id OR NOT {blocked("x.sender_id", "m.account_id")})"""
# A message `x` whose text a decision keeps from everybody but its sender.
WITHHELD: Final = f"""EXISTS (SELECT 1 FROM upscrolled_restriction r
  WHERE r.subject_kind = 'message' AND r.subject_id = x.id AND r.kind IN ('{_KIND.REMOVED}', '{_KIND.HOLD}')
    AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))"""

# Why somebody `a` may not act at all, as everywhere on the site; blocks are asked apart.
ACTS: Final = ACTING.replace("%(other)s", "0")
# How somebody `o` (with the inbox `i`, if any) takes messages of %(by)s, the first that holds.
TAKES: Final = f"""CASE
  WHEN NOT o.is_active OR o.confirmed_at IS NULL THEN 'closed'
  WHEN {restricted("o.id", _KIND.ACCOUNT_SUSPENDED, _KIND.HOLD)} THEN 'suspended'
  WHEN EXISTS (SELECT 1 FROM upscrolled_follow f WHERE f.account_id = o.id AND f.target_id = %(by)s)
    THEN CASE WHEN i.writers = 'nobody' THEN 'nobody' ELSE 'follows' END
  ELSE coalesce(i.writers, 'everyone') END"""
# What `TAKES` says, in words, where it is a refusal.
REFUSES: Final = {
    "closed": "the account is closed",
    "suspended": "the account is suspended",
    "followed": "they take messages from people whom they follow",
    "nobody": "they let nobody begin a conversation with them",
}
