"""Count the figures from the leaves of the public log, and keep them for the page with what goes on from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from moderation import figures, publishing
from moderation.figures import Tally
from moderation.models import PublishedFigures


def recount(*, size: int | None = None) -> dict[str, Any]:
    """Return the figures of the first `size` leaves (None: of all), from the leaves alone."""
    return figures.count(leaf.told for leaf in publishing.leaves(below=size))


@transaction.atomic
def publish(*, now: datetime, anew: bool = False) -> PublishedFigures:
    """Count what the log has grown by, or all of it `anew`, and show the result; only the newest is kept.

    The audit counts all of it each night, and finds what goes on from a wrong number.
    """
    before = None if anew else PublishedFigures.objects.order_by("-size").first()
    tally = Tally.of(before.tally) if before is not None and before.tally else Tally()
    for leaf in publishing.leaves(first=tally.entries):
        tally.add(leaf.told)
    counted = tally.told()
    PublishedFigures.objects.exclude(pk=counted["entries"]).delete()
    facts = {"figures": counted, "tally": tally.kept_as(), "made_at": now}
    return PublishedFigures.objects.update_or_create(pk=counted["entries"], defaults=facts)[0]
