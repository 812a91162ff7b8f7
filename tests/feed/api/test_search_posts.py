"""Search of posts by what they say: operators, spellings, who is shown what, pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed import tasks
from feed.finding import asked, postgres
from feed.models import PostWords
from feed.operations.interact import bookmark, like, repost
from feed.operations.revise import Edit, delete_post, edit_post
from feed.operations.vote import vote
from feed.post_types.poll import Question
from feed.post_types.text import Words
from tests.people import NOON, make_account, publish, seen_by
from tests.restricting import restrict
from upscrolled.models import Account
from upscrolled.operations import push
from upscrolled.operations.relationships import block, mute

pytestmark = pytest.mark.django_db
PATH = "/api/v2/search"


@pytest.fixture
def search(client_of, dave):
    """Ask as somebody (dave, a stranger, unless another one is named); the ids of the posts that are found."""

    def asking(q, who=dave, **params):
        tasks.deliver_owed()
        answer = client_of(who).get(PATH, {"q": q, "type": "statuses", **params})
        assert answer.status_code == 200, answer.json()
        return [int(status["id"]) for status in answer.json()["statuses"]]

    return asking


@pytest.fixture
def grove(alice):
    """Posts that differ in what operators ask of them, by name."""
    return {
        "harvest": publish(alice, "Olive harvest near the sea #Harvest", language="en"),
        "oil": publish(
            alice, "Fresh olive oil, see https://press.example.org/olive", after=86_400, language="en"
        ),
        "arabic": publish(alice, "قطف الزيتون والمدارس مغلقة", after=2 * 86_400, language="ar"),
        "poll": publish(
            alice,
            "Which harvest?",
            after=3 * 86_400,
            language="en",
            parts={"poll": Question(("Olives", "Figs"), 3600)},
        ),
        "warned": publish(alice, "figs", after=4 * 86_400, language="fr", warning="Olive trees burn"),
    }


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("olive", ["warned", "poll", "oil", "harvest"]),  # newest first; warnings and options of polls count
        ("OLIVES harvest", ["poll", "harvest"]),
        ("زيتون مدرسة", []),
        ("زيتون المدارس", ["arabic"]),
        ("الزَّيتون", ["arabic"]),
        ('"olive harvest"', ["harvest"]),
        ('"harvest olive"', []),
        ("“olive oil”", ["oil"]),
        ("olive -harvest", ["warned", "oil"]),
        ('olive -"olive oil"', ["warned", "poll", "harvest"]),
        ("#harvest", ["harvest"]),
        ("olive -#HARVEST", ["warned", "poll", "oil"]),
        ("olive has:link", ["oil"]),
        ("olive has:poll", ["poll"]),
        ("olive -has:poll is:sensitive", ["warned"]),
        ("is:sensitive", ["warned"]),
        ("olive has:nonsense", []),
        ("language:ar", ["arabic"]),
        ("olive language:EN", ["poll", "oil", "harvest"]),
        ("from:alice olive", ["warned", "poll", "oil", "harvest"]),
        ("from:@Alice figs", ["warned", "poll"]),
        ("olive -from:alice", []),
        ("olive from:nobody", []),
        ("olive -from:nobody from:alice has:link", ["oil"]),
        ("olive from:me", []),
        ("olive before:2026-01-16", ["harvest"]),
        ("olive after:2026-01-16", ["warned", "poll"]),
        ("during:2026-01-16", ["oil"]),
        ("olive after:2026-01-15 before:2026-01-19", ["poll", "oil"]),
        ("olive -before:2026-01-16 -after:2026-01-18", ["poll", "oil"]),
        ("olive in:library", []),
        ("olive in:public has:link", ["oil"]),
        ("press.example.org", ["oil"]),
        ("olive 'oil\\' & | ! <-> :*", ["oil"]),
    ],
)
def test_operators_find_what_they_say(search, grove, q, names):
    assert search(q) == [grove[name] for name in names]


@pytest.mark.parametrize(
    ("q", "says"),
    [
        ("olive before:yesterday", "before: needs a date like 2026-01-31, not 'yesterday'"),
        ("olive during:2026-02-30", "2026-02-30"),
        ("olive -during:2026-01-01", "-during: cannot be asked for"),
        ("olive in:heaven", "in: is one of all, public, library; not 'heaven'"),
        ("w " * 51, "more than 50"),
    ],
)
def test_what_cannot_be_asked_is_told(client_of, dave, q, says):
    answer = client_of(dave).get(PATH, {"q": q})

    assert answer.status_code == 422
    assert says in answer.json()["error"]


@pytest.mark.parametrize("q", ["-olive", "…", '""', "has:", "#", "-", "+", "in:all"])
def test_what_asks_for_nothing_finds_nothing(search, grove, q):
    assert search(q) == []


def test_who_is_not_to_be_found_or_seen_is_not_found(search, alice, bob, carol, dave):
    """Each has a post with the word; the reasons are the policy's, asked inside the search."""
    eve, frank, grace = (make_account(name) for name in ("eve", "frank", "grace"))
    found = publish(alice, "olive")
    publish(alice, "olive", audience="unlisted")
    publish(alice, "olive", audience="followers")
    for author in (bob, carol, eve, frank, grace):
        publish(author, "olive")
    Account.objects.filter(pk=bob.pk).update(indexable=False)
    block(dave, by=carol, now=NOON)
    mute(eve, by=dave, now=NOON)
    restrict("account", frank.id, "account_suspended")
    restrict("post", publish(grace, "olive grove", after=1), "removed")
    Account.objects.filter(pk=grace.pk).update(is_active=False)

    assert search("olive") == [found]
    assert search("olive", None) == []  # nobody is signed in


def test_days_are_those_of_ones_own_clock(search, alice, bob):
    evening = publish(alice, "olive", after=10 * 3_600)  # 22:00 of the 15th in UTC, midnight in Gaza
    push.choose(by=bob, wanted={"zone": "Asia/Gaza"}, now=NOON)

    assert search("during:2026-01-16", bob) == [evening]
    assert search("olive before:2026-01-16", bob) == []
    assert search("during:2026-01-16") == []  # of somebody who has told no time zone
    assert search("during:2026-01-15") == [evening]


def test_ones_library_is_what_one_wrote_shared_voted_in_liked_kept_or_was_named_in(search, alice, bob, dave):
    mine = publish(bob, "olive", audience="followers")
    named = publish(alice, "olive for @bob", audience="followers", after=1)
    liked = publish(dave, "olive", audience="unlisted", after=2)
    kept = publish(dave, "olive", after=3)
    others = publish(dave, "olive", after=4)
    shared = publish(dave, "olive", after=5)
    asked_of_all = publish(dave, "olive?", after=6, parts={"poll": Question(("yes", "no"), 3600)})
    Account.objects.filter(pk=dave.pk).update(indexable=False)
    like(seen_by(bob, liked), by=bob, now=NOON)
    bookmark(seen_by(bob, kept), by=bob, now=NOON)
    repost(seen_by(bob, shared), by=bob, audience="public", now=NOON)
    vote(seen_by(bob, asked_of_all), choices=[0], by=bob, now=NOON)

    assert search("olive in:library", bob) == [asked_of_all, shared, kept, liked, named, mine]
    assert search("olive in:public", bob) == []
    assert search("olive", bob) == [asked_of_all, shared, kept, liked, named, mine]
    assert search("from:me", bob) == [mine]
    block(bob, by=dave, now=NOON)
    assert others not in search("olive", bob)
    assert search("olive", bob) == [named, mine]


def test_an_edit_is_found_by_what_it_says_now_and_a_deleted_post_not_at_all(search, alice):
    post = publish(alice, "olive")
    assert search("olive") == [post]

    edit_post(post, by=alice, edit=Edit(parts={"text": Words("fig", "")}), now=NOON)
    assert (search("olive"), search("fig")) == ([], [post])

    delete_post(post, by=alice, now=NOON)
    assert search("fig") == []
    assert not PostWords.objects.exists()


def test_a_delivery_does_not_bring_back_what_an_edit_took_out(search, alice):
    post = publish(alice, "fig")
    edit_post(post, by=alice, edit=Edit(parts={"text": Words("olive", "")}), now=NOON)
    PostWords.objects.filter(pk=post).update(words="'pear':1 '=public' '=month:2026-01'")

    assert search("pear") == [post]


def test_pages_go_by_offset_or_by_id_and_back_through_the_months(search, alice, monkeypatch):
    monkeypatch.setattr(postgres, "WALKED", 2)
    days = [timedelta(days=-31 * n) for n in range(6)]  # each in a month of its own
    posts = [publish(alice, "olive", now=datetime(2026, 1, 15, tzinfo=UTC) + day) for day in days]
    publish(alice, "fig", now=datetime(2025, 10, 1, tzinfo=UTC))

    assert search("olive") == posts
    assert search("olive", limit=2) == posts[:2]
    assert search("olive", limit=2, offset=3) == posts[3:5]
    assert search("olive", limit=2, max_id=posts[2]) == posts[3:5]
    assert search("olive", min_id=posts[2]) == posts[:2]
    assert search("olive after:2025-11-01") == posts[:3]
    assert search("olive", account_id=alice.id, limit=1) == posts[:1]


def test_a_page_of_many_costs_as_many_statements_as_a_page_of_one(client_of, alice, dave):
    client, counts = client_of(dave), []
    client.get(PATH, {"q": "olive"})  # the first request looks up what the process keeps
    for page in (1, 20):
        for number in range(page):
            publish(alice, f"olive {page}", after=number)
        tasks.deliver_owed()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = client.get(PATH, {"q": f'"olive {page}"', "type": "statuses"}).json()["statuses"]
        counts.append(len(queries))
        assert len(found) == page

    assert counts[0] == counts[1] <= 9


def test_posts_that_the_search_lacks_are_noted_and_entered(search, alice):
    post = publish(alice, "olive")
    tasks.deliver_owed()
    PostWords.objects.all().delete()
    out = StringIO()

    call_command("search_index", stdout=out)
    call_command("search_index", stdout=out)
    assert out.getvalue().split()[0] == "1"
    assert search("olive") == []
    tasks.enter_words()
    assert search("olive") == [post]
    call_command("search_index", "--all", stdout=out)
    tasks.enter_words()
    assert search("olive") == [post]


def test_a_query_reads_as_its_terms():
    read = asked.read('+olive -"a b" from:me #Tag')

    assert [(term.kind.value, term.values, term.denied) for term in read.terms] == [
        ("words", ("olive",), False),
        ("words", ("a", "b"), True),
        ("from", ("me",), False),
        ("tag", ("tag",), False),
    ]
