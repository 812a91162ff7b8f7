"""Settings: typed, refused by name, and on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from upscrolled import env


def test_the_page_lists_every_setting_as_it_is():
    assert Path("docs/config.md").read_text() == env.page()


def test_values_have_their_types():
    given = {"PORT": "8080", "RATE_LIMITS": "no", "ALLOWED_HOSTS": "a, b,,", "DATA_DIR": "/tmp/x/../y"}

    assert env.read("PORT", given) == 8080
    assert env.read("RATE_LIMITS", given) is False
    assert env.read("ALLOWED_HOSTS", given) == ["a", "b"]
    assert env.read("DATA_DIR", given) == Path("/tmp/y")
    assert env.read("LINK_PREVIEW_PORTS", {"LINK_PREVIEW_PORTS": "80, 8443"}) == {80, 8443}
    assert env.read("SITE_NAME", given) == "UpScrolled"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("DEBUG", "perhaps"),
        ("REGISTRATIONS", "close"),
        ("LINK_PREVIEW_PORTS", "0"),
        ("LINK_PREVIEW_PORTS", "99999"),
        ("LINK_PREVIEW_SECONDS", "31"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_what_it_was(name, value):
    with pytest.raises(env.BadSetting, match=f"{name}.*{value}"):
        env.read(name, {name: value})
