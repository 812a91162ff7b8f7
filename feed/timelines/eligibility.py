"""Why a post is in no pool, read from the post itself: what `freeze.py` asks of candidates, said a second time.

Twice on purpose. The freeze has to be quick and reads rows that verbs keep in step; this reads what they are in step
with. Audits compare the two in one snapshot, and the reach report tells an author the reason that applies.
"""

from __future__ import annotations

from typing import Final

from upscrolled.models import Restriction

_Kind, _Of = Restriction.Kind, Restriction.Subject
ON_POSTS: Final = (_Kind.REMOVED, _Kind.HIDDEN_FROM_DISCOVER, _Kind.HOLD)
ON_AUTHORS: Final = (_Kind.ACCOUNT_SUSPENDED, _Kind.HIDDEN_FROM_DISCOVER, _Kind.HOLD)
# What is nobody's decision but the author's own.
OWN: Final = ("deleted", "not_public", "share", "reply", "closed", "opted_out")
REASONS: Final = (*OWN, *(kind.value for kind in dict.fromkeys((*ON_POSTS, *ON_AUTHORS))))


def _restricted(subject_kind: str, subject: str, kinds: tuple[Restriction.Kind, ...]) -> str:
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""(SELECT r.kind FROM upscrolled_restriction r WHERE r.subject_kind = '{subject_kind}'
      AND r.subject_id = {subject} AND r.kind IN ({names}) AND cardinality(r.countries) = 0
      AND r.starts_at <= %(at)s AND (r.ends_at IS NULL OR r.ends_at > %(at)s) ORDER BY r.id LIMIT 1)"""


# One of REASONS, or NULL for a post `p` (a row of feed_post, or nothing) of the account `a` that is eligible at the
# moment %(at)s.
WHY_OUT: Final = f"""CASE WHEN p.id IS NULL OR p.deleted_at IS NOT NULL THEN 'deleted'
  WHEN p.audience <> 'public' THEN 'not_public'
  WHEN p.repost_of_id IS NOT NULL THEN 'share'
  WHEN p.in_reply_to_account_id IS NOT NULL THEN 'reply'
  WHEN NOT a.is_active THEN 'closed'
  WHEN NOT a.discoverable THEN 'opted_out'
  ELSE coalesce({_restricted(_Of.POST, "p.id", ON_POSTS)}, {_restricted(_Of.ACCOUNT, "p.author_id", ON_AUTHORS)}) END"""
