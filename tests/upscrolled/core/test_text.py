import sys
import time
import unicodedata
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upscrolled.core import markup, text
from upscrolled.core.text import Hashtag, Link, Mention

PEOPLE = {
    "bob": ("https://up.example/@bob", "bob"),
    "carol@far.example": ("https://far.example/@carol?a=1&b=2", "carol"),
}


# --- Counting


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("", 0),
        ("hello", 5),
        ("e\u0301", 1),
        ("\U0001f1f5\U0001f1f8", 1),
        ("\U0001f1f5\U0001f1f8\U0001f1ff\U0001f1e6", 2),
        ("\U0001f1f5", 1),
        ("a\U0001f1f5\U0001f1f8\ufe0fb", 3),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", 1),
        ("\U0001f44d\U0001f3fd", 1),
        ("مُحَمَّد", 4),
        ("한국", 2),
        ("\u1112\u1161\u11ab", 1),
        ("a\r\nb", 3),
        ("https://example.com/" + "x" * 500, 23),
        ("see https://a.example, and http://b.example!", 4 + 23 + 6 + 23 + 1),
        ("@bob", 4),
        ("@bob@far.example", 4),
        ("hi @bob@far.example, #tag", 3 + 4 + 6),
        ("bob@far.example", 15),
        ("https://", 8),
    ],
)
def test_a_text_is_as_long_as_people_count_it(written, counted):
    assert text.length(written) == counted


def test_what_a_link_counts_can_be_set():
    assert text.length("a https://example.com", per_url=5) == 7


# --- Mentions


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("@bob", ["bob"]),
        ("hi @Bob_1, @carol!", ["bob_1", "carol"]),
        ("(@bob)", ["bob"]),
        (".@bob", ["bob"]),
        ("@bob.", ["bob"]),
        ("@bob's", ["bob"]),
        ("@bob\n@carol", ["bob", "carol"]),
        ("@carol@far.example.", ["carol@far.example"]),
        ("@Carol@FAR.example:", ["carol@far.example"]),
        ("@carol@localhost:8000 hi", ["carol@localhost:8000"]),
        ("@carol@مثال.example", ["carol@مثال.example"]),
        ("مع@bob", ["bob"]),
        ("@bobさん", ["bob"]),
        ("\u2764\ufe0f@bob", ["bob"]),
        ("bob@far.example", []),
        ("jos\u00e9@far.example", []),
        ("@", []),
        ("@ bob", []),
        ("@@bob", []),
        ("@jos\u00e9", []),
        ("@أحمد", []),
        ("x=@bob", []),
        ("https://a.example/@bob", []),
        ("a.example/@bob", []),
    ],
)
def test_mentions(written, found):
    assert [mention.key for mention in text.parse(written).mentions] == found


def test_a_mention_keeps_its_place_its_spelling_and_its_host():
    [mention] = text.parse("hi @Carol@Far.example").mentions

    assert mention == Mention(3, 21, "Carol", "Far.example")
    assert mention.key == "carol@far.example"


# --- Hashtags


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("#Gaza", ["gaza"]),
        ("#STRASSE #straße", ["strasse", "strasse"]),
        ("#غزة، #الحرية_الآن!", ["غزة", "الحرية_الآن"]),
        ("#مُحَمَّد", ["محمد"]),
        ("#می\u200cخواهم #میخواهم", ["میخواهم", "میخواهم"]),
        ("#می\u200c خواهم", ["می"]),
        ("#ශ්\u200dරී", ["ශ්රී"]),
        ("#हिन्दी", ["हिन्दी"]),
        ("#日本", ["日本"]),
        ("\uff03日本", ["日本"]),
        ("#\uff21\uff22", ["ab"]),
        ("#col·lecció", ["collecció"]),
        ("#2026 #covid19 #19covid", ["covid19", "19covid"]),
        ("#_ #_a", ["_a"]),
        ("(#a) #b. #c-d", ["a", "b", "c"]),
        ("\u2764\ufe0f#love", ["love"]),
        ("#a#b", ["a"]),
        ("a#b", []),
        ("&#39;x", []),
        ("# a", []),
        ("##a", []),
        ("و#وسم و #وسم", ["وسم"]),
        ("#123", []),
        ("#١٢٣", []),
        ("#\ufe0f\u20e3", []),
        ("#1\ufe0f\u20e3", []),
        ("https://a.example/#part", []),
        ("#https://a.example", []),
    ],
)
def test_hashtags(written, found):
    assert [tag.name for tag in text.parse(written).hashtags] == found


def test_a_hashtag_keeps_its_place_and_its_spelling():
    assert text.parse("so #FreeSpeech!").entities == (Hashtag(3, 14, "FreeSpeech", "freespeech"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("فِلَسْطِين", "فلسطين"),
        ("فلسطيـــن", "فلسطين"),
        ("كتابٌ", "كتاب"),
        ("شَدَّة", "شدة"),
        ("הַסִּפְרִיָּה", "הספריה"),
        ("cafe\u0301", "Café"),
    ],
)
def test_vowel_signs_and_stretched_letters_make_no_other_tag(one, other):
    assert text.tag_name(one) == text.tag_name(other)


@pytest.mark.parametrize(("one", "other"), [("آية", "اية"), ("की", "क"), ("naïve", "naive"), ("ـــ", "ا")])
def test_marks_that_make_another_letter_make_another_tag(one, other):
    assert text.tag_name(one) != text.tag_name(other)


def test_the_name_of_a_tag_is_its_own_name_for_every_character_there_is():
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point))[0] not in "LM":
            continue
        name = text.tag_name(f"a{chr(point)}b")
        assert text.tag_name(name) == name
        assert unicodedata.is_normalized("NFKC", name)
        assert [tag.name for tag in text.parse(f"#{name}").hashtags] == [name]


# --- Links


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("https://a.example", ["https://a.example"]),
        ("HTTP://A.example/x", ["HTTP://A.example/x"]),
        ("see https://a.example/x?y=1&z=2#f.", ["https://a.example/x?y=1&z=2#f"]),
        ("https://a.example, https://b.example; ok", ["https://a.example", "https://b.example"]),
        ("https://a.example...", ["https://a.example"]),
        ("(https://a.example)", ["https://a.example"]),
        ("(see https://a.example/x).", ["https://a.example/x"]),
        ("https://a.example/wiki/A_(b)", ["https://a.example/wiki/A_(b)"]),
        ("(https://a.example/wiki/A_(b))", ["https://a.example/wiki/A_(b)"]),
        ("[t](https://a.example)", ["https://a.example"]),
        ('"https://a.example"', ["https://a.example"]),
        ("'https://a.example'", ["https://a.example"]),
        ("<https://a.example>", ["https://a.example"]),
        ("\u201chttps://a.example\u201d", ["https://a.example"]),
        ("https://a.example\u060c نعم", ["https://a.example"]),
        ("https://a.example\u3002次", ["https://a.example"]),
        ("見てhttps://a.example", ["https://a.example"]),
        ("https://مثال.example/طريق", ["https://مثال.example/طريق"]),
        ("http://localhost:8000/x", ["http://localhost:8000/x"]),
        ("http://[::1]:8000/", ["http://[::1]:8000/"]),
        ("https://a.example\u202e/x", ["https://a.example"]),
        ("https://a.example\\@b.example", ["https://a.example"]),
        ("https://bank.example@evil.example/", []),
        ("https://bank.example:pw@evil.example/", []),
        ("https://", []),
        ("https://.", []),
        ("https:///x", []),
        ("https://-a", []),
        ("xhttps://a.example", []),
        ("javascript:alert(1)", []),
        ("ftp://a.example data:text/html,x", []),
        ("http\u017f://a.example", []),
        ("a.example", []),
    ],
)
def test_links(written, found):
    assert [link.url for link in text.parse(written).links] == found


def test_entities_come_in_the_order_in_which_they_stand():
    assert text.parse("#a https://a.example @b").entities == (
        Hashtag(0, 2, "a", "a"),
        Link(3, 20, "https://a.example"),
        Mention(21, 23, "b"),
    )


# --- Cleaning


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
        ("a\x00b\x07c\x1bd\x7fe\x9bf", "abcdef"),
        ("a\tb", "a\tb"),
        ("a\ud800b\udfff", "ab"),
        (" \n\u3000a \n", "a"),
        ("\x00 a", "a"),
        ("", ""),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200fשלום\u200e", "\u200fשלום\u200e"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_cleaning_takes_out_what_has_no_place_in_a_text(written, kept):
    assert text.clean(written) == kept


RLO, RLE, PDF, RLI, LRI, PDI = "\u202e", "\u202b", "\u202c", "\u2067", "\u2066", "\u2069"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"a{RLE}b{PDF}c", f"a{RLE}b{PDF}c"),
        (f"a{RLI}b{PDI}c", f"a{RLI}b{PDI}c"),
        (f"a{RLO}b", f"a{RLO}b{PDF}"),
        (f"a{RLI}b", f"a{RLI}b{PDI}"),
        (f"a{RLI}b{RLO}c", f"a{RLI}b{RLO}c{PDF}{PDI}"),
        (f"a{RLI}b{RLO}c{PDI}d", f"a{RLI}b{RLO}c{PDI}d"),
        (f"a{RLO}b{LRI}c{PDF}d", f"a{RLO}b{LRI}cd{PDI}{PDF}"),
        (f"a{PDF}b{PDI}c", "abc"),
        (f"a {PDF}", "a"),
        (f"a{RLO}b\nc{PDF}d", f"a{RLO}b{PDF}\ncd"),
        (f"{LRI}a\n{RLO}b{PDI}", f"{LRI}a{PDI}\n{RLO}b{PDF}"),
    ],
)
def test_what_turns_the_direction_is_closed_where_its_line_ends(written, kept):
    assert text.clean(written) == kept


def test_a_thousand_openers_are_cut_to_what_unicode_heeds():
    assert text.clean(RLO * 1000 + "a") == RLO * 125 + "a" + PDF * 125


# --- HTML


def html(written: str) -> str:
    return markup.to_html(
        written, mention_urls=PEOPLE, tag_url=lambda name: f"https://up.example/tags/{name}?a&b"
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", ""),
        (" \n ", ""),
        ("a", "<p>a</p>"),
        ("a\nb", "<p>a<br />b</p>"),
        ("a\n\nb", "<p>a</p><p>b</p>"),
        ("a\n \n\n\t\nb\nc", "<p>a</p><p>b<br />c</p>"),
        ("<b>&amp;\"'</b>", "<p>&lt;b&gt;&amp;amp;&quot;&#x27;&lt;/b&gt;</p>"),
        (
            "hi @bob!",
            '<p>hi <span class="h-card"><a href="https://up.example/@bob" class="u-url mention">'
            "@<span>bob</span></a></span>!</p>",
        ),
        (
            "@CAROL@far.example",
            '<p><span class="h-card"><a href="https://far.example/@carol?a=1&amp;b=2" class="u-url mention">'
            "@<span>carol</span></a></span></p>",
        ),
        ("@nobody @bob@far.example", "<p>@nobody @bob@far.example</p>"),
        (
            "#Gaza",
            '<p><a href="https://up.example/tags/gaza?a&amp;b" class="mention hashtag" rel="tag">'
            "#<span>Gaza</span></a></p>",
        ),
        (
            "https://a.example/x?y=1&z=2",
            '<p><a href="https://a.example/x?y=1&amp;z=2" target="_blank" rel="nofollow noopener">'
            '<span class="invisible">https://</span><span>a.example/x?y=1&amp;z=2</span>'
            '<span class="invisible"></span></a></p>',
        ),
        (
            "http://a.example/" + "b" * 20 + "c'd",
            f'<p><a href="http://a.example/{"b" * 20}c&#x27;d" target="_blank" rel="nofollow noopener">'
            f'<span class="invisible">http://</span><span class="ellipsis">a.example/{"b" * 20}</span>'
            '<span class="invisible">c&#x27;d</span></a></p>',
        ),
    ],
)
def test_html(written, shown):
    assert html(written) == shown


def test_a_link_of_thirty_characters_is_not_cut():
    assert "ellipsis" not in html("https://a.example/" + "b" * 20)
    assert "ellipsis" in html("https://a.example/" + "b" * 21)


def test_a_link_is_not_cut_inside_what_one_sees_as_one_character():
    assert ("b" * 19) + "e\u0301</span>" in html("https://a.example/" + "b" * 19 + "e\u0301" + "c" * 9)


def test_a_path_of_this_site_is_an_address():
    assert '<a href="/tags/a"' in markup.to_html("#a", mention_urls={}, tag_url=lambda name: f"/tags/{name}")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "tags/a", "//evil.example", "/\\evil.example", "", " https://a.example"]
)
def test_an_address_that_is_none_is_refused_even_from_our_own_side(url):
    with pytest.raises(ValueError, match="not a web address"):
        markup.to_html("#a", mention_urls={}, tag_url=lambda _: url)
    with pytest.raises(ValueError, match="not a web address"):
        markup.to_html("@a", mention_urls={"a": (url, "a")}, tag_url=lambda _: url)


FRAGMENTS = [
    "@bob", "@carol@far.example", "@who", "#Gaza", "#غزة", "#می\u200cخواهم", "https://a.example/x?y&z", "http://",
    "https://a.example/" + "b" * 40, "https://مثال.example/\"'", "<script>", "</p>", "<!--", "&lt;", "&#106;",
    "&", "<", ">", '"', "'", "`", "=", "\n", "\n\n", " ", "\t", "\r", "\x00", "\ud800", "javascript:",
    "onload=x", RLO, PDF, RLI, PDI, "\u200d", "\ufe0f", "\U0001f1f5", "(", ")", ".", "/", "#", "@", "]]>",
    "\ufffe", "\u2028",
]  # fmt: skip
KEPT = {"bob": ("https://up.example/@bob", "bob"), "carol@far.example": ("https://x", "carol@far.example")}
anything = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=25).map("".join)
often = settings(max_examples=200, deadline=None, database=None)

ALLOWED = {
    ("p", ()),
    ("br", ()),
    ("span", ()),
    ("span", (("class", "h-card"),)),
    ("span", (("class", "invisible"),)),
    ("span", (("class", "ellipsis"),)),
    ("a", (("class", "u-url mention"),)),
    ("a", (("class", "mention hashtag"), ("rel", "tag"))),
    ("a", (("rel", "nofollow noopener"), ("target", "_blank"))),
}


class Read(HTMLParser):
    """What a browser gets to see: the tags without their addresses, the addresses, and the text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.addresses: list[str | None] = []
        self.others: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(pair for pair in attrs if pair[0] != "href"))))
        self.addresses += [value for name, value in attrs if name == "href"]
        self.text += {"br": "\n", "p": "\n\n"}.get(tag, "")

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


@often
@given(anything)
def test_nothing_but_the_allowed_markup_comes_out_whatever_goes_in(written):
    read = Read(html(written))

    assert set(read.tags) <= ALLOWED
    assert read.others == []
    assert all(url.lower().startswith(("https://", "http://")) for url in read.addresses)


@often
@given(anything)
def test_the_html_says_what_the_text_says(written):
    lines = [line if line.strip() else "" for line in text.clean(written).split("\n")]
    blocks = [block.strip("\n") for block in "\n".join(lines).split("\n\n") if block.strip("\n")]

    # A tag's # is written in one way only.
    said = Read(markup.to_html(written, mention_urls=KEPT, tag_url=lambda _: "https://up.example")).text
    assert said.removeprefix("\n\n") == "\n\n".join(blocks).replace("\uff03", "#")


@often
@given(anything)
def test_a_sanitiser_with_the_same_list_finds_nothing_to_change(written):
    shown = html(written)
    cleaned = nh3.clean(
        shown,
        tags={"p", "br", "span", "a"},
        attributes={"a": {"href", "class", "rel", "target"}, "span": {"class"}},
        url_schemes={"http", "https"},
        link_rel=None,
    )
    ours, theirs = Read(shown), Read(cleaned)

    assert theirs.text == ours.text
    assert theirs.tags == ours.tags
    # It drops addresses that no browser could open (say, a host that no IDNA allows); it changes none.
    assert [url for url in ours.addresses if url in theirs.addresses] == theirs.addresses


@often
@given(anything)
def test_cleaning_twice_changes_nothing_more_and_leaves_text_that_can_be_stored(written):
    once = text.clean(written)

    assert text.clean(once) == once
    assert "\x00" not in once
    assert once.encode().decode() == once


@often
@given(anything)
def test_every_entity_stands_where_it_says(written):
    for entity in text.parse(written).entities:
        said = written[entity.start : entity.end]
        match entity:
            case Link():
                assert said == entity.url
            case Hashtag():
                assert said[1:] == entity.display
            case Mention():
                assert said == "@" + entity.name + (f"@{entity.host}" if entity.host else "")


@often
@given(anything)
def test_a_text_is_never_longer_than_its_characters_and_its_links(written):
    assert 0 <= text.length(written) <= len(written) + 23 * len(text.parse(written).links)


# --- Hostile texts

N = 30_000
HOSTILE = {
    "at signs": "@" * N,
    "names and at signs": "@a@" * (N // 3),
    "a host of hyphens": "@a@b" + "-" * N,
    "a host of labels": "@a@" + "b-" * (N // 2),
    "hashes": "#" * N,
    "digit tags": "#1" * (N // 2),
    "one digit tag": "#" + "1" * N,
    "joiners in a tag": "#a" + "\u200c" * N,
    "a tag that grows": "#" + "\ufdfa" * (N // 4),
    "schemes": "http://" * (N // 7),
    "links": "http://a" * (N // 8),
    "users": "http://a@" * (N // 9),
    "closing brackets": "http://a" + ")" * N,
    "brackets": "http://a/" + "(" * (N // 2) + ")" * (N // 2),
    "full stops": "http://a" + "." * N,
    "a host of dots": "http://" + "a." * (N // 2) + "!",
    "marks": "a" + "\u0301" * N,
    "flags": "\U0001f1f5" * N,
    "flags in a link": "https://a/" + "\U0001f1f5" * N,
    "flags after marks": "a\u0301" + "\U0001f1f5\u0301" * (N // 2),
    "families": "\U0001f468\u200d" * (N // 2),
    "joined marks": "\U0001f468" + "\u0301\u200d" * (N // 2) + "\U0001f468",
    "conjuncts": "\u0915\u094d" * (N // 2),
    "one conjunct": "\u0915" + "\u094d" * N + "\u0915",
    "prepended": "\u0600" * N,
    "hangul": "\u1100" * N,
    "overrides": RLO * N,
    "isolates": RLI * N + PDI * N,
    "mixed directions": (RLI + RLO * 50 + PDI) * (N // 52),
    "line ends": "\n" * N,
    "lines of spaces": "\n " * (N // 2),
    "spaces": "a" + " " * N + "b",
    "ampersands": "&" * N,
}


@pytest.mark.parametrize("written", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_time_for_a_hostile_text_stays_in_proportion(written):
    began = time.process_time()
    text.length(written)
    text.parse(written)
    text.clean(written)
    html(written)

    # A few hundredths of a second each; what grows with the square of the length takes seconds.
    assert time.process_time() - began < 0.8
