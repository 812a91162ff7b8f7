"""At the door: what each rule must catch and must not, and what it says to whom it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from feed.models import Tag
from moderation import rehearsals, tasks
from moderation.models import Case, ProfileWritten, RuleRehearsal, ScreenHits
from moderation.operations.screening import set_mode
from moderation.screening import RULES, hits
from moderation.screening.rules import MODES
from tests.people import make_account, publish
from upscrolled.core.errors import Conflict, Invalid
from upscrolled.models import Account
from upscrolled.operations.accounts import SignUpRefused, change_columns

NOW = datetime.now(UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
db = pytest.mark.django_db

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


@db
class TestAtTheDoor:
    def test_a_name_is_refused_with_the_policy_in_plain_words(self, client_of, alice) -> None:
        with pytest.raises(SignUpRefused, match="Hatred"):
            make_account("heil_h1tler")
        answer = client_of(alice).patch("/api/v1/accounts/update_credentials", {"display_name": "Sieg Heil"})
        assert answer.status_code == 422
        assert "Do not attack people for who they are" in answer.json()["error"]
        answer = client_of(alice).patch("/api/v1/accounts/update_credentials", {"note": "Death to Muslims"})
        assert answer.status_code == 422

    @pytest.mark.parametrize(
        ("locale", "said"), [("ar", "لا تهاجم"), ("fr", "N’attaquez personne"), ("en", "Do not attack")]
    )
    def test_it_is_said_in_the_language_of_the_account_in_an_app_too(
        self, client_of, alice, locale, said
    ) -> None:
        change_columns(account=alice, locale=locale)
        for wish in (
            {"display_name": "Sieg Heil"},
            {"fields_attributes": {"0": {"name": "Motto", "value": "heil hitler"}}},
        ):
            answer = client_of(alice).patch("/api/v1/accounts/update_credentials", wish)
            assert (answer.status_code, said in answer.json()["error"]) == (422, True), wish
        with pytest.raises(SignUpRefused, match=said):
            make_account("heil_h1tler", locale=locale)

    def test_what_wants_a_person_goes_to_one_once(self, alice) -> None:
        for note in ("join isis", "join isis", "I like maps"):
            change_columns(account=alice, note=note)
        case = Case.objects.get()
        assert (case.subject_id, case.policy, case.lane, case.source) == (
            alice.id,
            "terror",
            "dark",
            "screening",
        )
        Case.objects.update(state="decided")
        change_columns(account=alice, note="join isis")
        assert Case.objects.count() == 1

    def test_a_post_stands_while_its_hashtag_waits_for_a_person(self, client_of, alice, bob) -> None:
        post = publish(alice, "look #holohoax #bread")
        tasks.screen_tags()
        tasks.screen_tags()
        tag = Tag.objects.get(name="holohoax")
        assert [(case.subject_kind, case.subject_id) for case in Case.objects.all()] == [("hashtag", tag.id)]
        assert client_of(bob).get(f"/api/v1/statuses/{post}").status_code == 200
        assert ScreenHits.objects.get().count == 1

    def test_a_rule_in_the_shadow_refuses_nothing_and_shows_what_it_would_meet(self, db) -> None:
        set_mode("slurs", "shadow", because="its hits are to be read first", by=None, now=NOW)
        make_account("towelhead_fan", now=NOW)
        with pytest.raises(Conflict, match="See first"):
            set_mode("slurs", "queue", because="it meets what it should", by=None, now=NOW)
        met = rehearsed(now=NOW + MINUTE).by_rule["slurs"]
        assert (met.count, list(met.sample)) == (1, [("handle", "towelhead_fan")])
        with pytest.raises(Conflict):  # a week that was looked at long ago says nothing of the last one
            set_mode(
                "slurs",
                "queue",
                because="it meets what it should",
                by=None,
                now=NOW + timedelta(days=1, hours=1),
            )
        set_mode("slurs", "queue", because="it meets what it should", by=None, now=NOW + MINUTE)
        with pytest.raises(Invalid):
            set_mode("slurs", "sometimes", because="x", by=None, now=NOW)
        with pytest.raises(Invalid):
            set_mode("slurs", "refuse", because=" ", by=None, now=NOW)

    def test_hits_are_counted_by_the_day(self, db) -> None:
        for _ in range(2):
            tasks.count_hit(rule="slurs", version=1, mode="refuse", field="handle")
        assert ScreenHits.objects.get().count == 2


def soon() -> datetime:
    """A moment after all that the test wrote."""
    return datetime.now(UTC) + MINUTE


def rehearsed(*, now: datetime, limit: int = rehearsals.BATCH) -> rehearsals.Rehearsed:
    """Look at a week, in batches of so many."""
    rehearsals.begin(now=now)
    while rehearsals.go_on(now=now, limit=limit):
        pass
    found = rehearsals.last()
    assert found is not None
    return found


@pytest.fixture
def week(db) -> dict[str, str]:
    """What was written within a week and before it, with every rule in the shadow; return what is to be met by rule."""
    for rule in RULES:
        set_mode(rule.name, "shadow", because="its hits are to be read first", by=None, now=NOW)
    make_account("n1gger_of_old", now=NOW - 8 * DAY)
    make_account("k1ke", now=NOW - 6 * DAY)
    make_account("maria", now=NOW - 6 * DAY, display_name="Death to Muslims")
    closed = make_account("heil_hitler", now=NOW - DAY)
    closed.is_active = False
    closed.save()
    old, older, dormant = (make_account(name) for name in ("olga", "petra", "quentin"))
    change_columns(account=old, note="Sieg Heil")
    change_columns(account=older, note="Hitler was right")
    ProfileWritten.objects.filter(account=older).update(at=NOW - 8 * DAY)
    change_columns(account=dormant, note="heil hitler")
    ProfileWritten.objects.filter(account=dormant).delete()  # as of before such rows were written
    change_columns(account=dormant, locked=True)
    publish(old, "#bread and #holohoax", now=NOW - DAY)
    publish(old, "#siegheil", now=NOW - 8 * DAY)
    return {
        "slurs": [("handle", "k1ke")],
        "calls for death": [("name", "Death to Muslims")],
        "praise of mass murder": [("bio", "Sieg Heil"), ("hashtag", "holohoax")],
    }


class TestRehearsals:
    @pytest.mark.parametrize("limit", [1, 2, rehearsals.BATCH])
    def test_what_a_week_would_have_met_and_nothing_older(self, week, limit) -> None:
        found = rehearsed(now=soon(), limit=limit)
        met = {name: list(one.sample) for name, one in found.by_rule.items() if one.count}
        assert met == week
        assert {name: one.count for name, one in found.by_rule.items() if one.count} == {
            name: len(texts) for name, texts in week.items()
        }
        assert (
            found.by_rule["posing as the house"].looked_at == 4
        )  # names and handles of three, olga has no name
        assert not ScreenHits.objects.exists()
        assert not Case.objects.exists()

    def test_a_worker_that_dies_loses_its_batch_and_nothing_is_counted_twice(self, week) -> None:
        now = soon()
        run = rehearsals.begin(now=now)
        assert rehearsals.begin(now=now + MINUTE).pk == run.pk
        with transaction.atomic():
            rehearsals.go_on(now=now, limit=1)
            transaction.set_rollback(True)
        assert RuleRehearsal.objects.get().after == 0
        rehearsals.go_on(now=now, limit=1)
        assert RuleRehearsal.objects.get().after > 0
        assert rehearsals.last() is None
        tasks.rehearse_rules()
        assert {name: one.count for name, one in rehearsals.last().by_rule.items() if one.count} == {
            name: len(texts) for name, texts in week.items()
        }
        tasks.rehearse_rules()
        assert RuleRehearsal.objects.count() == 1

    def test_the_clock_does_a_part_each_time(self, week, monkeypatch) -> None:
        monkeypatch.setattr(tasks, "REHEARSED_AT_ONCE", 1)
        tasks.rehearse_rules()
        assert [run.part for run in RuleRehearsal.objects.all()] == ["profiles"]
        tasks.rehearse_rules()
        assert rehearsals.last() is None
        tasks.rehearse_rules()
        assert {name for name, one in rehearsals.last().by_rule.items() if one.count} == set(week)

    def test_a_rule_that_changed_is_asked_anew_and_what_is_gone_is_shown_no_more(self, week) -> None:
        rehearsals.begin(now=soon())
        rehearsals.go_on(now=soon(), limit=1)
        RuleRehearsal.objects.update(rules={"slurs": 0}, met={"slurs": {"count": 99, "sample": []}})
        tasks.rehearse_rules()
        assert rehearsals.last().by_rule["slurs"].count == 1
        change_columns(account=Account.objects.get(username="olga"), note="I like bread")
        met = rehearsals.last().by_rule["praise of mass murder"]
        assert (met.count, list(met.sample)) == (2, [("hashtag", "holohoax")])
        RuleRehearsal.objects.update(rules={"slurs": 0})
        assert "slurs" not in rehearsals.last().by_rule
        assert rehearsals.is_due()
