"""At the door: what each rule must catch and must not, and what it says to whom it refuses."""

from __future__ import annotations

import pytest

from moderation.screening import RULES, hits
from moderation.screening.rules import MODES

CATCHES = [(rule, text) for rule in RULES for text in rule.catches]
LEAVES = [(rule, text) for rule in RULES for text in rule.leaves]


@pytest.mark.parametrize(("rule", "text"), CATCHES, ids=lambda value: getattr(value, "name", value))
def test_it_catches_what_it_must(rule, text) -> None:
    field = sorted(rule.fields)[0]
    assert rule.name in [hit.rule.name for hit in hits(field, text)]


@pytest.mark.parametrize(("rule", "text"), LEAVES, ids=lambda value: getattr(value, "name", value))
def test_it_leaves_what_it_must(rule, text) -> None:
    for field in rule.fields:
        assert hits(field, text) == []


def test_every_rule_has_its_lists() -> None:
    for rule in RULES:
        assert rule.mode in MODES
        assert len(rule.catches) >= 4
        assert len(rule.leaves) >= 4
