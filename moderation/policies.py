"""Policies as rows: what a decision pins. What is shipped in `grounds.py` becomes a row when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from moderation import wording
from moderation.grounds import POLICIES
from moderation.models import PolicyExample, PolicyVersion
from upscrolled.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class Listed:
    """A policy as people read it, with its texts by language."""

    key: str
    version: int
    severity: int
    texts: dict[str, dict[str, str]]


def in_force(key: str, *, now: datetime) -> PolicyVersion:
    """Return the newest version of a policy; the shipped one becomes a row if it is newer than all. Raises Invalid."""
    newest = PolicyVersion.objects.filter(key=key).order_by("-version").first()
    shipped = POLICIES.get(key)
    if shipped is None:
        if newest is None:
            raise Invalid(f"Validation failed: there is no policy {key[:40]!r}")
        return newest
    if newest is not None and newest.version >= shipped.version:
        return newest
    return _publish(key, now=now)


def listed() -> list[Listed]:
    """Return the policies as they stand, the gravest first; nothing is written."""
    found = {
        key: Listed(key, shipped.version, shipped.severity, wording.policy_texts(key))
        for key, shipped in POLICIES.items()
    }
    for row in PolicyVersion.objects.order_by("version"):
        if row.key not in found or found[row.key].version <= row.version:
            found[row.key] = Listed(row.key, row.version, row.severity, row.texts)
    return sorted(found.values(), key=lambda policy: (-policy.severity, policy.key))


@transaction.atomic
def _publish(key: str, *, now: datetime) -> PolicyVersion:
    shipped = POLICIES[key]
    version, made = PolicyVersion.objects.get_or_create(
        key=key,
        version=shipped.version,
        defaults={
            "severity": shipped.severity,
            "lane": shipped.lane,
            "category": f"STATEMENT_CATEGORY_{shipped.category}",
            "strike_weight": shipped.strike_weight,
            "strike_days": shipped.strike_days,
            "texts": wording.policy_texts(key),
            "published_at": now,
        },
    )
    if made:
        PolicyExample.objects.bulk_create(
            PolicyExample(
                policy=version,
                language=example.language,
                text=example.text,
                breaks=example.breaks,
                why=example.why,
            )
            for example in shipped.examples
        )
    return version
