"""What the refusals of `test_by_whose_hand.py` let through: people do all of it with what is theirs, over that role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client

from feed.models import Post
from feed.operations import interact, revise
from feed.operations.leaving import empty_erased
from feed.operations.revise import Edit
from messaging.operations import conversations, messages
from moderation import notices
from moderation.models import Statement
from moderation.operations import appeals, forgetting
from moderation.operations import decide as deciding
from moderation.subjects import Subject
from tests.chat import say
from tests.moderation.attempts import ROLE
from tests.people import make_account, publish, seen_by, token_of
from tests.restricting import REASONS, moderator
from upscrolled.models import Account, Notification
from upscrolled.operations import leaving, profiles, relationships

pytestmark = pytest.mark.django_db


@pytest.fixture
def served() -> Iterator[None]:
    """What the test itself does goes over the role of web and workers, from here on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {ROLE}")
        yield
        cursor.execute("RESET SESSION AUTHORIZATION")


def in_turn(*acts: Callable[[], object]) -> None:
    """Do each under a name of its own: what one transaction said, another does not know."""
    for act in acts:
        with transaction.atomic():
            act()
        with connection.cursor() as cursor:
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
    held = appeals.claim_appeal(filed.pk, by=(noor := moderator("noor")), now=now)
    appeals.uphold(held, by=noor, answer="It calls people vermin, whoever said it first.", now=now)
    assert notices.tell_answers(now=now) == 1  # what told of the decision is new again
    told[0] = Notification.objects.filter(recipient=alice).latest("id").pk
    client = Client(headers={"Authorization": f"Bearer {token_of(alice)}"})

    one = client.post(f"/api/v1/notifications/{told[0]}/dismiss")
    all_of_them = client.post("/api/v1/notifications/clear")

    assert (len(told), one.status_code, all_of_them.status_code) == (3, 200, 200)
    assert not Notification.objects.filter(recipient=alice).exists()
