"""At the door: what each rule must catch and must not, and what it says to whom it refuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feed.models import Tag
from moderation import door, tasks
from moderation.models import Case, ScreenHits
from moderation.operations.screening import set_mode
from moderation.screening import RULES, hits
from moderation.screening.rules import MODES
from tests.people import make_account, publish
from upscrolled.core.errors import Invalid
from upscrolled.operations.accounts import SignUpRefused, change_columns

NOW = datetime.now(UTC)
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
        set_mode("slurs", "shadow", because="its hits are to be read first", now=NOW)
        make_account("towelhead_fan", now=NOW)
        (found,) = (one for one in door.rehearse(now=NOW) if one.rule == "slurs")
        assert (found.mode, found.met, list(found.examples)) == ("shadow", 1, ["handle: towelhead_fan"])
        with pytest.raises(Invalid):
            set_mode("slurs", "sometimes", because="x", now=NOW)
        with pytest.raises(Invalid):
            set_mode("slurs", "refuse", because=" ", now=NOW)

    def test_hits_are_counted_by_the_day(self, db) -> None:
        for _ in range(2):
            tasks.count_hit(rule="slurs", version=1, mode="refuse", field="handle")
        assert ScreenHits.objects.get().count == 2
