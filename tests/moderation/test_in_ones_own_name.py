"""What the refusals of `test_by_whose_hand.py` let through: people do all of it with what is theirs, over that role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from feed import tasks as feed_tasks
from feed.finding import ledger
from feed.models import (
    FeaturedTag,
    Filter,
    FilterKeyword,
    FilterPost,
    Post,
    ReadingList,
    ScheduledPost,
)
from feed.operations import (
    discover,
    filters,
    interact,
    lists,
    pins,
    revise,
    scheduled,
    tags,
    threads,
)
from feed.operations.leaving import empty_erased
from feed.operations.revise import Edit
from feed.post_types.text import Words
from messaging.models import Reported
from messaging.operations import conversations, keeping, messages
from messaging.operations import report as confided
from moderation import notices, queue, tasks
from moderation.models import Case, CaseEvent, Decision, Report, Statement
from moderation.operations import appeals, cases, claims, forgetting, handling, outside, staff, together
from moderation.operations import decide as deciding
from moderation.operations import messages as reported_messages
from moderation.operations.report import Complaint, file_report
from moderation.subjects import Subject
from tests.chat import say
from tests.desks import reported
from tests.moderation.attempts import ROLE
from tests.people import make_account, publish, seen_by, token_of
from tests.restricting import REASONS, moderator
from upscrolled.models import Account, Notification
from upscrolled.operations import acquaintance, leaving, profiles, push, relationships, senders

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(db: None) -> Iterator[None]:
    """What the test itself does goes over the role of web and workers, from here on; who decides is there before."""
    moderator()
    moderator("noor")
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {ROLE}")
        yield
        cursor.execute("RESET SESSION AUTHORIZATION")


def in_turn(*acts: Callable[[], object]) -> None:
    """Do each under a name of its own: what one transaction said, another does not know, and COMMIT asks the rest."""
    for act in acts:
        with transaction.atomic():
            act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("RESET upscrolled.actor")


def test_people_do_all_of_it_with_what_is_theirs(served: None) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(days=400)
    alice, bob = make_account("alice"), make_account("bob")
    alice.set_password("a good long password")
    alice.save(update_fields=["password"])
    posts = [publish(alice, f"post {n}") for n in range(2)]
    theirs = publish(bob, "to be shared")
    talk = conversations.begin_pair(bob.id, by=alice, now=now)
    said = say(talk, alice)
    wish = deciding.Wish(Subject("post", posts[0]), "sensitive", "hate", REASONS)
    deciding.decide(wish, by=moderator(), now=now)
    assert notices.deliver(now=now) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was decided is committed, so to speak

    in_turn(
        lambda: revise.edit_post(posts[0], by=alice, edit=Edit(sensitive=True), now=now),
        lambda: revise.choose_who_quotes(posts[0], by=alice, quoting="nobody"),
        lambda: revise.delete_post(posts[1], by=alice, now=now),
        lambda: interact.repost(seen_by(alice, theirs), by=alice, audience="public", now=now),
        lambda: interact.unrepost(seen_by(alice, theirs), by=alice, now=now),
        lambda: messages.delete_for_all(said, by=alice, now=now),
        lambda: profiles.edit_profile(account=alice, now=now, discoverable=False, indexable=False),
        lambda: relationships.mute(bob, by=alice, now=now),
        lambda: relationships.block(bob, by=alice, now=now),
        lambda: leaving.leave(account=alice, password="a good long password", now=now),
        lambda: leaving.erase_due(now=later),
        lambda: empty_erased(now=later),
    )

    left = Account.objects.get(pk=alice.pk)
    assert (left.is_active, left.discoverable, left.indexable) == (False, False, False)
    assert not Post.objects.filter(author=alice, deleted_at=None).exists()
    assert not Notification.objects.filter(recipient=alice).exists()
    assert forgetting.forget_erased() == 1


def test_whoever_was_told_of_a_decision_dismisses_it(served: None) -> None:
    alice, now = make_account("alice"), datetime.now(UTC)
    posts = [publish(alice, f"post {n}") for n in range(3)]
    for post in posts:
        wish = deciding.Wish(Subject("post", post), "removed", "hate", REASONS)
        deciding.decide(wish, by=moderator(), now=now)
    notices.deliver(now=now)
    told = list(Notification.objects.filter(recipient=alice).order_by("id").values_list("pk", flat=True))
    filed = appeals.appeal_decision(Statement.objects.earliest("id").pk, by=alice, text="Why?", now=now)
    noor = moderator("noor")
    held = appeals.claim_appeal(filed.pk, by=noor, now=now)
    appeals.release_appeal(held, by=noor, reason="a break", now=now)
    appeals.claim_appeal(filed.pk, by=noor, now=now)
    assert queue.free_appeals(now=now + timedelta(minutes=20)) == 1
    held = appeals.claim_appeal(filed.pk, by=noor, now=now)
    appeals.uphold(held, by=noor, answer="It calls people vermin, whoever said it first.", now=now)
    assert notices.tell_answers(now=now) == 1  # what told of the decision is new again
    told[0] = Notification.objects.filter(recipient=alice).latest("id").pk
    client = Client(headers={"Authorization": f"Bearer {token_of(alice)}"})

    one = client.post(f"/api/v1/notifications/{told[0]}/dismiss")
    all_of_them = client.post("/api/v1/notifications/clear")

    assert (len(told), one.status_code, all_of_them.status_code) == (3, 200, 200)
    assert not Notification.objects.filter(recipient=alice).exists()


def test_people_keep_and_undo_what_is_theirs(served: None) -> None:
    now = datetime.now(UTC)
    alice, bob, dave = (make_account(name) for name in ("alice", "bob", "dave"))
    post, other = publish(alice, "bread #bread", now=now), publish(bob, "of bob", now=now)
    quoting = publish(bob, "quoted", now=now, parts={"quote": post})
    word = filters.Changes(title="x", contexts=["home"], words=[filters.Word("bread")])
    form: dict[str, Any] = {
        **dict.fromkeys(("spoiler_text", "language", "in_reply_to_id", "upscrolled", "media_ids", "poll")),
        "status": "for later",
        "visibility": "public",
        "sensitive": False,
        "quote_approval_policy": "everybody",
    }

    in_turn(
        lambda: discover.choose(by=alice, languages=["ar"]),
        lambda: discover.choose(by=alice, languages=[]),
        lambda: discover.hide(other, by=alice, now=now),
        lambda: discover.unhide(other, by=alice),
        lambda: filters.create_filter(word, by=alice),
        lambda: filters.change_filter(the(Filter), filters.Changes(action="hide"), by=alice),
        lambda: filters.add_keyword(the(Filter), filters.Word("butter"), by=alice),
        lambda: filters.add_post(the(Filter), other, by=alice),
        lambda: filters.remove_post(the(FilterPost), by=alice),
        lambda: filters.remove_keyword(the(FilterKeyword), by=alice),
        lambda: filters.delete_filter(the(Filter), by=alice),
        lambda: threads.mute_thread(seen_by(alice, other), by=alice, now=now),
        lambda: threads.unmute_thread(seen_by(alice, other), by=alice),
        lambda: pins.pin(seen_by(alice, post), by=alice, now=now),
        lambda: pins.unpin(seen_by(alice, post), by=alice),
        lambda: tags.follow_tag("bread", by=bob, now=now),
        lambda: tags.unfollow_tag("bread", by=bob),
        lambda: tags.feature_tag("bread", by=bob, now=now),
        lambda: tags.drop_featured(the(FeaturedTag), by=bob),
        lambda: scheduled.schedule_post(
            form, by=alice, at=now + timedelta(hours=1), idempotency_key="", now=now
        ),
        lambda: scheduled.reschedule(the(ScheduledPost), by=alice, at=now + timedelta(hours=2), now=now),
        lambda: scheduled.publish_due(now=now + timedelta(hours=3)),
        lambda: scheduled.save_draft(form, by=alice, draft_id=None, now=now),
        lambda: scheduled.save_draft(form, by=alice, draft_id=the(ScheduledPost), now=now),
        lambda: scheduled.drop(the(ScheduledPost), by=alice, draft=True),
        lambda: interact.like(seen_by(bob, post), by=bob, now=now),
        lambda: interact.unlike(seen_by(bob, post), by=bob),
        lambda: interact.bookmark(seen_by(bob, post), by=bob, now=now),
        lambda: interact.unbookmark(seen_by(bob, post), by=bob),
        lambda: revise.revoke_quote(quoting, of=post, by=alice),
        lambda: relationships.follow(alice, by=bob, now=now),
        lambda: relationships.follow(alice, by=bob, now=now),
        lambda: relationships.follow(alice, by=bob, reposts=False, languages=["ar"], now=now),
        lambda: acquaintance.endorse(alice, by=bob, now=now),
        lambda: acquaintance.unendorse(alice, by=bob),
        lambda: lists.create_list(by=bob, title="x", now=now),
        lambda: lists.add_members(the(ReadingList), [alice.id], by=bob),
        lambda: lists.change_list(the(ReadingList), by=bob, exclusive=True),
        lambda: lists.remove_members(the(ReadingList), [alice.id], by=bob),
        lambda: lists.delete_list(the(ReadingList), by=bob),
        lambda: relationships.remove_follower(bob, by=alice),
        lambda: profiles.edit_profile(account=alice, now=now, locked=True, default_audience="followers"),
        lambda: relationships.follow(alice, by=bob, now=now),
        lambda: relationships.follow(alice, by=dave, now=now),
        lambda: relationships.follow(alice, by=bob, now=now),
        lambda: relationships.reject_request(bob, by=alice),
        lambda: profiles.edit_profile(account=alice, now=now, locked=False, display_name="Alice"),
        lambda: relationships.unfollow(alice, by=dave),
        lambda: relationships.block(alice, by=dave, now=now),
        lambda: relationships.unblock(alice, by=dave),
        lambda: relationships.mute(alice, by=dave, now=now),
        lambda: relationships.mute(alice, by=dave, notifications=False, now=now),
        lambda: relationships.unmute(alice, by=dave),
        lambda: acquaintance.dismiss_suggestion(alice, by=dave, now=now),
        lambda: senders.accept([alice.id], by=dave),
        lambda: senders.dismiss([alice.id], by=dave, now=now),
        lambda: push.choose(by=dave, wanted={"not_following": "filter"}, now=now),
        lambda: push.choose(by=dave, wanted={"not_following": "accept"}, now=now),
        lambda: revise.edit_post(
            post, by=alice, edit=Edit(parts={"text": Words("#other words", "")}), now=now
        ),
        lambda: ledger.owe(everything=True),
        ledger.enter_owed,
        lambda: revise.delete_post(post, by=alice, now=now - timedelta(days=40)),
        feed_tasks.purge,
    )

    assert not Post.objects.filter(pk=post).exists()
    assert not Filter.objects.exists()
    assert not ScheduledPost.objects.exists()


def test_people_talk_and_stop_talking(served: None) -> None:
    now = datetime.now(UTC)
    alice, bob, dave = (make_account(name) for name in ("alice", "bob", "dave"))
    pair = conversations.begin_pair(bob.id, by=alice, now=now)
    first, second, third = (say(pair, alice, text, now=now) for text in ("one", "two", "three"))
    group = conversations.begin_group([bob.id, dave.id], title="x", by=alice, now=now)
    complaint = confided.Complaint(message_ids=[third], comment="", category="violation")

    in_turn(
        lambda: conversations.accept(pair, by=bob, now=now),
        lambda: messages.edit(first, by=alice, written="another", now=now),
        lambda: messages.delete_for_me(second, by=bob, now=now),
        lambda: keeping.arrange(
            pair, wish=keeping.Wish(archived=True, mute=timedelta(hours=1)), by=bob, now=now
        ),
        lambda: keeping.set_inbox(by=bob, writers="nobody"),
        lambda: keeping.set_inbox(by=bob, writers="everyone"),
        lambda: confided.file_report(pair, complaint=complaint, by=bob, now=now),
        lambda: reported_messages.take_up(now=now),
        lambda: messages.delete_for_all(third, by=alice, now=now),
        lambda: keeping.clear(pair, by=bob, now=now),
        lambda: conversations.accept(group, by=bob, now=now),
        lambda: conversations.decline(group, by=dave, now=now),
        lambda: conversations.rename(group, title="y", by=alice, now=now),
        lambda: conversations.remove(group, bob.id, by=alice, now=now),
        lambda: conversations.leave(group, by=alice, now=now),
    )

    assert Reported.objects.get().body != b""


def test_moderators_take_cases_let_them_go_and_close_them(served: None) -> None:
    now = datetime.now(UTC)
    alice, bob, mia, noor = make_account("alice"), make_account("bob"), moderator(), moderator("noor")
    relationships.follow(alice, by=bob, now=now)
    rita = make_account("rita")  # from outside
    opened = [
        reported(alice, bob, text, now=now) for text in ("one", "two two", "the third, 3", "and a fourth")
    ]

    def held(number: int, by: Account = mia) -> claims.Claim:
        return claims.claim(opened[number].pk, by=by, now=now)

    post = Subject("post", opened[1].subject_id)
    in_turn(
        lambda: claims.next_case(by=mia, now=now),
        lambda: claims.next_case(by=noor, now=now + timedelta(minutes=20)),
        lambda: queue.free_leases(now=now + timedelta(minutes=40)),
        lambda: claims.release(held(0), by=mia, reason="not mine", now=now),
        lambda: claims.hand_over(held(0), to=noor, by=mia, reason="yours", now=now),
        lambda: cases.dismiss(held(0, noor), by=noor, reason="criticism", now=now),
        lambda: outside.grant(opened[3].pk, to=rita, days=3, because="a second look", by=mia, now=now),
        lambda: outside.look(opened[3].pk, by=rita, now=now),
        lambda: cases.dismiss(held(3, rita), by=rita, reason="criticism", now=now),
        lambda: cases.decide_case(held(1), deciding.Wish(post, "removed", "hate", REASONS), by=mia, now=now),
        lambda: handling.undo(opened[1].pk, by=noor, now=now),
        lambda: together.decide(
            deciding.Wish(post, "sensitive", "hate", REASONS),
            [Subject("post", opened[2].subject_id)],
            by=mia,
            now=now,
        ),
        lambda: deciding.decide(
            deciding.Wish(Subject("account", alice.id), "account_suspended", "spam", REASONS), by=mia, now=now
        ),
        lambda: tasks.carry_out(decision_id=Decision.objects.latest("id").pk),
        lambda: deciding.reverse(
            Decision.objects.latest("id").pk,
            by=noor,
            facts=REASONS.facts,
            explanation=REASONS.explanation,
            now=now,
        ),
        lambda: staff.sort(the(Report), category="spam", rule_ids=[], by=mia, now=now),
        lambda: queue.refresh(now=now),
        lambda: notices.deliver(now=now),
        lambda: notices.tell_outcomes(now=now),
    )

    states = Case.objects.filter(pk__in=[case.pk for case in opened]).order_by("id")
    assert list(states.values_list("state", "outcome")) == [
        ("decided", "refused"),
        ("decided", "undone"),
        ("decided", "upheld"),
        ("decided", "refused"),
    ]


def the(kind: Any) -> int:
    """The number of the one row there is, or of the last."""
    return int(kind.objects.latest("pk").pk)


def test_a_lease_that_runs_out_is_an_event(served: None) -> None:
    now = datetime.now(UTC)
    alice, bob, mia = make_account("alice"), make_account("bob"), moderator()
    file_report(reporter=bob, complaint=Complaint(alice.pk, [publish(alice, "x")], reason="hate"), now=now)
    case = Case.objects.get()
    claims.claim(case.pk, by=mia, now=now)

    assert claims.next_case(by=moderator("noor"), now=now + timedelta(minutes=11)) is not None

    steps = list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", "actor", "reason"))
    assert steps[1:3] == [("claimed", mia.pk, ""), ("lease ended", None, "@mia")]
