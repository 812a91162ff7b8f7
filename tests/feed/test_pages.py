"""What a browser sees behind the address of a post or a hashtag."""

from __future__ import annotations

import pytest
from django.test import Client

from feed.models import Post
from feed.post_types.media import Wanted
from feed.post_types.poll import Question
from tests.media import opened, ready, settle
from tests.people import publish

pytestmark = pytest.mark.django_db


def test_a_public_post_has_a_page_with_its_text_and_author(alice):
    post = publish(alice, "Olives & <b>bread</b> #food", warning="hungry?")

    page = Client().get(f"/@alice/{post}")

    assert page.status_code == 200
    text = page.content.decode()
    assert "Olives &amp; &lt;b&gt;bread&lt;/b&gt;" in text
    assert "hungry?" in text
    assert 'href="/@alice"' in text


@pytest.mark.parametrize("audience", ["followers"])
def test_what_a_visitor_may_not_see_is_not_found(alice, audience):
    post = publish(alice, "for us", audience=audience)

    assert Client().get(f"/@alice/{post}").status_code == 404


@pytest.mark.parametrize("number", ["1", "abc", "9" * 30, "%00"])
def test_no_post_no_page(alice, number):
    assert Client().get(f"/@alice/{number}").status_code == 404


def test_a_hashtag_has_a_page_with_its_newest_posts(alice):
    publish(alice, "صباح الخير #القدس")

    page = Client().get("/tags/القدس")

    assert page.status_code == 200
    assert "صباح الخير" in page.content.decode()
    for name in ("123", "a-b"):
        assert Client().get(f"/tags/{name}").status_code == 404


def test_the_addresses_that_entities_name_lead_somewhere(client_of, alice, settings):
    publish(alice, "hello #olives")
    status = client_of().get("/api/v1/timelines/public").json()[0]

    for url in (status["url"], status["account"]["url"], status["tags"][0]["url"]):
        assert Client().get(url.removeprefix(settings.PUBLIC_URL)).status_code == 200, url


def test_a_page_shows_the_poll_and_what_is_quoted_as_far_as_the_visitor_may_see_it(alice, bob):
    quoted = publish(alice, "the bakery is open")
    post = publish(bob, "shall we?", parts={"quote": quoted, "poll": Question(("bread <3", "cake"), 300)})

    text = Client().get(f"/@bob/{post}").content.decode()
    assert "<li><bdi>bread &lt;3</bdi> · 0</li>" in text
    assert "the bakery is open" in text
    Post.objects.filter(pk=quoted).update(audience="followers")
    assert "the bakery is open" not in Client().get(f"/@bob/{post}").content.decode()


def test_a_post_shows_its_media_with_what_was_said_of_them(alice, media_root):
    made = ready(alice, description='A "boat"')
    post = publish(alice, "", parts={"media": Wanted((made,))}, sensitive=True)
    settle()

    text = Client().get(f"/@alice/{post}").content.decode()
    assert 'alt="A &quot;boat&quot;"' in text
    assert "<details><summary>⚠</summary>" in text
    assert opened(text.partition('<img src="')[2].partition('"')[0]).size == (640, 400)
