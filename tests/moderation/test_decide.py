"""A decision stands whole or not at all: reasons, notice, restriction, strike, log; and so does its taking back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation import effects, notices, policies, tasks, wording
from moderation.actions import ACTIONS
from moderation.grounds import POLICIES
from moderation.models import Decision, LogEntry, Notice, SeveredFollow, Statement, Strike
from moderation.operations import bulk
from moderation.operations.decide import AlreadySo, Wish, decide, reverse
from moderation.statements import Reasons, unseal
from moderation.subjects import Subject
from tests.people import client_of, make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import AccountCounters, Block, Follow, Notification, OwedMail, Restriction
from upscrolled.operations.accounts import change_columns
from upscrolled.operations.relationships import block
from upscrolled.tasks import send_owed_mail

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
WHY_NOT = {
    "facts": "The post was read again in its context.",
    "explanation": "It quotes the insult to condemn it.",
}


def wish(subject: Subject, action: str = "removed", **more: object) -> Wish:
    return Wish(subject, action, "hate", REASONS, **more)  # type: ignore[arg-type]


@pytest.fixture
def mia():
    return moderator()


class TestDeciding:
    def test_a_removed_post_is_seen_by_its_author_alone_who_is_told_why(self, alice, bob, mia) -> None:
        post = publish(alice, "hello")

        recorded = decide(wish(Subject("post", post)), by=mia, now=NOW)

        assert client_of(bob).get(f"/api/v1/statuses/{post}").status_code == 404
        assert client_of(alice).get(f"/api/v1/statuses/{post}").status_code == 200
        statement = Statement.objects.get(pk=recorded.statement_id)
        readable = unseal(statement, statement.key.key)
        assert readable is not None
        assert readable.is_true
        assert readable.facts == REASONS.facts
        for part in (REASONS.facts, REASONS.explanation, "Hatred (version 1)", "removed", "Appeal here"):
            assert part in readable.text
        assert Strike.objects.get(account=alice).weight == POLICIES["hate"].strike_weight
        assert LogEntry.objects.get(pk=recorded.decision_id)

    def test_the_notice_becomes_a_notification_and_a_mail_once(self, alice, mia) -> None:
        recorded = decide(wish(Subject("post", publish(alice, "hello"))), by=mia, now=NOW)

        assert [notices.deliver(now=NOW), notices.deliver(now=NOW)] == [1, 0]
        tasks.carry_out(decision_id=recorded.decision_id)

        told = Notification.objects.get(recipient=alice, kind="moderation_warning")
        notice = Notice.objects.get(statement_id=recorded.statement_id)
        assert (notice.delivery_id, told.subject_id) == (told.id, recorded.statement_id)
        send_owed_mail(mail_id=OwedMail.objects.get().pk)
        assert f"/disputes/strikes/{recorded.statement_id}" in mail.outbox[0].body
        assert mail.outbox[0].to == ["alice@example.org"]

    @pytest.mark.parametrize("language", ["en", "ar", "fr"])
    @pytest.mark.parametrize("action", [key for key in ACTIONS if key != "restore"])
    def test_every_action_explains_itself_in_every_language_and_is_taken_back(
        self, mia, language, action
    ) -> None:
        person = make_account("person", locale=language)
        subject = Subject("account", person.id)
        if "account" not in ACTIONS[action].subjects:
            subject = Subject("post", publish(person, "hello"))

        recorded = decide(wish(subject, action), by=mia, now=NOW)
        again = reverse(recorded.decision_id, by=mia, **WHY_NOT, now=NOW)

        for number, measure in ((recorded.statement_id, action), (again.statement_id, "restore")):
            statement = Statement.objects.get(pk=number)
            readable = unseal(statement, statement.key.key)
            assert readable is not None
            assert statement.language == language
            assert wording.of(language).MEASURES[measure] in readable.text
            assert not re.search(r"\{\w*\}", readable.text)
        assert not Restriction.objects.exclude(ends_at__lte=NOW).exists()

    def test_reasons_that_are_none_are_refused(self, alice, mia) -> None:
        post = Subject("post", publish(alice, "hello"))
        for facts, explanation in (
            ("too short", REASONS.explanation),
            (REASONS.facts, ""),
            ("x" * 60, REASONS.explanation),
            (REASONS.facts, REASONS.facts),
            ("a" * 5_001, REASONS.explanation),
        ):
            with pytest.raises(Invalid):
                decide(Wish(post, "removed", "hate", Reasons(facts, explanation)), by=mia, now=NOW)
        with pytest.raises(Invalid, match="law"):
            decide(Wish(post, "removed", "illegal", Reasons(*_texts(), ground="law")), by=mia, now=NOW)
        assert not Decision.objects.exists()

    def test_who_may_not_decide_does_not(self, alice, bob, mia) -> None:
        post = Subject("post", publish(alice, "hello"))
        own = Subject("account", mia.id)
        for by, subject in ((bob, post), (mia, own), (None, post)):
            with pytest.raises(NotAllowed):
                decide(wish(subject, "removed" if subject == post else "warn"), by=by, now=NOW)
        with pytest.raises(NotFound):
            decide(wish(Subject("post", 1)), by=mia, now=NOW)
        with pytest.raises(Invalid):
            decide(wish(Subject("account", alice.id), "sensitive"), by=mia, now=NOW)
        for verb in (
            lambda w: decide(w, by=mia, now=NOW),
            lambda w: bulk.rehearse(w, [post], by=mia, now=NOW),
        ):
            with pytest.raises(Invalid, match="Action must be one of"):
                verb(wish(post, "restore"))
        with pytest.raises(Invalid, match="no country"):
            decide(wish(post, countries=["Europe"]), by=mia, now=NOW)
        with pytest.raises(Invalid, match="is over"):
            decide(wish(post, ends_at=NOW), by=mia, now=NOW)

    def test_the_same_restriction_is_not_put_on_twice(self, alice, mia) -> None:
        post = Subject("post", publish(alice, "hello"))
        decide(wish(post), by=mia, now=NOW)
        with pytest.raises(AlreadySo):
            decide(wish(post), by=mia, now=NOW)
        decide(wish(post, countries=["fr"]), by=mia, now=NOW)
        assert sorted(Restriction.objects.values_list("countries", flat=True)) == [[], ["FR"]]

    def test_a_machine_may_hold_for_three_days_and_no_longer(self, alice) -> None:
        post = Subject("post", publish(alice, "hello"))
        decide(wish(post, "hold"), by=None, now=NOW)
        assert Restriction.objects.get().ends_at == NOW + timedelta(hours=72)
        with pytest.raises(Invalid, match="72 hours"):
            decide(wish(post, "hold", ends_at=NOW + timedelta(hours=73)), by=None, now=NOW)

    def test_what_is_withheld_in_a_country_is_seen_elsewhere(self, alice, dave, mia, settings) -> None:
        settings.COUNTRY_HEADER = "CF-IPCountry"
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        post = publish(alice, "hello")
        decide(wish(Subject("post", post), countries=["FR"]), by=mia, now=NOW)

        statuses = [
            client_of(dave).get(f"/api/v1/statuses/{post}", CF_IPCountry=country).status_code
            for country in ("FR", "DE")
        ]
        assert statuses == [404, 200]


class TestTakingBack:
    def test_it_restores_and_says_so_and_only_once(self, alice, bob, mia) -> None:
        post = publish(alice, "hello")
        recorded = decide(wish(Subject("post", post)), by=mia, now=NOW - timedelta(minutes=5))
        reverse(recorded.decision_id, by=mia, **WHY_NOT, now=NOW)

        assert client_of(bob).get(f"/api/v1/statuses/{post}").status_code == 200
        assert notices.deliver(now=NOW) == 2
        with pytest.raises(Conflict):
            reverse(recorded.decision_id, by=mia, **WHY_NOT, now=NOW)
        standing = client_of(alice).get("/api/v1/upscrolled/standing").json()
        assert (standing["weight"], standing["in_force"]) == (0, [])
        assert [one["measure"] for one in standing["recent"]] == ["restore", "removed"]

    @pytest.mark.parametrize("first", ["alice", "bob"])
    def test_of_two_suspended_people_whoever_comes_back_last_is_followed_again(
        self, alice, bob, mia, first
    ) -> None:
        made = {
            one.username: decide(wish(Subject("account", one.id), "account_suspended"), by=mia, now=NOW)
            for one in (alice, bob)
        }
        for recorded in made.values():
            tasks.carry_out(decision_id=recorded.decision_id)
        assert not Follow.objects.exists()  # bob followed alice

        for name in sorted(made, key=first.__ne__):
            again = reverse(made[name].decision_id, by=mia, **WHY_NOT, now=NOW)
            tasks.carry_out(decision_id=again.decision_id)
            assert Follow.objects.exists() is (name != first)

    def test_follows_that_a_suspension_severed_come_back_but_not_past_a_block(
        self, alice, bob, dave, mia
    ) -> None:
        erin = make_account("erin")
        for follower in (dave, erin):
            Follow.objects.create(account=follower, target=alice, created_at=NOW)
            AccountCounters.objects.filter(account=follower).update(following=1)
        AccountCounters.objects.filter(account=alice).update(followers=3)
        recorded = decide(wish(Subject("account", alice.id), "account_suspended"), by=mia, now=NOW)
        for _ in range(2):
            tasks.carry_out(decision_id=recorded.decision_id)
        assert not Follow.objects.filter(target=alice).exists()
        assert SeveredFollow.objects.count() == 3
        assert numbers(alice, bob, dave, erin) == [(0, 0)] * 4

        block(alice, by=erin, now=NOW)
        again = reverse(recorded.decision_id, by=mia, **WHY_NOT, now=NOW)
        for _ in range(2):
            tasks.carry_out(decision_id=again.decision_id)

        assert set(Follow.objects.filter(target=alice).values_list("account_id", flat=True)) == {
            bob.id,
            dave.id,
        }
        assert numbers(alice, bob, dave, erin) == [(2, 0), (0, 1), (0, 1), (0, 0)]
        assert Block.objects.filter(account=erin, target=alice).exists()

    def test_a_lost_task_is_found_again_by_the_clock(self, alice, bob, mia) -> None:
        recorded = decide(wish(Subject("account", alice.id), "account_suspended"), by=mia, now=NOW)
        tasks.carry_out(decision_id=recorded.decision_id)
        reverse(recorded.decision_id, by=mia, **WHY_NOT, now=NOW)

        tasks.deliver_notices()
        tasks.end_effects()

        assert Follow.objects.filter(account=bob, target=alice).exists()
        assert effects.undo_ended(now=NOW) == 0
        assert not Notice.objects.filter(sent_at=None).exists()


class TestManyAtOnce:
    def test_a_rehearsal_writes_nothing_and_says_what_would_be(self, alice, bob, mia) -> None:
        posts = [Subject("post", publish(author, "spam")) for author in (alice, alice, bob)]
        seen = bulk.rehearse(wish(posts[0]), [*posts, Subject("post", 1)], by=mia, now=NOW)

        assert (seen.decisions, seen.people, len(seen.sample)) == (3, 2, 3)
        assert list(seen.refused) == [Subject("post", 1)]
        assert not Decision.objects.exists()

    def test_each_gets_a_statement_and_all_is_undone_together(self, alice, bob, mia) -> None:
        posts = [Subject("post", publish(author, "spam")) for author in (alice, alice, bob)]
        batch = bulk.decide_all(wish(posts[0]), [*posts, Subject("post", 1)], by=mia, now=NOW)
        assert (len(batch.decided), list(batch.refused)) == (3, [Subject("post", 1)])
        assert Statement.objects.filter(account=alice).count() == 2

        undone = bulk.undo(batch.bulk, by=mia, reason="The filter caught what it should not have.", now=NOW)

        assert len(undone.decided) == 3
        assert not Restriction.objects.exclude(ends_at__lte=NOW).exists()
        assert (
            bulk.undo(batch.bulk, by=mia, reason="The filter caught what it should not.", now=NOW).decided
            == []
        )

    def test_fifty_cost_as_many_statements_as_two(self, alice, mia) -> None:
        posts = [Subject("post", publish(alice, f"spam {n}")) for n in range(52)]
        policies.in_force("hate", now=NOW)
        costs = []
        for some in (posts[:2], posts[2:]):
            with CaptureQueriesContext(connection) as asked:
                assert len(bulk.decide_all(wish(some[0]), some, by=mia, now=NOW).decided) == len(some)
            costs.append(len(asked))
        assert costs[1] <= costs[0] <= 8
        assert Statement.objects.values("digest").distinct().count() == 52


def test_the_languages_say_the_same_things() -> None:
    names = {
        language: {name for name in vars(texts) if name.isupper()}
        for language, texts in wording.LANGUAGES.items()
    }
    assert len(set(map(frozenset, names.values()))) == 1
    for name in names["en"]:
        values = [getattr(texts, name) for texts in wording.LANGUAGES.values()]
        if isinstance(values[0], dict):
            assert len({tuple(value) for value in values}) == 1, name
    assert set(wording.LANGUAGES["en"].POLICIES) == set(POLICIES)
    assert set(wording.LANGUAGES["en"].MEASURES) == set(ACTIONS)


def test_a_person_reads_in_the_language_of_the_account(mia) -> None:
    noor = make_account("noor", locale="ar")
    change_columns(account=noor, locale="ar")
    decide(wish(Subject("account", noor.id), "warn"), by=mia, now=NOW)
    notices.deliver(now=NOW)
    assert "قرار" in OwedMail.objects.get().facts["subject"]


def _texts() -> tuple[str, str]:
    return REASONS.facts, REASONS.explanation


def numbers(*accounts) -> list[tuple[int, int]]:
    return [
        tuple(AccountCounters.objects.values_list("followers", "following").get(account=account))
        for account in accounts
    ]
