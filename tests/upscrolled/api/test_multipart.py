"""Files that their owners send straight into an object store: web processes sign, and hold no byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from tests.media import photo
from tests.people import NOON
from tests.upscrolled.media import stores
from upscrolled.media import store
from upscrolled.models import FileUse, MediaAttachment, Upload
from upscrolled.operations import multipart, resumable, upload

pytestmark = pytest.mark.django_db

MULTIPART = "/api/v1/upscrolled/uploads/multipart"


@pytest.fixture(scope="module", params=["moto", pytest.param("seaweed", marks=pytest.mark.long)])
def place(request, tmp_path_factory) -> Iterator[stores.ObjectStore]:
    running = stores.fake() if request.param == "moto" else stores.real(tmp_path_factory.mktemp("weed"))
    with running as found:
        yield found


@pytest.fixture
def bucket(place, settings, media_root, monkeypatch) -> stores.ObjectStore:
    """The site keeps its media in a bucket, and takes parts of five megabytes, the least that stores allow."""
    settings.STORAGES = {**settings.STORAGES, "default": place.setting()}
    monkeypatch.setattr(multipart, "PART_BYTES", 5 * 1024 * 1024)
    for key in place.names():
        place.client().delete_object(Bucket=stores.BUCKET, Key=key)
    for each in _unfinished(place):
        place.client().abort_multipart_upload(
            Bucket=stores.BUCKET, Key=each["Key"], UploadId=each["UploadId"]
        )
    return place


def _unfinished(place: stores.ObjectStore) -> list[dict[str, str]]:
    return list(place.client().list_multipart_uploads(Bucket=stores.BUCKET).get("Uploads", ()))


@pytest.fixture(scope="module")
def large() -> bytes:
    """A photo with a lot behind it: three parts."""
    return photo() + bytes(11_000_000)


def _send(part: dict[str, object], content: bytes) -> int:
    return requests.put(str(part["url"]), data=content, timeout=60).status_code


def _cut(content: bytes, told: dict) -> list[bytes]:
    size = told["part_size"]
    return [content[at : at + size] for at in range(0, len(content), size)]


def test_a_file_goes_into_the_store_in_parts(bucket, client_of, alice, large):
    client = client_of(alice)
    told = client.post(MULTIPART, {"size": len(large), "kind": "image", "description": "A hill"}).json()
    assert [part["size"] for part in told["parts"]] == [5_242_880, 5_242_880, len(large) - 10_485_760]
    assert all("X-Amz-Signature" in part["url"] for part in told["parts"])
    assert all("content-length" in part["url"] for part in told["parts"])
    for part, content in zip(told["parts"], _cut(large, told), strict=True):
        assert _send(part, content) == 200

    done = client.post(f"{MULTIPART}/{told['id']}/complete")

    assert done.status_code == 202
    assert (done.json()["type"], done.json()["description"]) == ("image", "A hill")
    row = MediaAttachment.objects.get(pk=int(done.json()["id"]))
    use = FileUse.objects.select_related("file").get(attachment=row, role="upload")
    with store.store().open(use.file.key) as file:
        assert file.read() == large
    again = client.post(f"{MULTIPART}/{told['id']}/complete")
    assert again.json()["id"] == done.json()["id"]
    seen = client.get(f"{MULTIPART}/{told['id']}").json()
    assert seen["media_id"] == done.json()["id"]
    assert all(part["url"] is None for part in seen["parts"])


def test_what_was_lost_on_the_way_is_named_and_sent_again(bucket, client_of, alice, large):
    client = client_of(alice)
    told = client.post(MULTIPART, {"size": len(large)}).json()
    cut = _cut(large, told)
    for number in (0, 2):
        _send(told["parts"][number], cut[number])

    refused = client.post(f"{MULTIPART}/{told['id']}/complete")
    assert refused.status_code == 422
    assert "Part 2 has not come yet; it has 5242880 bytes" in refused.json()["error"]
    seen = client.get(f"{MULTIPART}/{told['id']}").json()
    assert [part["url"] is None for part in seen["parts"]] == [True, False, True]
    _send(seen["parts"][1], cut[1])

    assert client.post(f"{MULTIPART}/{told['id']}/complete").status_code == 202


def test_a_part_of_another_length_is_refused(bucket, client_of, alice, large):
    client = client_of(alice)
    told = client.post(MULTIPART, {"size": len(large)}).json()
    cut = _cut(large, told)
    sent = [cut[0], cut[1], cut[2] + b"more"]
    taken = [_send(part, content) for part, content in zip(told["parts"], sent, strict=True)]

    refused = client.post(f"{MULTIPART}/{told['id']}/complete")

    assert refused.status_code == 422
    if bucket.checks:  # the address is signed for a part of one length: the store itself takes no other
        assert taken == [200, 200, 403]
        assert f"Part 3 has not come yet; it has {len(cut[2])} bytes" in refused.json()["error"]
    else:
        assert f"Part 3 has {len(cut[2]) + 4} bytes; announced were {len(cut[2])}" in refused.json()["error"]
    assert MediaAttachment.objects.count() == 0


def test_limits_are_told_before_anything_flows(bucket, client_of, alice):
    client = client_of(alice)
    limit = upload.bytes_max()

    refused = client.post(MULTIPART, {"size": limit + 1})
    assert refused.status_code == 422
    assert f"File has {limit + 1} bytes; a file may have {limit}" in refused.json()["error"]
    assert client.post(MULTIPART, {"size": upload.bytes_max("image") + 1, "kind": "image"}).status_code == 422
    for size in (0, -1, "many", None):
        assert client.post(MULTIPART, {"size": size}).status_code == 422
    assert _unfinished(bucket) == []


def test_what_is_no_media_is_refused_when_it_is_there(bucket, client_of, alice):
    client, text = client_of(alice), b"hello, I am no video\n" * 1000
    told = client.post(MULTIPART, {"size": len(text)}).json()
    _send(told["parts"][0], text)

    refused = client.post(f"{MULTIPART}/{told['id']}/complete")

    assert refused.status_code == 422
    assert "This is text" in refused.json()["error"]
    assert client.get(f"{MULTIPART}/{told['id']}").status_code == 404


def test_an_answer_that_was_lost_is_given_again(bucket, client_of, alice, large):
    """The store had put the parts together when the process died."""
    client = client_of(alice)
    told = client.post(MULTIPART, {"size": len(large)}).json()
    for part, content in zip(told["parts"], _cut(large, told), strict=True):
        _send(part, content)
    row, there = Upload.objects.get(), store.part_store()
    there.join_parts(row.key, row.store_upload, there.parts(row.key, row.store_upload))

    assert client.post(f"{MULTIPART}/{told['id']}/complete").status_code == 202


def test_who_gives_up_leaves_no_parts(bucket, client_of, alice, large):
    client = client_of(alice)
    for _ in range(2):
        told = client.post(MULTIPART, {"size": len(large)}).json()
        _send(told["parts"][0], _cut(large, told)[0])
    assert len(_unfinished(bucket)) == 2

    assert client.delete(f"{MULTIPART}/{told['id']}").status_code == 200
    assert client.get(f"{MULTIPART}/{told['id']}").status_code == 404
    Upload.objects.update(expires_at=NOON)
    multipart.sweep(now=NOON + timedelta(seconds=1))

    assert _unfinished(bucket) == []
    assert Upload.objects.count() == 0


def test_a_stranger_finds_nothing(bucket, client_of, alice, bob, large):
    told = client_of(alice).post(MULTIPART, {"size": len(large)}).json()
    stranger = client_of(bob)

    assert stranger.get(f"{MULTIPART}/{told['id']}").status_code == 404
    assert stranger.delete(f"{MULTIPART}/{told['id']}").status_code == 404
    assert stranger.post(f"{MULTIPART}/{told['id']}/complete").status_code == 404
    for _ in range(resumable.OPEN_MAX - 1):
        assert client_of(alice).post(MULTIPART, {"size": 10}).status_code == 200
    assert client_of(alice).post(MULTIPART, {"size": 10}).status_code == 422


def test_a_site_without_a_store_says_where_else(client_of, alice):
    answer = client_of(alice).post(MULTIPART, {"size": 10})

    assert answer.status_code == 404
    assert "/api/v1/upscrolled/uploads (tus)" in answer.json()["error"]
