"""A queue that forgets, a worker that dies and a site that is dead cost little, and no card is lost by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from feed.cards import asking, ledger
from feed.cards.ledger import AT_ONCE, FAILED, FRESH, LEASE, RETRIES, Image, claim
from feed.cards.page import Preview
from feed.models import Card, CardSite, PostCard
from tests.parallel import at_once
from tests.people import NOON, publish
from upscrolled import backlog, switches
from upscrolled.celery import app
from upscrolled.core import valkey
from upscrolled.operations.switches import turn

pytestmark = pytest.mark.django_db
URL = "http://news.example/tide"
MINUTE = timedelta(minutes=1)


def card(url: str = URL) -> Card:
    return Card.objects.get(link__url=url)


def ask(site: Any, now: datetime) -> bool:
    return asking.ask_next(now=now, reach=site.reach)


def test_the_post_is_committed_with_the_row_and_then_a_worker_is_told(
    alice, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        publish(alice, f"the first {URL}")
        publish(alice, f"the second {URL}")

    assert valkey.data().llen("maintenance") == 1
    assert b"feed.tasks.fetch_cards" in valkey.data().lindex("maintenance", 0)
    assert card().due_at == NOON


def test_a_lost_queue_loses_nothing(alice, site, work):
    publish(alice, URL)
    valkey.data().flushdb()
    from feed import schedule

    swept = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert ledger.TASK in swept
    assert schedule.CARDS_SECONDS <= 60
    assert work() == 1
    assert card().title == "High tide"


def test_two_workers_ask_one_page_once(alice, site):
    publish(alice, URL)

    assert ledger.claim(now=NOON) is not None
    assert ledger.claim(now=NOON) is None


@pytest.mark.django_db(transaction=True)
def test_workers_that_come_together_share_the_work(alice, site):
    for number in range(3):
        publish(alice, f"http://site{number}.example/")

    held = [owed.host for owed in at_once([lambda: claim(now=NOON)] * 6) if owed is not None]

    assert len(held) == len(set(held))
    assert AT_ONCE <= len(held) <= 3


def test_no_more_than_a_few_pages_are_asked_at_once_and_a_host_by_one(alice):
    for url in (URL, "http://news.example/other", "http://b.example/", "http://c.example/"):
        publish(alice, url)

    assert [owed.host for owed in iter(lambda: claim(now=NOON), None)] == ["news.example", "b.example"]
    assert AT_ONCE == 2


def test_what_a_dead_worker_held_is_free_when_the_lease_is_over(alice, site):
    publish(alice, URL)
    dead = claim(now=NOON)

    assert not ask(site, NOON + LEASE - MINUTE)
    assert ask(site, NOON + LEASE)
    assert card().title == "High tide"

    ledger.keep(dead, Preview("From the grave"), Image(), ["news.example"], now=NOON + LEASE)
    ledger.fail(dead, "from the grave", again=True, silent=False, now=NOON + LEASE)
    assert (card().title, card().failure, card().due_at) == ("High tide", "", None)


def test_a_page_that_kills_its_workers_is_given_up(alice, site):
    publish(alice, URL)
    for round in range(len(RETRIES) + 1):
        assert claim(now=NOON + round * LEASE) is not None

    assert ask(site, NOON + 3 * LEASE)
    assert (card().due_at, card().failure, site.asked) == (None, "3 workers did not come back from it", [])


def test_what_may_pass_is_tried_again_later_and_not_for_ever(alice, site):
    site.answers("/tide", 503)
    publish(alice, URL)
    now = NOON

    for wait in RETRIES:
        assert ask(site, now)
        assert card().due_at == now + wait
        assert not ask(site, now + wait - MINUTE)
        now += wait
    assert ask(site, now)
    assert (card().due_at, card().failure, card().stale_at) == (None, "answered 503", now + FAILED)


def test_a_page_that_is_not_there_is_not_asked_for_each_post(alice, site):
    publish(alice, "http://news.example/gone")
    assert ask(site, NOON)
    publish(alice, "http://news.example/gone", now=NOON + FAILED - MINUTE)
    assert not ask(site, NOON + FAILED - MINUTE)

    publish(alice, "http://news.example/gone", now=NOON + FAILED)
    assert ask(site, NOON + FAILED)
    assert len(site.asked) == 2


def test_a_dead_site_is_not_asked_for_each_of_its_pages(alice, site):
    dead = asking.Reach(resolver=lambda *_: [])
    publish(alice, URL)
    publish(alice, "http://news.example/second")
    assert asking.ask_next(now=NOON, reach=dead)
    publish(alice, "http://news.example/third", now=NOON + MINUTE)
    publish(alice, "http://other.example/tide", now=NOON + MINUTE)

    assert ask(site, NOON + MINUTE)  # the other one
    assert not ask(site, NOON + MINUTE)
    assert set(Card.objects.filter(host="news.example").values_list("due_at", flat=True)) == {
        NOON + 5 * MINUTE
    }
    assert asking.ask_next(now=NOON + 5 * MINUTE, reach=dead)
    assert CardSite.objects.get().silent_until == NOON + 25 * MINUTE

    assert ask(site, NOON + 25 * MINUTE)
    assert not CardSite.objects.exists()


def test_after_days_a_new_post_has_the_page_read_anew_and_the_old_card_stands_meanwhile(alice, site):
    publish(alice, URL)
    assert ask(site, NOON)
    publish(alice, URL, now=NOON + FRESH - MINUTE)
    assert not ask(site, NOON + FRESH - MINUTE)

    site.answers("/tide", 500)
    publish(alice, URL, now=NOON + FRESH)
    assert ask(site, NOON + FRESH)
    assert (card().title, card().failure) == ("High tide", "answered 500")
    site.says("/tide", "<title>Low tide</title>")
    assert ask(site, NOON + FRESH + RETRIES[0])
    assert (card().title, card().image) == ("Low tide", "")


def test_switched_off_nobody_is_asked_and_what_is_there_stays(alice, site, work):
    publish(alice, URL)
    work()
    turn(name="previews", value="off", because="quiet", by=None, now=NOON)
    switches.read()
    publish(alice, "http://news.example/other")

    assert (work(), len(site.asked)) == (0, 2)
    assert (card().title, card("http://news.example/other").due_at) == ("High tide", None)
    turn(name="previews", value="on", because="loud", by=None, now=NOON)
    switches.read()
    assert work() == 0
    publish(alice, "http://news.example/other", now=datetime.now(UTC))
    assert work() == 1


def test_a_setting_says_where_the_switch_stands(alice, site, work, settings):
    settings.LINK_PREVIEWS = "off"
    publish(alice, URL)

    assert (work(), site.asked) == (0, [])


def test_what_is_owed_is_told_to_the_operator(alice):
    publish(alice, URL)
    publish(alice, "http://b.example/", after=50)

    (owed,) = [each for each in backlog.owed(NOON + timedelta(seconds=60)) if each.name == "previews"]

    assert (owed.count, owed.oldest_seconds) == (2, 60)


def previews(*words: str) -> str:
    out = StringIO()
    call_command("previews", *words, stdout=out)
    return out.getvalue()


class TestForbidding:
    def test_cards_of_a_domain_and_below_it_go_at_once(self, alice, site, work):
        for host in ("news.example", "www.news.example", "notnews.example"):
            publish(alice, f"http://{host}/tide")
        work()

        assert "2 that were there are gone" in previews("forbid", "News.Example.", "--because", "lies")
        assert list(Card.objects.exclude(title="").values_list("host", flat=True)) == ["notnews.example"]
        assert not Card.objects.filter(host="news.example").exclude(image="").exists()
        assert previews("list") == "news.example  lies\n"

    def test_nobody_asks_there_any_more_by_no_way(self, alice, site, work):
        previews("forbid", "news.example")
        site.answers("/short", 301, Location=URL)
        publish(alice, URL)
        publish(alice, "http://sho.rt.example/short")
        work()

        assert len(site.asked) == 1
        assert not Card.objects.exclude(title="").exists()

    def test_cards_that_came_by_a_redirect_go_too(self, alice, site, work):
        site.answers("/short", 301, Location=URL)
        publish(alice, "http://sho.rt.example/short")
        work()
        assert card("http://sho.rt.example/short").title == "High tide"

        previews("forbid", "news.example")
        assert card("http://sho.rt.example/short").title == ""

    def test_allowed_again_the_next_post_has_a_card(self, alice, site, work):
        publish(alice, URL)
        work()
        previews("forbid", "news.example")
        previews("allow", "news.example")
        publish(alice, URL, now=datetime.now(UTC))
        work()

        assert card().title == "High tide"
        with pytest.raises(CommandError, match="not forbidden"):
            previews("allow", "news.example")

    def test_what_is_no_domain_is_said(self):
        with pytest.raises(CommandError, match="is no domain"):
            previews("forbid", "no domain")


def test_a_page_is_asked_again_when_the_operator_wants_it(alice, site, work):
    publish(alice, URL)
    work()
    site.says("/tide", "<title>Corrected</title>")
    previews("refresh", URL)
    work()

    assert card().title == "Corrected"
    with pytest.raises(CommandError, match="no card"):
        previews("refresh", "http://news.example/never")


def test_a_claim_goes_by_an_index(alice):
    """However many cards there are, those that are owed are few."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {ledger._CLAIM}", {"now": NOON, "until": NOON, "at_once": 2})
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "card_due" in plan
    assert "Seq Scan on feed_card" not in plan
    assert PostCard._meta.get_field("link").db_index
