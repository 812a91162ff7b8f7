"""Words that somebody does not want to meet, in the scripts that people write in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feed.filters import Filter, FilteredPost, Filters, Keyword, fold, plain
from tests.people import NOON

WHOLE_WORDS = [
    ("cat", "A cat!", True),
    ("cat", "concatenate", False),
    ("cat", "cats", False),
    ("cat", "concat, then cat", True),
    ("CAT", "ｃａｔ", True),
    ("Straße", "STRASSE", True),
    ("café", "cafe", False),
    ("bad news", "bad\n news", True),
    ("#tag", "x#tag y", True),
    ("c++", "I like c++", True),
    ("فلسطين", "فِلَسْطِين حرّة", True),
    ("الحـــرب", "الحرب غدا", True),
    ("حرب", "الحرب", False),
    ("می‌خواهم", "میخواهم", True),
    ("שלום", "שָׁלוֹם לך", True),
    ("שלום", "ושלום", False),
    ("猫", "黒猫がいる", True),
    ("cat", "猫catが", True),
    ("แมว", "รักแมวมาก", True),
    ("고양이", "고양이 사진", True),
    ("слово", "предисловот", False),
]


@pytest.mark.parametrize(("word", "text", "found"), WHOLE_WORDS)
def test_a_whole_word_is_found_in_every_script(word, text, found):
    assert Keyword(1, word, True).stands_in(fold(text)) is found


@pytest.mark.parametrize(
    ("word", "text"), [("cat", "concatenate"), ("حرب", "الحرب"), ("слово", "предисловот")]
)
def test_a_part_of_a_word_is_found_where_it_is_asked_for(word, text):
    assert Keyword(1, word, False).stands_in(fold(text))


def test_what_is_nothing_but_marks_is_found_nowhere():
    assert not Keyword(1, "\u200d\u064b", False).stands_in(fold("anything"))


def test_the_text_of_a_post_is_what_one_reads():
    tag = '<a href="/tags/war" class="mention hashtag" rel="tag">#<span>war</span></a>'
    html = f"<p>Look &amp; see:<br />{tag}</p><p>x</p>"

    assert plain(html).split("\n") == ["Look & see:", "#war", "x", ""]


def test_an_address_is_read_whole_although_a_part_of_it_is_hidden():
    html = '<a href="https://a.example/b"><span class="invisible">https://</span><span class="">a.example/b</span></a>'

    assert Keyword(1, "https://a.example", False).stands_in(fold(plain(html)))


def filters_of(**facts) -> Filters:
    return Filters((Filter(**{
        "id": 1, "title": "War", "contexts": ["home"], "action": "warn", "irreversible": False, "expires_at": None,
        "keywords": [Keyword(1, "war", True), Keyword(2, "army", True)], "posts": [FilteredPost(5, 77)], **facts,
    }),))  # fmt: skip


def met(filters: Filters, text: str = "", *, ids=(1,), context: str | None = "home", now=NOON):
    return [
        (match.keywords, match.post_ids) for match in filters.matches([], text, ids, context=context, now=now)
    ]


def test_a_match_says_by_which_words_and_posts():
    assert met(filters_of(), "<p>The army goes to war</p>") == [(["war", "army"], [])]
    assert met(filters_of(), "<p>Peace</p>", ids={77, 78}) == [([], [77])]
    assert met(filters_of(), "<p>Peace</p>") == []


def test_a_filter_holds_in_its_contexts_and_until_it_ends():
    assert met(filters_of(), "war", context="public") == []
    assert met(filters_of(), "war", context=None) == [(["war"], [])]
    ending = filters_of(expires_at=NOON)
    assert met(ending, "war", now=NOON - timedelta(seconds=1)) == [(["war"], [])]
    assert met(ending, "war", now=NOON) == []


def test_what_stands_beside_the_text_counts_too():
    found = filters_of().matches(["a warning: war"], "<p>x</p>", [1], context="home", now=NOON)

    assert [match.keywords for match in found] == [["war"]]


def test_only_irreversible_filters_hide_at_the_server():
    assert filters_of().irreversible("home").all == ()
    assert len(filters_of(irreversible=True).irreversible("home").all) == 1
    assert filters_of(irreversible=True).irreversible("public").all == ()
