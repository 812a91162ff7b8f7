"""A post with a link gets a card, once a worker has read the page; whoever reads the post asks nobody but us."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from mastodon import Mastodon

from feed import tasks, usage
from feed.models import Card
from feed.operations.revise import Edit, delete_post, edit_post
from feed.post_types.text import Words
from feed.queries import trends
from tests.feed.cards.conftest import TIDE, picture
from tests.people import client_of, publish, token_of
from upscrolled.pictures import ledger

pytestmark = pytest.mark.django_db
URL = "http://news.example/tide"


def card_of(post_id: int, reader: Any = None) -> Any:
    return client_of(reader).get(f"/api/v1/statuses/{post_id}").json()["card"]


def test_the_card_comes_after_the_post(alice, site, work):
    answer = client_of(alice).post("/api/v1/statuses", {"status": f"Look: {URL}#top"})
    assert (answer.status_code, answer.json()["card"]) == (200, None)
    assert site.asked == []

    assert work() == 1

    card = card_of(int(answer.json()["id"]))
    assert client_of().get(f"/api/v1/statuses/{answer.json()['id']}/card").json() == card
    image = card.pop("image")
    assert card == {
        "url": URL,
        "title": "High tide",
        "description": "The river rises.",
        "type": "link",
        "authors": [{"name": "Mona", "url": "", "account": None}],
        "author_name": "Mona",
        "author_url": "",
        "provider_name": "The News",
        "provider_url": "http://news.example/",
        "html": "",
        "width": 40,
        "height": 20,
        "image_description": "A river",
        "embed_url": "",
        "blurhash": card["blurhash"],
        "language": "en",
        "published_at": "2026-01-15T10:00:00.000Z",
    }
    assert 6 <= len(card["blurhash"]) <= 40
    ours = client_of().get("/media/" + image.partition("/media/")[2])
    assert (ours["Content-Type"], ours.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")


def test_a_page_is_asked_once_for_all_its_posts(alice, bob, site, work):
    posts = [publish(person, f"{text} {URL}") for person in (alice, bob) for text in ("a", "b")]
    assert (work(), work()) == (1, 0)
    posts.append(publish(alice, "again HTTP://NEWS.example.:80/tide", now=datetime.now(UTC)))

    assert work() == 0
    assert {card_of(post)["title"] for post in posts} == {"High tide"}
    assert len(site.asked) == 2  # the page, its picture


def test_the_first_link_that_can_have_a_card_has_it(alice, site, work, settings):
    inside = f"{settings.PUBLIC_URL}/@alice http://127.0.0.1/ http://[::1]/ http://printer/ http://news.example:22/"
    post = publish(alice, f"{inside} {URL} http://other.example/")

    assert work() == 1
    assert card_of(post)["url"] == URL


@pytest.mark.parametrize(
    "text", ["no link", "http://localhost/", "http://169.254.169.254/latest", "ftp://news.example"]
)
def test_without_such_a_link_there_is_nothing_to_do(alice, site, work, text):
    post = publish(alice, text)

    assert (work(), card_of(post), site.asked) == (0, None, [])


def test_an_edit_changes_the_card_with_the_link(alice, site, work):
    site.says("/other", "<title>Other</title>")
    post = publish(alice, URL)
    work()

    edit_post(
        post, by=alice, edit=Edit({"text": Words("http://news.example/other", "")}), now=datetime.now(UTC)
    )
    assert (card_of(post), work()) == (None, 1)
    assert card_of(post)["title"] == "Other"
    edit_post(post, by=alice, edit=Edit({"text": Words(f"{URL} again", "")}), now=datetime.now(UTC))
    assert card_of(post)["title"] == "High tide"
    edit_post(post, by=alice, edit=Edit({"text": Words("no link", "")}), now=datetime.now(UTC))
    assert card_of(post) is None
    client_of(alice).put(f"/api/v1/statuses/{post}", {"status": f"with one: {URL}"})
    client_of(alice).put(f"/api/v1/statuses/{post}", {"language": "fr"})
    assert card_of(post)["title"] == "High tide"


def test_shares_and_quotes_show_it_too(alice, bob, work):
    post = publish(alice, URL)
    quoting = publish(bob, "see", parts={"quote": post})
    work()

    shared = client_of(bob).post(f"/api/v1/statuses/{post}/reblog").json()

    assert shared["reblog"]["card"]["title"] == "High tide"
    quoted = client_of().get(f"/api/v1/statuses/{quoting}").json()
    assert (quoted["card"], quoted["quote"]["quoted_status"]["card"]["title"]) == (None, "High tide")


def test_a_page_of_posts_costs_one_statement_more_if_there_is_a_link(
    client_of, alice, bob, work, django_assert_num_queries
):
    for number in range(3):
        publish(alice, f"plain {number}", after=number)
    reader = client_of(bob)
    path = f"/api/v1/accounts/{alice.id}/statuses"
    reader.get(path)  # the first of a day
    with django_assert_num_queries(4) as plain:
        assert len(reader.get(path).json()) == 3

    for number in range(3):
        publish(alice, f"linking {number}: {URL} http://other{number}.example/", after=10 + number)
    work()
    with django_assert_num_queries(len(plain) + 1):
        cards = [status["card"] and status["card"]["title"] for status in reader.get(path).json()]
    assert cards == ["High tide"] * 3 + [None] * 3


def test_publishing_costs_two_statements_more_if_there_is_a_link(alice):
    publish(alice, URL, after=0)
    with CaptureQueriesContext(connection) as plain:
        publish(alice, "no link, but ://", after=1)
    with CaptureQueriesContext(connection) as linking:
        publish(alice, URL, after=2)

    assert len(linking) - len(plain) == 2  # it enters the link's timeline, and its card is noted


def test_whoever_filters_a_word_does_not_read_it_on_a_card(client_of, alice, bob, work):
    post = publish(alice, URL)
    work()
    reader = client_of(bob)
    made = {"title": "wet", "context": ["home"], "keywords_attributes": [{"keyword": "tide"}]}
    assert reader.post("/api/v2/filters", made).status_code == 200

    (status,) = reader.get("/api/v1/timelines/home").json()
    assert (status["id"], [match["keyword_matches"] for match in status["filtered"]]) == (
        str(post),
        [["tide"]],
    )


def test_a_link_that_trends_has_its_card(alice, bob, dave, work):
    now = datetime.now(UTC)
    for person in (alice, bob, dave):
        publish(person, f"{URL} http://news.example/unread", now=now)
    work()
    usage.recount(now=now)
    trends.forget()

    shown = {link["url"]: link for link in client_of().get("/api/v1/trends/links").json()}

    assert shown[URL]["title"] == "High tide"
    assert shown[URL]["image"].startswith("http")
    assert shown[URL]["history"][0]["accounts"] == "3"
    bare = shown["http://news.example/unread"]
    assert (bare["title"], bare["image"], bare["provider_name"]) == (
        "news.example/unread",
        None,
        "news.example",
    )
    trends.forget()


def test_what_a_page_tries_to_slip_in_is_text_or_nothing(alice, site, work):
    site.says(
        "/tide",
        """<html lang="ar" dir="rtl"><title>x</title>
        <meta property="og:title" content="أخبار &lt;script&gt;alert(1)&lt;/script&gt; \u202egnp.exe">
        <meta property="og:url" content="https://bank.example/"><meta property="og:type" content="video">
        <meta property="og:video:url" content="https://evil.example/player"><base href="https://evil.example/">
        <link rel="alternate" type="application/json+oembed" href="https://evil.example/oembed">
        <meta property="og:image" content="javascript:alert(1)">""",
    )
    post = publish(alice, URL)
    work()

    card = card_of(post)
    assert (card["title"], card["url"], card["type"]) == ("أخبار alert(1) gnp.exe", URL, "link")
    assert (card["html"], card["embed_url"], card["image"], card["provider_name"]) == (
        "",
        "",
        None,
        "news.example",
    )
    assert len(site.asked) == 1


def test_an_arabic_page_of_long_ago_is_read(alice, site, work):
    page = '<html dir="rtl"><head><meta charset="windows-1256"><title>أخبار غزّة</title>'
    site.says("/tide", page.encode("cp1256"), kind="text/html")
    post = publish(alice, URL)
    work()

    assert card_of(post)["title"] == "أخبار غزّة"


def test_a_large_picture_becomes_a_small_one_whole(alice, site, work):
    site.says("/tide.png", picture(2400, 1260), kind="image/png")
    post = publish(alice, URL)
    work()

    assert (card_of(post)["width"], card_of(post)["height"]) == (800, 420)


@pytest.mark.parametrize(
    "sent", [b"", b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, b"GIF89a"]
)
def test_without_a_picture_that_can_be_read_the_card_has_none(alice, site, work, sent):
    site.says("/tide.png", sent, kind="image/png")
    post = publish(alice, URL)
    work()

    assert (card_of(post)["title"], card_of(post)["image"], card_of(post)["width"]) == ("High tide", None, 0)


@pytest.mark.parametrize("url", ["http://127.0.0.2/a.png", "http://[::1]/a.png", "//169.254.169.254/a.png"])
def test_a_picture_inside_is_refused_like_a_page(alice, site, work, url):
    site.says("/tide", TIDE.replace("/tide.png", url))
    post = publish(alice, URL)
    work()

    assert (card_of(post)["title"], card_of(post)["image"], len(site.asked)) == ("High tide", None, 1)


def test_the_operator_may_do_without_pictures(alice, site, work, settings):
    settings.LINK_PREVIEW_IMAGE_KB = 0
    post = publish(alice, URL)
    work()

    assert (card_of(post)["image"], len(site.asked)) == (None, 1)


def test_a_redirect_to_this_site_is_not_followed(alice, site, work, settings):
    settings.PUBLIC_URL = "http://ours.example"
    site.answers("/tide", 302, Location="http://ours.example/tide")
    post = publish(alice, URL)
    work()

    assert (card_of(post), len(site.asked)) == (None, 1)


def test_who_asks_says_who_it_is(alice, site, work, settings):
    publish(alice, URL)
    work()

    assert (
        f"User-Agent: UpScrolled/{settings.VERSION} (link preview; +{settings.PUBLIC_URL}/about)"
        in site.asked[0]
    )
    assert "Cookie" not in site.asked[0]


def test_a_deleted_post_takes_its_card_along_when_nobody_else_has_it(alice, bob, site, work):
    first, second = publish(alice, URL), publish(bob, URL)
    work()
    image = card_of(first)["image"].partition("/media/")[2]
    delete_post(first, by=alice, now=datetime.now(UTC))
    Card.objects.update(stale_at=datetime.now(UTC))
    tasks.purge()
    assert card_of(second)["title"] == "High tide"

    delete_post(second, by=bob, now=datetime.now(UTC))
    tasks.purge()
    ledger.remove_due(now=datetime.now(UTC) + timedelta(hours=1))
    assert not Card.objects.exists()
    assert client_of().get(f"/media/{image}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_application_reads_it(alice, work, live_server):
    app = Mastodon(access_token=token_of(alice), api_base_url=live_server.url, ratelimit_method="throw")
    with closing(app.session):
        posted = app.status_post(f"Look: {URL}")
        assert posted.card is None
        work()
        card = app.status(posted.id).card
        assert app.timeline_home()[0].card.title == "High tide"

    assert (card.url, card.title, card.type, card.provider_name) == (URL, "High tide", "link", "The News")
    assert card.published_at == datetime(2026, 1, 15, 10, tzinfo=UTC)
    assert [author.name for author in card.authors] == ["Mona"]
