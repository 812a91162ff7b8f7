"""What became of a notice or a report, for whoever has its link."""

from __future__ import annotations

from django.db.models import Q

from moderation import links
from moderation.models import Appeal, Report
from upscrolled.core.errors import NotFound


def by_link(secret: str) -> tuple[Report, Appeal | None]:
    """Return what was sent, and the second look if one was asked for. Raises NotFound."""
    number = links.number_of("notice", secret)
    sent = Q(notice__isnull=False) | Q(reporter__isnull=False)
    found = Report.objects.filter(sent, pk=number).first()
    if found is None:
        raise NotFound
    return found, Appeal.objects.filter(report_id=number, account=found.reporter_id).first()
