"""docs/ranking.md says what the code does."""

from pathlib import Path

from feed.ranking.draw import REASONS
from feed.ranking.formula import V1

PAGE = (Path(__file__).parents[3] / "docs" / "ranking.md").read_text()


def test_every_constant_is_in_the_table_with_its_value():
    table = PAGE[PAGE.index("## Constants") :]

    assert [name for name in V1.constants() if f"`{name}`" not in table] == []
    assert [value for value in V1.constants().values() if f" {value}" not in table] == []


def test_every_reason_for_taking_a_post_out_is_explained():
    assert [reason for reason in REASONS if f"*{reason}*" not in PAGE] == []
