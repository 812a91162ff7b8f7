"""Resumable uploads by tus 1.0: a file arrives over any number of broken connections, as it was sent."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse, UnreadablePostError
from django.test import Client

from tests.people import NOON, token_of
from tests.upscrolled.media.photo.pictures import photo
from upscrolled.media import pieces
from upscrolled.models import Account, FileUse, MediaAttachment, Upload
from upscrolled.operations import resumable, upload

UPLOADS = "/api/v1/upscrolled/uploads"
PIECE = "application/offset+octet-stream"


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(media_root):
    return media_root


@pytest.fixture(scope="module")
def picture() -> bytes:
    out = io.BytesIO()
    photo(640, 480).save(out, "JPEG", quality=92)
    return out.getvalue()


class Broken(io.BytesIO):
    """A body whose connection breaks after so many bytes."""

    def __init__(self, content: bytes, after: int) -> None:
        super().__init__(content[:after])

    def read(self, size: int | None = -1) -> bytes:
        part = super().read(size)
        if not part:
            raise UnreadablePostError("connection reset")
        return part


class Tus:
    """A client that speaks the protocol and nothing else."""

    def __init__(self, account: Account, scopes: str = "write:media") -> None:
        self.token, self.client = token_of(account, scopes=scopes), Client()

    def ask(
        self, method: str, path: str, body: bytes = b"", *, breaks: int | None = None, **headers: str
    ) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = named.pop("Content-Type", PIECE)
        more: dict[str, Any] = {}
        if breaks is not None:
            more = {"wsgi.input": Broken(body, breaks), "CONTENT_LENGTH": str(len(body))}
        sent = {"Authorization": f"Bearer {self.token}", "Tus-Resumable": "1.0.0", **named}
        sent = {name: value for name, value in sent.items() if value}
        return self.client.generic(method, path, body, kind, headers=sent, **more)  # type: ignore[return-value]

    def create(self, size: int, body: bytes = b"", **headers: str) -> HttpResponse:
        return self.ask("POST", UPLOADS, body, Upload_Length=str(size), **headers)

    def patch(self, path: str, body: bytes, at: int, **more: Any) -> HttpResponse:
        return self.ask("PATCH", path, body, Upload_Offset=str(at), **more)

    def offset(self, path: str) -> int:
        answer = self.ask("HEAD", path)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        return int(answer["Upload-Offset"])


@pytest.fixture
def tus(alice) -> Tus:
    return Tus(alice)


def _stored(answer: HttpResponse) -> bytes:
    """What lies in the storage of the attachment that an upload became."""
    use = FileUse.objects.select_related("file").get(
        attachment=int(answer["Upscrolled-Media-Id"]), role="upload"
    )
    with default_storage.open(use.file.key) as file:
        return bytes(file.read())


def _metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def test_the_site_says_what_it_speaks(client):
    answer = client.options(UPLOADS)

    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,creation-with-upload,termination,checksum,expiration"
    assert int(answer["Tus-Max-Size"]) == upload.bytes_max()
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256,md5"


def test_the_limits_are_where_all_limits_are(client):
    told = client.get("/api/v2/instance").json()["configuration"]["upscrolled"]

    assert told["uploads"]["tus"]["path"] == UPLOADS
    assert told["uploads"]["size_limit"] == upload.bytes_max()
    assert (told["uploads"]["max_unfinished"], told["uploads"]["kept_seconds"]) == (5, 86_400)
    assert told["uploads"]["multipart"] is None
    assert told["captions"] == {"size_limit": 262_144, "max_languages": 20}


def test_a_file_comes_in_one_piece(tus, alice, client_of, picture):
    metadata = _metadata(filename="../../صورة‮gpj.exe", filetype="image/jpeg", description="A hill at dusk")
    begun = tus.create(len(picture), Upload_Metadata=metadata)
    assert begun.status_code == 201
    assert begun["Tus-Resumable"] == "1.0.0"
    assert begun["Upload-Offset"] == "0"
    assert "GMT" in begun["Upload-Expires"]

    done = tus.patch(begun["Location"], picture, 0)

    assert done.status_code == 204
    assert done["Upload-Offset"] == str(len(picture))
    assert _stored(done) == picture
    row = MediaAttachment.objects.get(pk=int(done["Upscrolled-Media-Id"]))
    assert (row.owner, row.kind, row.description) == (alice, "image", "A hill at dusk")
    told = client_of(alice).get(f"/api/v1/media/{row.pk}")
    assert told.status_code == 206
    assert told.json()["description"] == "A hill at dusk"
    head = tus.ask("HEAD", begun["Location"])
    assert head["Upload-Metadata"] == metadata
    assert head["Upload-Length"] == head["Upload-Offset"] == str(len(picture))
    assert head["Upscrolled-Media-Id"] == str(row.pk)


def test_a_connection_may_break_at_any_byte(tus, picture):
    path = tus.create(len(picture))["Location"]
    chance, at = random.Random(11), 0
    after = [0, 1, 4094, 1, 1, 0, *(chance.randrange(12_000) for _ in range(5)), len(picture)]

    for count in after:
        rest = picture[at:]
        answer = tus.patch(path, rest, at, breaks=min(count, len(rest)))
        assert answer.status_code == 204
        assert tus.offset(path) == int(answer["Upload-Offset"]) == at + min(count, len(rest))
        at = int(answer["Upload-Offset"])

    assert _stored(answer) == picture


def test_a_file_may_be_sent_with_its_announcement(tus, picture):
    half = len(picture) // 2
    begun = tus.create(len(picture), picture[:half])
    assert (begun.status_code, begun["Upload-Offset"]) == (201, str(half))

    done = tus.patch(begun["Location"], picture[half:], half)
    assert _stored(done) == picture
    at_once = tus.create(len(picture), picture)
    assert at_once.status_code == 201
    assert _stored(at_once) == picture


def test_the_answer_is_there_as_json_too(tus, picture):
    path = tus.create(len(picture), picture[:1000])["Location"]
    told = tus.ask("GET", path, Tus_Resumable="").json()

    assert (told["offset"], told["size"], told["media_id"]) == (1000, len(picture), None)
    assert path.endswith(told["id"])
    tus.patch(path, picture[1000:], 1000)
    assert tus.ask("GET", path).json()["media_id"] == str(MediaAttachment.objects.get().pk)


class TestWhatIsRefused:
    def test_a_size_before_any_byte_flows(self, tus, settings):
        answer = tus.create(upload.bytes_max() + 1)
        assert answer.status_code == 413
        assert answer.json()["error"] == (
            f"Validation failed: File has {upload.bytes_max() + 1} bytes; a file may have {upload.bytes_max()}"
        )
        limit = upload.bytes_max("image")
        answer = tus.create(limit + 1, Upload_Metadata=_metadata(filetype="image/png"))
        assert answer.status_code == 413
        assert f"a photo may have {limit}" in answer.json()["error"]
        assert tus.create(0).status_code == 422
        assert Upload.objects.count() == 0

    def test_a_photo_that_is_larger_than_photos_may_be_when_it_shows_what_it_is(self, tus, picture):
        size = upload.bytes_max("image") + 1
        path = tus.create(size)["Location"]

        answer = tus.patch(path, picture, 0)

        assert answer.status_code == 413
        assert f"a photo may have {size - 1}" in answer.json()["error"]
        assert tus.ask("HEAD", path).status_code == 404
        assert not list(pieces.path_of(0).parent.iterdir())

    def test_what_is_no_media_after_its_first_bytes(self, tus):
        path = tus.create(1_000_000)["Location"]
        body = io.BytesIO(b"hello, I am no video\n" * 50_000)

        answer = tus.client.generic(
            "PATCH",
            path,
            b"what is sent stands below",
            PIECE,
            headers={"Authorization": f"Bearer {tus.token}", "Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
            **{"wsgi.input": body, "CONTENT_LENGTH": "1000000"},
        )

        assert answer.status_code == 422
        assert "This is text" in answer.json()["error"]
        assert body.tell() == 4096
        assert tus.ask("HEAD", path).status_code == 404

    def test_more_bytes_than_were_announced(self, tus, picture):
        path = tus.create(1000)["Location"]
        answer = tus.patch(path, picture[:1001], 0)

        assert answer.status_code == 413
        assert "was to have 1000 bytes; with these it has 1001" in answer.json()["error"]
        assert tus.offset(path) == 0

    @pytest.mark.parametrize("at", [0, 99, 101])
    def test_another_offset_than_where_it_ends(self, tus, picture, at):
        path = tus.create(len(picture), picture[:100])["Location"]
        answer = tus.patch(path, picture[at:200], at)

        assert answer.status_code == 409
        assert answer.json()["error"] == f"The upload has 100 bytes; these begin at {at}"
        assert tus.offset(path) == 100

    def test_another_version_and_none(self, tus, picture):
        path = tus.create(len(picture))["Location"]
        for version in ("0.2.2", ""):
            for method in ("HEAD", "PATCH", "DELETE"):
                answer = tus.ask(method, path, b"", Tus_Resumable=version, Upload_Offset="0")
                assert answer.status_code == 412
                assert answer["Tus-Version"] == "1.0.0"
        assert tus.create(10, Tus_Resumable="").status_code == 412

    def test_another_type_of_body(self, tus, picture):
        path = tus.create(len(picture))["Location"]
        answer = tus.patch(path, picture, 0, **{"Content_Type": "image/jpeg"})

        assert answer.status_code == 415
        assert 'not as "image/jpeg"' in answer.json()["error"]

    @pytest.mark.parametrize("length", ["", "-1", "1e6", "٣", "9" * 40])
    def test_a_length_that_is_no_number(self, tus, length):
        answer = tus.ask("POST", UPLOADS, Upload_Length=length)
        assert answer.status_code == 400
        assert "Upload-Length" in answer.json()["error"]

    def test_a_length_that_is_to_be_said_later(self, tus):
        assert tus.ask("POST", UPLOADS, Upload_Defer_Length="1").status_code == 400

    @pytest.mark.parametrize("metadata", ["filename ###", "a YQ==,a YQ==", f"x {'A' * 5000}", "name /w=="])
    def test_metadata_that_cannot_be_read(self, tus, metadata):
        answer = tus.create(10, Upload_Metadata=metadata)
        assert answer.status_code == 400
        assert "Upload-Metadata" in answer.json()["error"]

    def test_one_upload_more_than_may_be_open(self, tus):
        for _ in range(resumable.OPEN_MAX):
            assert tus.create(10).status_code == 201
        answer = tus.create(10)

        assert answer.status_code == 422
        assert "at most 5 unfinished uploads; you have 5" in answer.json()["error"]

    def test_a_stranger(self, tus, bob, picture, client):
        path = tus.create(len(picture), picture[:500])["Location"]
        other = Tus(bob)

        assert other.ask("HEAD", path).status_code == 404
        assert other.ask("GET", path).status_code == 404
        assert other.patch(path, picture[500:], 500).status_code == 404
        assert other.ask("DELETE", path).status_code == 404
        assert client.post(UPLOADS).status_code == 401
        assert Tus(bob, scopes="read write:statuses").create(10).status_code == 403
        assert tus.offset(path) == 500
        assert tus.ask("HEAD", f"{UPLOADS}/12345").status_code == 404
        assert tus.ask("HEAD", f"{UPLOADS}/..%2F..%2Fetc").status_code == 404


class TestChecksums:
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
    def test_what_fits_is_kept_and_what_does_not_is_not(self, tus, picture, algorithm):
        path = tus.create(len(picture))["Location"]
        digest = base64.b64encode(hashlib.new(algorithm, picture).digest()).decode()

        wrong = tus.patch(path, picture[:-1] + b"?", 0, Upload_Checksum=f"{algorithm} {digest}")
        assert wrong.status_code == 460
        assert tus.offset(path) == 0
        cut = tus.patch(path, picture, 0, breaks=5000, Upload_Checksum=f"{algorithm} {digest}")
        assert cut.status_code == 460
        right = tus.patch(path, picture, 0, Upload_Checksum=f"{algorithm} {digest}")
        assert right.status_code == 204
        assert _stored(right) == picture

    @pytest.mark.parametrize("header", ["crc32 AAAA", "sha1", "sha1 ###", "sha1 YQ=="])
    def test_what_is_no_checksum_is_told(self, tus, picture, header):
        path = tus.create(len(picture))["Location"]
        answer = tus.patch(path, picture, 0, Upload_Checksum=header)

        assert answer.status_code == 400
        assert "Upload-Checksum" in answer.json()["error"]


class TestGivingUp:
    def test_what_has_arrived_is_removed(self, tus, picture):
        path = tus.create(len(picture), picture[:500])["Location"]
        assert tus.ask("DELETE", path).status_code == 204

        assert tus.ask("HEAD", path).status_code == 404
        assert not list(pieces.path_of(0).parent.iterdir())

    def test_an_attachment_stays(self, tus, picture):
        path = tus.create(len(picture), picture)["Location"]
        assert tus.ask("DELETE", path).status_code == 204

        assert MediaAttachment.objects.count() == 1

    def test_networks_that_know_only_post(self, tus, picture):
        path = tus.create(len(picture))["Location"]
        done = tus.ask("POST", path, picture, Upload_Offset="0", X_HTTP_Method_Override="PATCH")
        assert done.status_code == 204
        assert _stored(done) == picture
        assert tus.ask("POST", path).status_code == 400
        assert tus.ask("POST", path, X_HTTP_Method_Override="DELETE").status_code == 204
        assert tus.ask("HEAD", path).status_code == 404


class TestTheClock:
    def test_what_has_expired_is_gone_and_swept(self, tus, picture):
        path = tus.create(len(picture), picture[:500])["Location"]
        Upload.objects.update(expires_at=NOON)

        assert tus.ask("HEAD", path).status_code == 404
        resumable.sweep(now=NOON + timedelta(seconds=1))
        assert Upload.objects.count() == 0
        assert not list(pieces.path_of(0).parent.iterdir())

    def test_each_piece_gives_it_another_day(self, tus, picture):
        path = tus.create(len(picture), picture[:500])["Location"]
        Upload.objects.update(expires_at=Upload.objects.get().expires_at - timedelta(hours=23))
        before = Upload.objects.get().expires_at

        tus.patch(path, picture[500:600], 500)

        assert Upload.objects.get().expires_at - before > timedelta(hours=22)

    def test_a_file_that_no_upload_knows_goes_after_a_day(self, tus, picture):
        for number in (98, 99):
            pieces.append(number, io.BytesIO(b"left").read, at=0, most=4)
        os.utime(pieces.path_of(98), (0, 0))
        kept = tus.create(len(picture), picture[:500])["Location"].split("/")[-1]
        os.utime(pieces.path_of(int(kept)), (0, 0))

        resumable.sweep(now=datetime.now(UTC))

        assert {path.name for path in pieces.path_of(0).parent.iterdir()} == {kept, "99"}


class TestAProcessThatDied:
    """Right after the last byte; while the file was on its way; before the row knew of the attachment."""

    def _complete(self, tus: Tus, picture: bytes, *, moved: bool) -> str:
        path = str(tus.create(len(picture), picture[:500])["Location"])
        row = Upload.objects.get()
        pieces.append(row.pk, io.BytesIO(picture[500:]).read, at=500, most=len(picture))
        if moved:
            row.key = upload.incoming_key(row.owner, now=NOON, size=row.size)
            row.save()
            default_storage.save(row.key, ContentFile(picture))
            pieces.remove(row.pk)
        return path

    @pytest.mark.parametrize("moved", [False, True])
    def test_whoever_asks_finishes_it(self, tus, picture, moved):
        path = self._complete(tus, picture, moved=moved)

        for _ in range(2):
            answer = tus.ask("HEAD", path)
            assert answer["Upload-Offset"] == str(len(picture))
            assert _stored(answer) == picture
        assert MediaAttachment.objects.count() == 1

    @pytest.mark.parametrize("moved", [False, True])
    def test_the_clock_finishes_it(self, tus, picture, moved):
        path = self._complete(tus, picture, moved=moved)

        for _ in range(2):
            resumable.sweep(now=Upload.objects.get().expires_at - timedelta(hours=1))
        assert MediaAttachment.objects.count() == 1
        assert _stored(tus.ask("HEAD", path)) == picture
