"""Who of the staff read what of somebody is not public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from moderation.models import PrivateRead
from upscrolled.queries.rows import rows

LISTED: Final = 50
_OF: Final = """
SELECT r.id FROM moderation_privateread r WHERE r.whose @> ARRAY[%(account)s::bigint]
ORDER BY r.id DESC LIMIT %(limit)s
"""


def of(account_id: int) -> Sequence[PrivateRead]:
    """Return the last reads of what belongs to an account, the newest first; two statements."""
    numbers = [row[0] for row in rows(_OF, {"account": account_id, "limit": LISTED})]
    return list(PrivateRead.objects.filter(pk__in=numbers).select_related("by").order_by("-id"))
