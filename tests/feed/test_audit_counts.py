"""`manage.py audit_counts` finds every stored number that is wrong, and writes it anew when asked to."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from feed.models import Candidate, PostCounters
from feed.operations import audit, interact
from tests.people import NOON, publish, seen_by
from upscrolled.models import AccountCounters, AnnouncementReaction, AnnouncementTally
from upscrolled.operations import announcements

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(alice, bob, dave) -> dict[str, int]:
    """A little of everything that is counted."""
    first = publish(alice, "first #light")
    second = publish(alice, "second", after=1)
    publish(bob, "an answer", after=2, reply_to=first)
    publish(bob, "and another", after=3, reply_to=first)
    near = publish(alice, "for followers", after=4, audience="followers")
    interact.like(seen_by(bob, first), by=bob, now=NOON)
    interact.like(seen_by(alice, first), by=alice, now=NOON)
    interact.repost(seen_by(dave, first), by=dave, audience="public", now=NOON)
    return {"first": first, "second": second, "near": near}


def wrong() -> dict[str, tuple[int, ...]]:
    return {found.name: found.examples for found in audit.audit() if found.wrong}


def test_what_the_verbs_wrote_is_right(talk, capsys):
    call_command("audit_counts")

    assert "0 differences." in capsys.readouterr().out


def test_each_kind_of_mistake_is_found_and_mended(talk, alice, bob, capsys):
    right = list(Candidate.objects.order_by("pk").values())
    PostCounters.objects.filter(pk=talk["first"]).update(likes=7)
    AccountCounters.objects.filter(pk=alice.id).update(followers=9, graph_version=5)
    AccountCounters.objects.filter(pk=bob.id).update(last_post_on=None)
    Candidate.objects.filter(pk=talk["first"]).update(likes=5)
    Candidate.objects.filter(pk=talk["second"]).delete()
    Candidate.objects.create(post_id=talk["near"], author_id=alice.id, base=0, ring=0, day=0)

    assert wrong() == {
        "posts": (talk["first"],),
        "accounts": tuple(sorted((alice.id, bob.id))),
        "candidates: missing": (talk["second"],),
        "candidates: surplus": (talk["near"],),
        "candidates: tickets": (talk["first"],),
        "candidates: place": (talk["first"],),
    }
    with pytest.raises(SystemExit):
        call_command("audit_counts")

    call_command("audit_counts", "--repair")

    assert wrong() == {}
    assert list(Candidate.objects.order_by("pk").values()) == right
    assert AccountCounters.objects.get(pk=alice.id).graph_version == 5, "no count of anything"
    assert "counted anew" in capsys.readouterr().out


def test_a_base_that_does_not_follow_from_its_tickets_is_found(talk):
    Candidate.objects.filter(pk=talk["second"]).update(base=1.0)

    assert wrong() == {"candidates: place": (talk["second"],)}
    audit.repair()
    assert wrong() == {}


def test_the_numbers_of_answers_to_news_are_compared_with_who_answers(alice, bob):
    first, second, right = (announcements.publish(written="News.", now=NOON).pk for _ in range(3))
    for news, name, by in ((first, "🎉", alice), (first, "🎉", bob), (second, "👍", bob), (right, "👍", bob)):
        announcements.react(announcement_id=news, name=name, by=by, now=NOON)
    announcements.unreact(announcement_id=right, name="👍", by=bob, now=NOON)
    assert wrong() == {}
    AnnouncementTally.objects.filter(announcement_id=first).update(count=3)
    AnnouncementTally.objects.create(announcement_id=first, name="👎", count=1)
    AnnouncementTally.objects.filter(announcement_id=second).delete()

    assert wrong() == {"answers to news": (first, second)}
    audit.repair()
    assert wrong() == {}
    assert AnnouncementReaction.objects.count() == 3
    assert sorted(AnnouncementTally.objects.filter(count__gt=0).values_list("announcement_id", "count")) == [
        (first, 2),
        (second, 1),
    ]
