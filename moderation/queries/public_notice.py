"""What became of a notice, for whoever has its link."""

from __future__ import annotations

from moderation import links
from moderation.models import PublicNotice
from upscrolled.core.errors import NotFound


def by_link(secret: str) -> PublicNotice:
    """Return the notice with its report. Raises NotFound for a link that is none of ours."""
    found = PublicNotice.objects.select_related("report").filter(pk=links.number_of("notice", secret)).first()
    if found is None:
        raise NotFound
    return found
