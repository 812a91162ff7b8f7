"""A page is read as its writer meant it, whatever alphabet and whatever year it is from."""

from __future__ import annotations

import codecs

import pytest

from feed.cards import charset

ARABIC = "أخبار غزة اليوم"
LATIN = "Café – déjà vu"


@pytest.mark.parametrize(
    ("label", "codec", "said"),
    [
        ("utf-8", "utf-8", ARABIC),
        ("UTF8", "utf-8", ARABIC),
        ("windows-1256", "cp1256", ARABIC),
        ("Windows-1256", "cp1256", "پاکستان"),
        ("cp1256", "cp1256", ARABIC),
        ("iso-8859-6", "iso8859_6", ARABIC),
        ("iso-8859-1", "cp1252", LATIN),
        ("us-ascii", "cp1252", LATIN),
        ("windows-1252", "cp1252", LATIN),
        ("iso-8859-15", "iso8859_15", "10 €"),
        ("windows-1251", "cp1251", "Новости"),
        ("koi8-r", "koi8_r", "Новости"),
        ("windows-1254", "cp1254", "İstanbul"),
        ("iso-8859-9", "cp1254", "İstanbul"),
        ("windows-1255", "cp1255", "חדשות"),
        ("shift_jis", "cp932", "ニュース"),
        ("euc-kr", "cp949", "뉴스"),
        ("gb2312", "gb18030", "新闻"),
        ("big5", "big5hkscs", "新聞"),
    ],
)
def test_the_server_names_the_charset(label: str, codec: str, said: str) -> None:
    assert charset.text_of(f"<title>{said}</title>".encode(codec), label) == f"<title>{said}</title>"


@pytest.mark.parametrize(
    "meta",
    [
        '<meta charset="windows-1256">',
        "<META CHARSET=windows-1256>",
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">',
    ],
)
def test_the_page_names_it_itself(meta: str) -> None:
    page = f"<html><head>{meta}<title>{ARABIC}</title>"

    assert charset.text_of(page.encode("cp1256"), "") == page


@pytest.mark.parametrize(
    ("lang", "codec", "said"),
    [
        ("ar-EG", "cp1256", ARABIC),
        ("fa", "cp1256", "پاکستان"),
        ("ru", "cp1251", "Новости"),
        ("en", "cp1252", LATIN),
    ],
)
def test_without_any_word_its_language_tells(lang: str, codec: str, said: str) -> None:
    page = f'<html dir="rtl" lang="{lang}"><title>{said}</title>'

    assert charset.text_of(page.encode(codec), "") == page


def test_without_any_word_it_is_utf8_if_it_can_be_even_cut_in_a_letter() -> None:
    page = f'<html lang="ar"><title>{ARABIC}'.encode()

    assert charset.text_of(page[:-1], "") == page.decode()[:-1] + "\ufffd"


@pytest.mark.parametrize(
    ("mark", "codec"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_mark_at_the_beginning_is_believed_first(mark: bytes, codec: str) -> None:
    assert charset.text_of(mark + ARABIC.encode(codec), "windows-1252") == ARABIC


def test_the_server_is_believed_before_the_page() -> None:
    page = f'<meta charset="windows-1252"><title>{ARABIC}'

    assert charset.text_of(page.encode("cp1256"), "windows-1256") == page


@pytest.mark.parametrize(
    "label", ["utf-7", "base64", "rot13", "idna", "zlib", "unicode_escape", "iso-8859-12", "no such"]
)
def test_what_is_no_charset_of_pages_is_not_used(label: str) -> None:
    page = "<title>+ADw-script+AD4-"

    assert charset.text_of(page.encode(), label) == page
    assert (
        charset.text_of(f'<meta charset="{label}">{page}'.encode(), "") == f'<meta charset="{label}">{page}'
    )


def test_damaged_bytes_do_no_harm() -> None:
    assert charset.text_of(b"<title>a\xff\xfe\x80b", "utf-8").startswith("<title>a\ufffd")
