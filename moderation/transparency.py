"""What the public log says of a decision: no identity, no text, and enough to count and to verify."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from moderation.figures import Clock
from moderation.log import tree
from moderation.models import PolicyVersion

VERSION = 2


def entry(
    *,
    action: str,
    subject_kind: str,
    policy: PolicyVersion,
    ground: str,
    source: str,
    automated_detection: bool,
    automated_decision: bool,
    countries: list[str],
    starts_at: datetime,
    ends_at: datetime | None,
    digest: str,
    prior: str,
    clock: Clock | None = None,
) -> str:
    """Return the entry as canonical JSON: sorted names, no spaces, UTF-8. `clock` is of its case, if it has one."""
    facts: dict[str, Any] = {
        "v": VERSION,
        "action": action,
        "subject": subject_kind,
        "day": f"{starts_at:%Y-%m-%d}",
        "days": None if ends_at is None else max(1, round((ends_at - starts_at).total_seconds() / 86_400)),
        "policy": policy.key,
        "policy_version": policy.version,
        "category": policy.category,
        "ground": ground,
        "source": source,
        "automated_detection": automated_detection,
        "automated_decision": automated_decision,
        "countries": sorted(countries),
        "digest": digest,
        "prior": prior,
        "lane": clock.lane if clock else "",
        "took": clock.took if clock else None,
        "in_time": clock.in_time if clock else None,
        **(clock.sampled if clock else {}),
    }
    return canonical(facts)


def act(kind: str, *, at: datetime, **facts: Any) -> str:
    """Return the entry of an act that is no decision, as canonical JSON."""
    return canonical({"v": VERSION, "act": kind, "day": f"{at:%Y-%m-%d}", **facts})


def canonical(facts: dict[str, Any]) -> str:
    """JSON that is written in one way only."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(data: str) -> bytes:
    """The leaf's hash of an entry."""
    return tree.leaf_hash(data.encode())
