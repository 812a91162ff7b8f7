"""Files as they are served: in ranges, with the right headers, and private ones to whoever holds a signed address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.media import V1, content, fetch, now, photo, ready, settle
from upscrolled.api.ranges import Span, asked
from upscrolled.media import addresses
from upscrolled.models import MediaAttachment
from upscrolled.operations import attachments

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(media_root):
    return media_root


@pytest.fixture
def private(alice, client_of) -> str:
    """The address of a photo that no post has."""
    return str(client_of(alice).get(f"{V1}/{ready(alice)}").json()["url"])


@pytest.fixture
def public(alice, client_of) -> str:
    """The address of a photo that everybody may see."""
    made = int(ready(alice))
    attachments.attach([made], owner_id=alice.id, everybody=True, now=now())
    settle()
    return str(client_of(alice).get(f"{V1}/{made}").json()["url"])


TAG, SIZE = '"abc"', 1_000
ASKED = [
    ("", "", None),
    ("bytes=0-", "", Span(0, 1_000)),
    ("bytes=0-0", "", Span(0, 1)),
    ("bytes=10-19", "", Span(10, 20)),
    ("bytes=990-5000", "", Span(990, 1_000)),
    ("bytes=-10", "", Span(990, 1_000)),
    ("bytes=-5000", "", Span(0, 1_000)),
    ("bytes=1000-", "", Span(0, 0)),
    ("bytes=-0", "", Span(0, 0)),
    ("bytes=20-10", "", None),
    ("bytes=-", "", None),
    ("bytes=0-1,5-6", "", None),
    ("bytes=a-b", "", None),
    ("lines=0-1", "", None),
    ("bytes=0-9", TAG, Span(0, 10)),
    ("bytes=0-9", '"other"', None),
    ("bytes=0-9", "Wed, 21 Oct 2015 07:28:00 GMT", None),
    ("bytes=0-9", f"W/{TAG}", None),
    ("bytes=" + "9" * 30 + "-", "", None),
]


@pytest.mark.parametrize(("wanted", "only_if", "span"), ASKED)
def test_ranges_are_read_as_the_standard_says(wanted, only_if, span):
    assert asked(wanted, only_if, TAG, SIZE) == span


def test_a_file_is_read_whole_in_parts_and_by_its_tag(public):
    whole = fetch(public)
    data = content(whole)
    assert (whole.status_code, whole["Accept-Ranges"], int(whole["Content-Length"])) == (
        200,
        "bytes",
        len(data),
    )

    part = fetch(public, Range="bytes=100-199")
    assert (part.status_code, content(part)) == (206, data[100:200])
    assert part["Content-Range"] == f"bytes 100-199/{len(data)}"
    assert part["Content-Length"] == "100"
    assert content(fetch(public, Range="bytes=0-9", If_Range='"other"')) == data
    assert content(fetch(public, Range="bytes=0-9", If_Range=whole["ETag"])) == data[:10]

    beyond = fetch(public, Range=f"bytes={len(data)}-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(data)}")
    for tag in (whole["ETag"], f"W/{whole['ETag']}", f'"a", {whole["ETag"]}', "*"):
        again = fetch(public, If_None_Match=tag)
        assert (again.status_code, content(again)) == (304, b"")
    head = fetch(public, "head")
    assert (head.status_code, content(head), int(head["Content-Length"])) == (200, b"", len(data))


def test_what_everybody_may_have_is_kept_for_ever_and_what_is_private_is_not(public, private):
    assert "immutable" in fetch(public)["Cache-Control"]
    assert fetch(private)["Cache-Control"] == "private, no-cache"


def test_nothing_in_a_file_can_run(public, private):
    for address in (public, private):
        answer = fetch(address)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Content-Type"] == "image/jpeg"
        assert fetch(address, Origin="https://elk.example")["Access-Control-Allow-Origin"] == "*"


def test_only_names_of_our_own_form_are_looked_for(public, media_root):
    (media_root / "public" / "index.html").write_text("<script>")
    (media_root.parent / "secret_key").write_text("secret")
    root = public.rpartition("/public/")[0]
    for name in (
        "public/index.html",
        "public/../../secret_key",
        "public/%2e%2e/%2e%2e/secret_key",
        "public/ab/" + "0" * 64 + ".html",
        "public/ab/" + "0" * 64 + ".svg",
        "public/ab/" + "0" * 64 + ".jpg",
        "public/ab/" + "0" * 64 + ".jpg\n",
        "private/index.html",
        "incoming/1/2",
    ):
        assert fetch(f"{root}/{name}").status_code == 404, name


def test_a_private_file_has_no_other_address(private):
    root, _, name = private.partition("/private/")
    file = name.partition("/")[2]

    assert fetch(private).status_code == 200
    for other in (f"{root}/public/{file}", f"{root}/private/{file}", f"{root}/{file}"):
        assert fetch(other).status_code == 404


def test_a_signed_address_lets_in_to_one_attachment_alone(alice, client_of, private):
    other = client_of(alice).get(f"{V1}/{ready(alice, photo(2))}").json()["url"]
    root, _, rest = private.partition("/private/")

    assert fetch(other).status_code == 200
    assert (
        fetch(f"{root}/private/{rest.partition('/')[0]}/{'/'.join(other.split('/')[-2:])}").status_code == 404
    )


def test_a_signed_address_ends_and_cannot_be_made(alice, private):
    root, _, rest = private.partition("/private/")
    token, _, file = rest.partition("/")
    number, expires, signature = token.split("-", 2)
    made = MediaAttachment.objects.get()
    over = addresses.private(made.pk, file, now=now() - timedelta(hours=3))

    assert fetch(over).status_code == 404
    for forged in (
        f"{number}-{int(expires) + 1}-{signature}",
        f"{int(number) + 1}-{expires}-{signature}",
        f"{number}-{expires}-{signature[::-1]}",
        f"{number}-{expires}-",
        "x",
    ):
        assert fetch(f"{root}/private/{forged}/{file}").status_code == 404, forged


def test_a_signed_address_is_the_same_for_a_while(alice):
    made, file = 5, "ab/" + "0" * 64 + ".jpg"
    at = now().replace(minute=1, second=0)
    first, soon = (addresses.private(made, file, now=at + timedelta(seconds=after)) for after in (0, 600))

    assert first == soon
    told = addresses.read(first.split("/")[-3], now=at)
    assert told is not None
    assert 3_600 <= told.expires - at.timestamp() <= 5_400
