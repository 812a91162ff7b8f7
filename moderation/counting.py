"""Count the figures from the leaves of the public log, and keep them for the page; what is lost is counted again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from moderation import figures, publishing
from moderation.models import PublishedFigures


def recount(*, size: int | None = None) -> dict[str, Any]:
    """Return the figures of the first `size` leaves (None: of all), from the leaves alone."""
    return figures.count(leaf.told for leaf in publishing.leaves(below=size))


@transaction.atomic
def publish(*, now: datetime) -> PublishedFigures:
    """Count anew and show the result; only the newest is kept."""
    counted = recount()
    PublishedFigures.objects.exclude(pk=counted["entries"]).delete()
    facts = {"figures": counted, "made_at": now}
    return PublishedFigures.objects.update_or_create(pk=counted["entries"], defaults=facts)[0]
