"""An address has many spellings and is one link; what is no address of the web is none."""

from __future__ import annotations

import pytest

from feed import links


@pytest.mark.parametrize(
    ("spelt", "kept"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://Example.ORG:443/A?b=C#d", "https://example.org/A?b=C"),
        ("http://example.org.:80/", "http://example.org/"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("http://مثال.إختبار/أ", "http://xn--mgbh0fb.xn--kgbechtv/أ"),
        ("http://XN--MGBH0FB.xn--kgbechtv/أ", "http://xn--mgbh0fb.xn--kgbechtv/أ"),
        ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"),
    ],
)
def test_spellings_of_an_address_are_one(spelt, kept):
    assert links.canonical(spelt) == kept
    assert links.canonical(kept) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "mailto:a@example.org",
        "http:///path",
        "http://[::1/",
        "http://example.org:http/",
        "http://user@example.org/",
        "http://user:word@example.org/",
        "https://example.org/" + "x" * 2_048,
    ],
)
def test_what_is_no_address_of_the_web_is_none(written):
    assert links.canonical(written) is None


@pytest.mark.parametrize(
    "written", ["https://Here.example/@a", "http://here.example/", "https://here.example.:443/"]
)
def test_this_site_is_no_link(settings, written):
    settings.PUBLIC_URL = "https://here.example"

    assert links.canonical(written) is None
    assert links.canonical("https://there.here.example/") == "https://there.here.example/"
