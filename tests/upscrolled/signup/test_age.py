"""A least age: asked only where it is set, stored only as an answer, and not to be guessed at."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.browser import Browser
from tests.newcomers import FORM, application, codes, sign_up
from tests.people import ApiClient
from upscrolled.core import valkey
from upscrolled.core.ages import years_between
from upscrolled.models import Account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(2010, 6, 1), date(2026, 5, 31), 15),
        (date(2010, 6, 1), date(2026, 6, 1), 16),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_years_by_the_calendar(born: date, today: date, years: int) -> None:
    assert years_between(born, today) == years


def born(years: int) -> str:
    """The birthday of somebody who turned that old today."""
    today = datetime.now(UTC).date()
    return date(today.year - years, today.month, min(today.day, 28)).isoformat()


@pytest.fixture
def sixteen(settings: Any) -> Any:
    settings.MIN_AGE = 16
    return settings


def behind_a_proxy(settings: Any, country: str) -> ApiClient:
    """An app whose country the site's proxy names."""
    settings.TRUSTED_PROXIES, settings.COUNTRY_HEADER = ["127.0.0.1"], "CF-IPCountry"
    return application(**{"CF-IPCountry": country, "X-Forwarded-For": "203.0.113.9"})


def test_nobody_is_asked_by_default(db: None, client_of: Any) -> None:
    assert sign_up(application(), date_of_birth=born(9)).status_code == 200
    assert Account.objects.get().old_enough_at is None
    assert client_of().get("/api/v2/instance").json()["registrations"]["min_age"] is None


def test_where_it_is_set_a_date_is_needed_and_the_instance_says_so(sixteen: Any, client_of: Any) -> None:
    assert codes(sign_up(application())) == {"date_of_birth": ["ERR_BLANK"]}
    assert client_of().get("/api/v2/instance").json()["registrations"]["min_age"] == 16


def test_who_is_old_enough_leaves_the_answer_and_not_the_date(sixteen: Any) -> None:
    assert sign_up(application(), date_of_birth=born(16)).status_code == 200

    erin = Account.objects.get()
    assert erin.old_enough_at is not None
    assert erin.born_on is None


def test_who_is_too_young_leaves_nothing_and_cannot_grow_older_at_once(sixteen: Any) -> None:
    app = application()

    assert codes(sign_up(app, date_of_birth=born(15))) == {"date_of_birth": ["ERR_BELOW_LIMIT"]}
    assert codes(sign_up(app, date_of_birth=born(30))) == {"date_of_birth": ["ERR_BELOW_LIMIT"]}

    assert not Account.objects.exists()
    kept = {key: valkey.cache().get(key) for key in valkey.cache().keys("mark:*")}
    assert list(kept.values()) == [b"1"]
    assert not any(born(15).encode() in key for key in kept)
    assert all(0 < valkey.cache().ttl(key) <= 86_400 for key in kept)


def test_somebody_elses_device_is_not_held_to_it(sixteen: Any) -> None:
    sign_up(application(), date_of_birth=born(15))

    assert sign_up(application(agent="Another/2.0"), date_of_birth=born(30)).status_code == 200


def test_a_country_may_ask_for_another_age(sixteen: Any) -> None:
    sixteen.MIN_AGE_BY_COUNTRY = {"AT": 14}

    assert sign_up(behind_a_proxy(sixteen, "at"), date_of_birth=born(14)).status_code == 200
    other = sign_up(behind_a_proxy(sixteen, "DE"), username="frida", date_of_birth=born(14))
    assert codes(other) == {"date_of_birth": ["ERR_BELOW_LIMIT"]}
    told = behind_a_proxy(sixteen, "AT").get("/api/v2/instance").json()
    assert told["registrations"]["min_age"] == 14


def test_who_is_no_proxy_of_ours_names_no_country(sixteen: Any) -> None:
    sixteen.MIN_AGE_BY_COUNTRY = {"AT": 14}
    app = behind_a_proxy(sixteen, "AT")
    sixteen.TRUSTED_PROXIES = []

    assert codes(sign_up(app, date_of_birth=born(14))) == {"date_of_birth": ["ERR_BELOW_LIMIT"]}


def test_the_date_is_kept_only_where_the_law_wants_it(sixteen: Any) -> None:
    sixteen.KEEP_BIRTH_DATE_COUNTRIES = ["AT"]

    sign_up(behind_a_proxy(sixteen, "AT"), date_of_birth="1990-02-03")
    sign_up(
        behind_a_proxy(sixteen, "FR"), username="frida", email="f@example.org", date_of_birth="1990-02-03"
    )

    dates = dict(Account.objects.values_list("username", "born_on"))
    assert dates == {"Erin": date(1990, 2, 3), "frida": None}


def test_the_page_asks_too(sixteen: Any) -> None:
    browser = Browser("ar").open("/accounts/signup/")
    fields = {name: str(FORM[name]) for name in ("username", "email", "password")}

    assert 'type="date"' in browser.text
    browser.send(**fields, agreement="on", date_of_birth=born(12))

    assert browser.page.status_code == 422
    assert "عمرك أصغر" in browser.text
    assert not Account.objects.exists()
