"""Settings: typed, refused by name, and on the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import checks

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
    assert env.read("PUBLIC_URL", {"PUBLIC_URL": "http://[::1]:8000/"}) == "http://[::1]:8000/"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("DEBUG", "perhaps"),
        ("REGISTRATIONS", "close"),
        ("LINK_PREVIEW_PORTS", "0"),
        ("LINK_PREVIEW_PORTS", "99999"),
        ("LINK_PREVIEW_SECONDS", "31"),
        ("WEB_THREADS", "0"),
        ("MIN_AGE_BY_COUNTRY", "FR=121"),
        ("PUBLIC_URL", "social.example.org"),
        ("PUBLIC_URL", "https://example.org/social"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_what_it_was(name, value):
    with pytest.raises(env.BadSetting, match=f"{name}.*{value.rpartition('=')[2]}"):
        env.read(name, {name: value})


def test_a_deployment_is_checked_without_false_alarms(settings) -> None:
    """`manage.py check --deploy` finds what is wrong with a site, and nothing that is meant."""
    settings.SECRET_KEY, settings.DEBUG = "".join(map(chr, range(40, 120))), False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True

    assert _found() == set()


def test_a_deployment_with_a_weak_secret_is_told(settings) -> None:
    settings.SECRET_KEY, settings.DEBUG = "short", True

    assert {"security.W009", "security.W018"} <= _found()


def _found() -> set[str | None]:
    messages = checks.run_checks(include_deployment_checks=True)
    return {message.id for message in messages if not message.is_silenced()}
