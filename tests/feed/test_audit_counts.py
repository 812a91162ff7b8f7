"""`manage.py audit_counts` finds every stored number that is wrong, and writes it anew when asked to."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from feed.models import Candidate, PostCounters
from feed.operations import audit, interact
from tests.people import NOON, publish, seen_by
from upscrolled.models import AccountCounters

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
