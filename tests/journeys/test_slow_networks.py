"""Phones in a train, at a site without a proxy: they are waited for, and nobody else waits with them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests
from mastodon import Mastodon

from tests.journeys.conftest import Product
from tests.media import photo
from tests.waiting import PATIENCE, until
from upscrolled.bulkhead import RESUMABLE

pytestmark = pytest.mark.journey
TUS = "/api/v1/upscrolled/uploads"
FORM = "application/x-www-form-urlencoded"
# More of each than `make up` has threads that work.
FORMS, UPLOADS = 20, 8
MOVIE = (
    b'--end\r\nContent-Disposition: form-data; name="file"; filename="sea.mp4"\r\n'
    b"Content-Type: video/mp4\r\n\r\n\0\0\0\x18ftypmp42"
)


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def begin(
    held: ExitStack,
    product: Product,
    by: Mastodon,
    where: str,
    start: bytes,
    *,
    length: int,
    **headers: str,
) -> socket.socket:
    """Send the head of a request to `where` (method and path) and the first bytes of its body, and no more."""
    connection = held.enter_context(
        socket.create_connection(("127.0.0.1", product.up.port), timeout=PATIENCE)
    )
    said = {"Host": "127.0.0.1", "Authorization": f"Bearer {by.access_token}", "Content-Length": length}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    connection.sendall(f"{where} HTTP/1.1\r\n{lines}\r\n".encode() + start)
    return connection


def answer(connection: socket.socket) -> bytes:
    """What has come by the time the whole sentence is there."""
    said = b""
    while b"\r\n\r\n" not in said or not said.rstrip().endswith(b"}"):
        more = connection.recv(65_536)
        assert more, said
        said += more
    return said


def test_nobody_waits_for_those_whose_network_is_slow(
    product: Product, ann: Mastodon, ben: Mastodon, held: ExitStack
) -> None:
    whole = b"status=From+the+train"
    forms = [
        begin(held, product, ann, "POST /api/v1/statuses", whole[:9], length=len(whole), Content_Type=FORM)
        for _ in range(FORMS)
    ]
    movie = {"length": 40_000_000, "Content_Type": "multipart/form-data; boundary=end"}
    for _ in range(UPLOADS):
        begin(held, product, ann, "POST /api/v2/media", MOVIE, **movie)

    address, token = f"{product.address}/api/v1/timelines/home", f"Bearer {ben.access_token}"
    for _ in range(4):
        assert requests.get(address, headers={"Authorization": token}, timeout=PATIENCE).status_code == 200
    post = ben.status_post("From my desk")

    forms[0].sendall(whole[9:])
    said = answer(forms[0])
    assert said.startswith(b"HTTP/1.1 200"), said
    assert {"From the train", "From my desk"} <= {
        each.content.removeprefix("<p>").removesuffix("</p>")
        for by in (ann, ben)
        for each in by.account_statuses(by.me())
    }
    assert ben.status(post).id == post.id


def test_a_post_of_which_half_arrived_is_not_published_and_can_be_sent_again(
    product: Product, ann: Mastodon, held: ExitStack
) -> None:
    whole = b"status=We+are+never+ever+going+back"
    key = {"Idempotency_Key": "in a tunnel", "Content_Type": FORM}
    connection = begin(held, product, ann, "POST /api/v1/statuses", whole[:22], length=len(whole), **key)
    connection.shutdown(socket.SHUT_WR)
    said = answer(connection)

    assert said.startswith(b"HTTP/1.1 400"), said
    assert b"The body ended after 22 of the 35 bytes that were announced." in said
    again = requests.post(
        f"{product.address}/api/v1/statuses",
        whole,
        headers={
            "Authorization": f"Bearer {ann.access_token}",
            "Idempotency-Key": "in a tunnel",
            "Content-Type": FORM,
        },
        timeout=PATIENCE,
    )
    assert again.json()["content"] == "<p>We are never ever going back</p>"
    assert not [each for each in ann.account_statuses(ann.me()) if each.content.endswith("never ever</p>")]


def test_what_has_come_of_a_resumable_upload_is_kept_however_short_its_piece(
    product: Product, ann: Mastodon, held: ExitStack
) -> None:
    file = photo()
    said = {"Authorization": f"Bearer {ann.access_token}", "Tus-Resumable": "1.0.0"}
    place = requests.post(
        f"{product.address}{TUS}", headers=said | {"Upload-Length": str(len(file))}, timeout=PATIENCE
    ).headers["Location"]
    half = len(file) // 2
    piece = {"Content_Type": RESUMABLE, "Tus_Resumable": "1.0.0", "Upload_Offset": "0"}
    connection = begin(held, product, ann, f"PATCH {place}", file[:half], length=len(file), **piece)
    connection.shutdown(socket.SHUT_WR)

    def offset() -> str:
        return requests.head(product.address + place, headers=said, timeout=PATIENCE).headers["Upload-Offset"]

    assert until(offset, lambda at: at != "0") == str(half)
