"""The rules of the house and the site's weeks, from the operator's shell to the instance entities."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.people import make_account, publish
from upscrolled import weeks
from upscrolled.models import AccountCounters, HouseRule, SiteWeek


def load(tmp_path, *written) -> str:
    file, out = tmp_path / "rules.json", StringIO()
    file.write_text(json.dumps(written))
    call_command("rules", "load", str(file), stdout=out)
    return out.getvalue()


def shown(client_of) -> list[tuple[str, str]]:
    return [(rule["id"], rule["text"]) for rule in client_of().get("/api/v1/instance/rules").json()]


class TestRules:
    def test_a_new_house_has_the_rules_it_ships_with_in_three_languages(self, client_of, db):
        first = client_of().get("/api/v2/instance").json()["rules"][0]

        assert first["id"] == "1"
        assert set(first["translations"]) == {"en", "ar", "fr"}
        assert first["translations"]["ar"]["text"].startswith("لا تهديد")
        assert first["text"] == first["translations"]["en"]["text"]

    def test_the_operator_gives_the_house_others(self, client_of, db, tmp_path):
        told = load(tmp_path, {"id": 2, "texts": {"en": "No deceit, at all."}}, {"texts": {"en": "Be kind."}})

        assert "1 added, 1 changed, 0 as before, 4 ended" in told
        assert [text for _, text in shown(client_of)] == ["No deceit, at all.", "Be kind."]
        assert shown(client_of)[0][0] == "2"
        assert HouseRule.objects.count() == 6  # what ended is kept: decisions name it

    def test_loading_twice_changes_nothing(self, client_of, db, tmp_path):
        load(tmp_path, {"texts": {"en": "Be kind."}})
        before = shown(client_of)

        assert "0 added, 0 changed, 1 as before, 0 ended" in load(tmp_path, {"texts": {"en": "Be kind."}})
        assert shown(client_of) == before

    @pytest.mark.parametrize(
        "written",
        [[], [{"texts": {"ar": "كن لطيفاً"}}], [{"id": 99, "texts": {"en": "x"}}], [{"text": "x"}], ["x"]],
    )
    def test_a_file_that_makes_no_sense_changes_nothing(self, client_of, db, tmp_path, written):
        with pytest.raises(CommandError):
            load(tmp_path, *written)

        assert HouseRule.objects.count() == 0
        assert len(shown(client_of)) == 5


class TestWeeks:
    NOW = datetime(2026, 1, 21, 9, 0, tzinfo=UTC)  # a Wednesday

    def test_weeks_are_counted_from_the_rows(self, db):
        alice = make_account("alice", now=self.NOW - timedelta(weeks=1))
        make_account("bob", now=self.NOW - timedelta(days=1))
        publish(alice)
        AccountCounters.objects.filter(account=alice).update(active_on=date(2026, 1, 19))

        weeks.count(now=self.NOW)

        this, last, *older = weeks.latest(self.NOW)
        assert this == (date(2026, 1, 19), 0, 1, 1)
        assert last == (date(2026, 1, 12), 1, 0, 1)
        assert {(week.posts, week.logins, week.registrations) for week in older} == {(0, 0, 0)}

    def test_who_was_here_in_a_week_stays_counted_when_it_is_over(self, db):
        alice = make_account("alice", now=self.NOW)
        AccountCounters.objects.filter(account=alice).update(active_on=date(2026, 1, 21))
        weeks.count(now=self.NOW)
        AccountCounters.objects.filter(account=alice).update(active_on=date(2026, 1, 28))

        weeks.count(now=self.NOW + timedelta(weeks=1))

        assert [week.logins for week in weeks.latest(self.NOW + timedelta(weeks=1))][:2] == [1, 1]

    def test_they_are_told_as_text(self, client_of, db):
        monday = weeks.monday(datetime.now(UTC))
        SiteWeek.objects.create(starts_on=monday, posts=3, logins=2, registrations=1)

        told = client_of().get("/api/v1/instance/activity").json()

        assert len(told) == 12
        assert (told[0]["statuses"], told[0]["logins"], told[0]["registrations"]) == ("3", "2", "1")
        assert datetime.fromtimestamp(int(told[0]["week"]), UTC).date() == monday

    def test_nothing_is_counted_when_somebody_asks(self, client_of, db, django_assert_num_queries):
        with django_assert_num_queries(1):
            client_of().get("/api/v1/instance/activity")
