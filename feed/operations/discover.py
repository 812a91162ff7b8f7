"""What somebody wants of discover: posts they do not want to meet again, languages, covers, people they follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from feed.models import DiscoverChoice, HiddenPost
from feed.queries.choices import Chosen, chosen
from upscrolled import acting, graph
from upscrolled.core import languages as codes
from upscrolled.core.errors import Invalid
from upscrolled.graph import Step
from upscrolled.models import Account

LANGUAGES_MAX: Final = 50


@transaction.atomic
def choose(
    *,
    by: Account,
    languages: Sequence[str] | None = None,
    sensitive: bool | None = None,
    followed: bool | None = None,
) -> Chosen:
    """Change what somebody wants; what is None stays. Raises Invalid for what is no language, and too many."""
    before = chosen(by)
    after = Chosen(
        before.languages if languages is None else _parsed(languages),
        before.sensitive if sensitive is None else sensitive,
        before.followed if followed is None else followed,
    )
    if after != before:
        acting.as_owner(by.id)
        row = {"languages": list(after.languages), "sensitive": after.sensitive, "followed": after.followed}
        DiscoverChoice.objects.update_or_create(account=by, defaults=row)
        graph.count({by.id: Step(versions=1)})
    return after


@transaction.atomic
def hide(post_id: int, *, by: Account, now: datetime) -> None:
    """Do not show somebody this post in discover again; hiding it again changes nothing."""
    acting.as_owner(by.id)
    _, made = HiddenPost.objects.get_or_create(account=by, post_id=post_id, defaults={"created_at": now})
    if made:
        graph.count({by.id: Step(versions=1)})


@transaction.atomic
def unhide(post_id: int, *, by: Account) -> bool:
    """Take it back; say whether the post was hidden."""
    acting.as_owner(by.id)
    was_hidden = HiddenPost.objects.filter(account=by, post_id=post_id).delete()[0] > 0
    if was_hidden:
        graph.count({by.id: Step(versions=1)})
    return was_hidden


def _parsed(languages: Sequence[str]) -> tuple[str, ...]:
    if len(languages) > LANGUAGES_MAX:
        raise Invalid(f"Validation failed: {len(languages)} languages; at most {LANGUAGES_MAX}.")
    found: dict[str, None] = {}
    for code in languages:
        parsed = codes.parse(code)
        if parsed is None:
            raise Invalid(f"Validation failed: {code[:40]!r} is no language (ISO 639, such as `ar`).")
        found[parsed] = None
    return tuple(found)
