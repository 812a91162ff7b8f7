"""Words as they are looked for: what is written differently and meant alike comes out alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upscrolled.core import text
from upscrolled.core.words import LONGEST, words

ALIKE = {
    "case and accents": ("Café", "CAFE", "cafe\u0301"),
    "hamza on the alef": ("أحمد", "احمد", "إحمد", "آحمد"),
    "dots of the last letters": ("مدرسة", "مدرسه"),
    "yeh of three countries": ("على", "علي", "علی"),
    "kaf of two countries": ("كتاب", "کتاب"),
    "vowel signs": ("غَزَّة", "غزة"),
    "the stretched word": ("حـــر", "حر"),
    "a seat of the hamza": ("مسؤول", "مسوول"),
    "the article and what stands before it": (
        "المدارس",
        "والمدارس",
        "بالمدارس",
        "للمدارس",
        "فالمدارس",
        "مدارس",
    ),
    "and": ("وغزة", "غزة"),
    "digits": ("٢٠٢٦", "۲۰۲۶", "2026"),
    "points of Hebrew": ("שָׁלוֹם", "שלום"),
    "plurals": ("photos", "photo"),
    "plurals with y": ("stories", "story"),
}


@pytest.mark.parametrize("spellings", ALIKE.values(), ids=ALIKE)
def test_spellings_of_a_word_are_one(spellings):
    assert len({tuple(words(spelling)) for spelling in spellings}) == 1
    assert words(spellings[0]) != []


@pytest.mark.parametrize("word", ["الله", "bus", "glass", "was", "ولد", "is"])
def test_a_word_that_only_looks_like_a_form_stays_apart(word):
    shorter = {"الله": "له", "bus": "bu", "glass": "glas", "was": "wa", "ولد": "لد", "is": "i"}[word]

    assert words(word) != words(shorter)


def test_pictures_hosts_and_scripts_without_spaces_are_words():
    said = "Olives 🍉🇵🇸 #Free_Gaza 日本語 https://news.example.org/2026/olive?id=7"

    assert words(said) == ["olive", "🍉", "🇵🇸", "free", "gaza", "日本", "本語", "new", "example", "org"]


@given(st.text(max_size=300))
def test_whatever_is_written_has_words_that_stay_what_they_are(said):
    found = words(text.clean(said))

    assert all(0 < len(word) <= LONGEST for word in found)
