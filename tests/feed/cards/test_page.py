"""What a page says of itself comes out as plain text of bounded length, whatever it tries."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from feed.cards import page
from feed.cards.page import DESCRIPTION_MAX, TITLE_MAX, Preview

URL = "https://news.example/2026/tide.html"


def read(head: str, *, html: str = "<html>") -> Preview:
    found = page.read(f"<!doctype html>{html}<head>{head}</head><body><h1>Body</h1>", url=URL)
    assert found is not None
    return found


def meta(**named: str) -> str:
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{said}">' for name, said in named.items()
    )


def ld(**article: Any) -> str:
    said = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **article})
    return f'<script type="application/ld+json">{said}</script>'


def test_opengraph_tells_most() -> None:
    named = {
        "og__title": "High tide",
        "og__description": "The river rises.",
        "og__site_name": "The News",
        "og__image": "/tide.jpg",
        "og__image__alt": "A river",
        "og__locale": "ar_EG",
        "article__published_time": "2026-01-15T12:00:00+02:00",
        "article__author": "Mona",
    }

    assert read(meta(**named)) == Preview(
        title="High tide",
        description="The river rises.",
        author_name="Mona",
        provider="The News",
        language="ar",
        published_at=datetime(2026, 1, 15, 10, tzinfo=UTC),
        image="https://news.example/tide.jpg",
        image_description="A river",
    )


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (meta(og__title="A", twitter__title="B") + "<title>C</title>", "A"),
        (meta(og__title=" ", twitter__title="B") + "<title>C</title>", "B"),
        (ld(headline="D") + "<title>C</title>", "D"),
        ("<title>\n  C &amp; c\n</title>", "C & c"),
        ('<META NAME="OG:TITLE" CONTENT=A>', "A"),
        ("<meta content='A' name=twitter:title>", "A"),
        ("<title>First</title><title>Second</title>", "First"),
    ],
)
def test_the_title_is_the_best_there_is(head: str, title: str) -> None:
    assert read(head).title == title


@pytest.mark.parametrize(
    "head", ["", "<title></title>", "<title> \u200b\u202e </title>", "<title>…</title>", "<h1>x</h1>"]
)
def test_without_a_title_there_is_no_card(head: str) -> None:
    assert page.read(f"<html><head>{head}</head><body><title>No</title>", url=URL) is None


def test_json_ld_is_read_a_little() -> None:
    found = read(
        ld(
            headline="High tide",
            description="It rises.",
            author=[{"@type": "Person", "name": "Mona"}, {"name": "Ali"}],
            publisher={"@type": "Organization", "name": "The News"},
            datePublished="2026-01-15",
            image=[{"@type": "ImageObject", "url": "https://cdn.example/tide.jpg"}],
        )
    )

    assert (found.author_name, found.provider, found.image) == (
        "Mona",
        "The News",
        "https://cdn.example/tide.jpg",
    )
    assert found.published_at == datetime(2026, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[" * 90_000,
        "null",
        "[[[]]]",
        '{"headline": 1}',
        '{"headline": {"name": "x"}}',
        '{"@graph": 7}',
        "\x00",
    ],
)
def test_json_that_is_none_of_ours_does_no_harm(said: str) -> None:
    assert read(f'<script type="application/ld+json">{said}</script><title>T</title>').title == "T"


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("&lt;script&gt;alert(1)&lt;/script&gt;News", "alert(1) News"),
        ("&lt;img src=x onerror=alert(1)&gt;News", "News"),
        ("&lt;&lt;b&gt;script&gt;alert(1)&lt;/scr&lt;b&gt;ipt&gt;", "< script>alert(1)"),
        ("&amp;lt;b&amp;gt; as it is written", "&lt;b&gt; as it is written"),
        ("1 &lt; 2 &gt; 0, I &lt;3 you", "1 < 2 > 0, I <3 you"),
        ("a\u202egnp.exe\u202c b", "a gnp.exe b"),
        ("\u2067a\u2069\ufeff b\u200b", "a b"),
        ("a\x00\x07\x1b[31m b\r\n\tc\x85d", "a [31m b c d"),
        ("&#0;&#x202E;&#xD800;News", "� �News"),
    ],
)
def test_what_harms_is_taken_out(said: str, plain: str) -> None:
    found = read(meta(og__title=said, og__description=said, og__site_name=said) + "<title>T</title>")

    assert {found.title, found.description, found.provider} == {plain}


def test_arabic_and_persian_stay_as_they_are_written() -> None:
    title = "أخبار «غزّة»: می‌خواهم ١٢٪ – اليوم"

    assert read(meta(og__title=title), html='<html lang="ar" dir="rtl">').title == title


def test_a_mark_of_direction_that_embeds_nothing_stays() -> None:
    assert read(meta(og__title="\u200fאבג (ABC)\u200f")).title == "\u200fאבג (ABC)\u200f"


def test_long_texts_are_cut_between_what_people_see_as_characters() -> None:
    family = "👨\u200d👩\u200d👧"
    found = read(meta(og__title=family * 400, og__description="é" * 5_000))

    assert found.title == family * (TITLE_MAX - 1) + "…"
    assert len(found.description) == DESCRIPTION_MAX
    assert len(read(meta(og__title="a" + "\u0301" * 7_000)).title) <= TITLE_MAX * 8 + 1


@pytest.mark.parametrize(
    "said",
    [
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "ftp://news.example/a.png",
        "http://[::1/a.png",
        "https://a.example/\u202egnp",
        "https://a.example/a b.png",
        "https://a.example/&quot;onload=",
        "https://a.example/" + "x" * 3_000,
    ],
)
def test_a_picture_is_an_address_of_the_web_or_none(said: str) -> None:
    found = read(meta(og__title="T", og__image=said, og__image__alt="alt"))

    assert (found.image, found.image_description) == ("", "")


@pytest.mark.parametrize(
    "said", ["yesterday", "2026-13-45", "0001-01-01", "9999-12-31T23:59:59-14:00", "2026" * 50, "٢٠٢٦"]
)
def test_a_moment_is_one_or_unknown(said: str) -> None:
    assert read(meta(og__title="T", article__published_time=said)).published_at is None


def test_an_author_may_be_an_address() -> None:
    head = (
        meta(og__title="T", article__author="https://news.example/mona")
        + '<meta name="author" content="Mona">'
    )

    assert (read(head).author_name, read(head).author_url) == ("Mona", "https://news.example/mona")
    assert read(meta(og__title="T", article__author="javascript:alert(1)")).author_url == ""


@pytest.mark.parametrize("language", ["ar", "AR-eg", "pt_BR", "zh-Hant"])
def test_the_language_is_a_code(language: str) -> None:
    assert read("<title>T</title>", html=f'<html lang="{language}">').language == language[:2].lower()


@pytest.mark.parametrize("language", ["", "x", "arabic!", "\u202e", "1234"])
def test_or_unknown(language: str) -> None:
    assert read("<title>T</title>", html=f'<html lang="{language}">').language == ""


def test_what_stands_in_the_body_is_not_the_pages_word() -> None:
    comment = '<meta property="og:image" content="https://evil.example/a.png">'

    assert page.read(f"<title>T</title><body>{comment}", url=URL) == Preview("T")
    assert page.read(f"<head><title>T</title></head>{comment}", url=URL) == Preview("T")
    assert page.read(f"<title>T</title><!-- {comment} --><script>'{comment}'</script>", url=URL) == Preview(
        "T"
    )


MEGABYTE = 1_048_576


PIECES = [
    "<",
    "<!--",
    "<a ",
    "</a ",
    "<!a",
    "<?",
    "&",
    "&#x",
    "<![CDATA[",
    "<![",
    "<title>",
    "<title>x",
    "a=",
]
PIECES += ["<a b='", "\x00", "<script>", "<meta name=a content=b>", "<script type=application/ld+json>", "</"]
PIECES += ["<a/", "<svg><title>", '"', "\U0001f1e6"]


@pytest.mark.parametrize("piece", PIECES)
def test_a_hostile_megabyte_takes_seconds_at_the_most(piece: str) -> None:
    """A quadratic reader would take hours; 20 is what the slowest piece takes times eight."""
    for begin in ("<head>", "<head><title>", '<head><meta content="', "<head><script>"):
        html = begin + piece * (MEGABYTE // len(piece))
        began = time.process_time()
        page.read(html, url=URL)
        assert time.process_time() - began < 20
