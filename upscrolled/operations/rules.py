"""Give the house other rules. A rule that ends keeps its row: decisions name it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from upscrolled.core.errors import Invalid
from upscrolled.models import HouseRule
from upscrolled.queries.rules import WrittenRule, shipped


class Changes(NamedTuple):
    """How many rules were added, changed, left as they are, and ended."""

    added: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0


@transaction.atomic
def load_rules(*, written: Sequence[WrittenRule], now: datetime) -> Changes:
    """Let these rules hold, in this order, and no others.

    One with an `id` changes the rule of that number; one without is new, unless a rule that holds says the very
    same. Raises Invalid for no rules, one without an English text, an id that no rule has or that comes twice.
    """
    if not written:
        raise Invalid("There are no rules in it; a house without rules cannot decide anything.")
    if any(not rule.texts.get("en", "").strip() for rule in written):
        raise Invalid("Each rule needs a text in English (`en`), which is shown where there is no other.")
    if not HouseRule.objects.exists():
        _keep_shipped()
    standing = {rule.pk: rule for rule in HouseRule.objects.select_for_update()}
    counts = dict.fromkeys(Changes._fields, 0)
    kept: set[int] = set()
    for position, rule in enumerate(written, 1):
        row = _row_for(rule, standing, kept)
        if row is None:
            created = HouseRule.objects.create(position=position, texts=rule.texts, hints=rule.hints)
            kept.add(created.pk)
            counts["added"] += 1
            continue
        kept.add(row.pk)
        same = (row.position, row.texts, row.hints, row.ended_at) == (position, rule.texts, rule.hints, None)
        counts["same" if same else "changed"] += 1
        row.position, row.texts, row.hints, row.ended_at = position, rule.texts, rule.hints, None
        row.save()
    counts["ended"] = HouseRule.objects.filter(ended_at=None).exclude(pk__in=kept).update(ended_at=now)
    return Changes(**counts)


def _keep_shipped() -> None:
    """Store the rules that the product ships with under their own numbers: reports may name them."""
    for rule in shipped():
        HouseRule.objects.create(pk=rule.id, position=rule.id, texts=rule.texts, hints=rule.hints)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT setval(pg_get_serial_sequence('upscrolled_houserule', 'id'),
                      (SELECT max(id) FROM upscrolled_houserule))"""
        )


def _row_for(rule: WrittenRule, standing: dict[int, HouseRule], kept: set[int]) -> HouseRule | None:
    if rule.id is not None:
        row = standing.get(rule.id)
        if row is None or row.pk in kept:
            raise Invalid(f"There is no rule {rule.id} to change, or it comes twice.")
        return row
    alike = (
        row
        for row in standing.values()
        if row.ended_at is None and row.pk not in kept and row.texts == rule.texts
    )
    return next(alike, None)
