"""What became of a notice, for whoever has its link."""

from __future__ import annotations

from moderation import links
from moderation.models import Appeal, PublicNotice
from upscrolled.core.errors import NotFound


def by_link(secret: str) -> tuple[PublicNotice, Appeal | None]:
    """Return the notice with its report, and the second look if one was asked for. Raises NotFound."""
    number = links.number_of("notice", secret)
    found = PublicNotice.objects.select_related("report").filter(pk=number).first()
    if found is None:
        raise NotFound
    return found, Appeal.objects.filter(report_id=number, account=None).first()
