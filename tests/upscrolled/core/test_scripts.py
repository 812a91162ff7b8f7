"""Letters of the scripts that people write their names in."""

from __future__ import annotations

import pytest

from upscrolled.core.scripts import letters


@pytest.mark.parametrize(
    ("name", "some", "none"),
    [
        ("omar", "az_", "0é"),
        ("omar_7", "az_09", "é"),
        ("7", "09_", "a"),
        ("élodie", "azéç", "0ع"),
        ("عمر", "ابيىةّ", "a0"),
        ("علی", "یگ", "a"),
        ("ольга", "аяё", "a"),
        ("omar عمر", "azع", "0"),
    ],
)
def test_a_slip_stays_in_the_scripts_of_a_name(name, some, none):
    found = letters(name)

    assert set(some) <= set(found)
    assert not set(none) & set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", ["", "🌸", "李小龍", "-", "%"])
def test_where_there_are_thousands_of_signs_or_none_there_are_no_letters(name):
    assert letters(name) == ""
