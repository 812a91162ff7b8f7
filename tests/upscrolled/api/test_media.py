"""Uploads: what is answered while a file is processed and afterwards, what is refused, whose they are."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image

from tests.media import V1, content, fetch, files_below, finish, now, opened, photo, ready, upload
from tests.people import token_of
from upscrolled import tasks
from upscrolled.api.uploads import V2Media
from upscrolled.media import ending, ledger
from upscrolled.media.jobs import Stage
from upscrolled.models import FileUse, MediaAttachment, MediaHash, StoredFile
from upscrolled.operations import upload as verbs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(media_root):
    return media_root


def test_a_photo_is_taken_and_can_be_posted_a_moment_later(client_of, alice):
    made = upload(alice, photo(), description="A boat", focus="0.5,-0.25")
    assert (made["type"], made["url"], made["description"]) == ("image", None, "A boat")
    assert made["upscrolled"]["state"] == "uploaded"
    waiting = client_of(alice).get(f"{V1}/{made['id']}")
    assert (waiting.status_code, waiting.json()["url"]) == (206, None)

    assert finish(Stage.LOOK) == 1

    answer = client_of(alice).get(f"{V1}/{made['id']}")
    shown = answer.json()
    assert (answer.status_code, shown["upscrolled"]["state"]) == (200, "ready")
    assert shown["meta"]["original"] == {"width": 640, "height": 400, "size": "640x400", "aspect": 1.6}
    assert shown["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    assert shown["blurhash"]
    assert opened(shown["url"]).size == (640, 400)
    assert opened(shown["preview_url"]).size == tuple(
        shown["meta"]["small"][side] for side in ("width", "height")
    )
    assert MediaHash.objects.filter(attachment=made["id"], second=0).count() == 1
    assert len(MediaAttachment.objects.get().sha256) == 64


def test_what_the_camera_wrote_is_gone(alice, client_of):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Pear"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.open(io.BytesIO(photo())).save(out, "JPEG", exif=exif)

    shown = client_of(alice).get(f"{V1}/{ready(alice, out.getvalue())}").json()

    picture = opened(shown["url"])
    assert picture.size == (400, 640)  # turned as the tag said
    assert dict(picture.getexif()) == {}


def test_the_old_way_answers_with_the_photo_itself(alice):
    shown = upload(alice, photo(), path=V1, status=200)

    assert opened(shown["url"]).size == (640, 400)
    assert finish() == 0


REFUSED = {
    "text": (b"hello there, this is no picture at all", "text"),
    "empty": (b"", "0 bytes"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
    "page": (b"<!doctype html><script>alert(1)</script>", "web page"),
    "playlist": (b"#EXTM3U\nhttp://127.0.0.1/x.ts\n", "playlist"),
    "archive": (b"PK\x03\x04" + b"x" * 60, "ZIP"),
    "list": (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "playlist"),
    "manifest": (b'<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1/</BaseURL></MPD>', "playlist"),
    "program": (b"#!/bin/sh\nexit 0\n", "text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_media_is_refused_at_once(alice, media_root, name):
    data, why = REFUSED[name]

    refused = upload(alice, data, status=422)

    assert why in refused["error"]
    assert not MediaAttachment.objects.exists()
    assert files_below(media_root.parent) == set()


NAMES = [
    "../../../../etc/cron.d/photo.jpg",
    "/etc/passwd",
    "..\\..\\windows\\photo.jpg",
    "صورة\u202egpj.exe",
    "\u2067a\u200f\u2028b.jpg",
    "x" * 300 + ".jpg",
    ".htaccess",
    "-rf;$(id).jpg",
    "page.html",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_a_phone_gives_a_file_leads_nowhere(alice, client_of, media_root, name):
    """It is neither kept nor a place: two files come of a photo, under names of ours."""
    made = upload(alice, SimpleUploadedFile(name, photo()))["id"]
    finish()

    shown = client_of(alice).get(f"{V1}/{made}")
    assert shown.status_code == 200
    ledger.remove_due(now=now())
    stored = files_below(media_root.parent)
    assert len(stored) == 2
    assert all(re.fullmatch(r"media/private/[0-9a-f]{2}/[0-9a-f]{64}\.jpg", each) for each in stored)
    assert fetch(shown.json()["url"])["Content-Type"] == "image/jpeg"


def test_a_photo_that_turns_out_damaged_says_so(alice, client_of, media_root):
    whole = photo()
    made = upload(alice, whole[: len(whole) // 2])
    finish()

    answer = client_of(alice).get(f"{V1}/{made['id']}")
    assert answer.status_code == 422
    assert "not sent whole" in answer.json()["error"]
    assert answer.json()["details"]["file"][0]["error"] == "ERR_TRUNCATED"
    again = client_of(alice).post(f"/api/v1/upscrolled/media/{made['id']}/retry")
    assert again.status_code == 422
    ledger.remove_due(now=now())
    assert files_below(media_root) == set()


def test_a_file_beyond_its_limit_is_refused_while_it_flows(alice, settings, media_root):
    settings.IMAGE_MAX_BYTES = 100_000
    refused = upload(alice, photo() + b"\0" * 200_000, status=422)

    assert "100000 bytes" in refused["error"]
    assert files_below(media_root.parent) == set()


def test_a_body_beyond_every_limit_is_refused_before_it_is_read(alice):
    length = V2Media.body_max + 1
    answer = Client().generic(
        "POST",
        "/api/v2/media",
        b"--x\r\n",
        content_type="multipart/form-data; boundary=x",
        headers={"Authorization": f"Bearer {token_of(alice)}"},
        CONTENT_LENGTH=str(length),
    )

    assert answer.status_code == 413
    assert str(length) in answer.json()["error"]


def test_descriptions_and_focal_points_have_limits(alice, client_of):
    assert "1501" in upload(alice, photo(), description="x" * 1_501, status=422)["error"]
    assert "2,0" in upload(alice, photo(), focus="2,0", status=422)["error"]
    assert "nan,0" in upload(alice, photo(), focus="nan,0", status=422)["error"]

    made = ready(alice)
    for body in ({"description": "x" * 1_501}, {"focus": "middle"}):
        assert client_of(alice).put(f"{V1}/{made}", body).status_code == 422


def test_before_it_is_posted_its_owner_may_change_it(alice, bob, client_of):
    made = ready(alice)
    changed = client_of(alice).put(f"{V1}/{made}", {"description": "A boat\x00", "focus": "-1,1"})

    assert changed.json()["description"] == "A boat"
    assert changed.json()["meta"]["focus"] == {"x": -1.0, "y": 1.0}
    for method in ("get", "put", "delete"):
        assert getattr(client_of(bob), method)(f"{V1}/{made}").status_code == 404
        assert getattr(client_of(alice), method)(f"{V1}/1").status_code == 404


def test_a_thumbnail_stands_for_it(alice, client_of):
    thumbnail = SimpleUploadedFile("t.png", photo(2, (300, 200), "PNG"))
    made = ready(alice, thumbnail=thumbnail)
    shown = client_of(alice).get(f"{V1}/{made}").json()

    assert opened(shown["preview_url"]).size == (300, 200)
    assert opened(shown["url"]).size == (640, 400)


def test_deleting_ends_it_and_its_files(alice, client_of, media_root):
    made = ready(alice)
    address = client_of(alice).get(f"{V1}/{made}").json()["url"]
    assert client_of(alice).delete(f"{V1}/{made}").json() == {}

    assert client_of(alice).get(f"{V1}/{made}").status_code == 404
    assert fetch(address).status_code == 404
    ending.purge(now=now())
    ledger.remove_due(now=now())
    assert files_below(media_root) == set()
    assert not MediaAttachment.objects.exists()
    assert not StoredFile.objects.exists()
    assert not MediaHash.objects.exists()


def test_what_is_deleted_while_it_waits_is_never_processed(alice, client_of):
    made = upload(alice, photo())
    client_of(alice).delete(f"{V1}/{made['id']}")

    assert finish() == 0


def test_an_upload_that_no_post_takes_goes_after_a_day(alice, client_of, settings):
    kept, left = ready(alice), ready(alice, photo(2))
    MediaAttachment.objects.filter(pk=kept).update(expires_at=now() + timedelta(minutes=1))
    MediaAttachment.objects.filter(pk=left).update(expires_at=now() - timedelta(seconds=1))

    assert ending.expire(now=now()) == 1

    assert client_of(alice).get(f"{V1}/{left}").status_code == 404
    assert client_of(alice).get(f"{V1}/{kept}").status_code == 200


def test_the_same_photo_of_two_people_lies_there_once(alice, bob, client_of, media_root):
    mine, his = ready(alice), ready(bob)
    private = files_below(media_root / "private")
    assert len(private) == 2
    assert FileUse.objects.count() == 4

    client_of(alice).delete(f"{V1}/{mine}")
    ending.purge(now=now())
    ledger.remove_due(now=now())

    assert files_below(media_root / "private") == private
    assert content(fetch(client_of(bob).get(f"{V1}/{his}").json()["url"]))


def test_a_legal_hold_keeps_what_is_deleted_out_of_sight(alice, client_of, media_root):
    made = ready(alice)
    address = client_of(alice).get(f"{V1}/{made}").json()["url"]
    out = io.StringIO()
    call_command("media", "hold", made, because="order 12/2026", stdout=out)
    with pytest.raises(CommandError, match="stands on"):
        call_command("media", "hold", made, because="again")
    client_of(alice).delete(f"{V1}/{made}")
    tasks.remove_media()

    assert fetch(address).status_code == 404
    assert client_of(alice).get(f"{V1}/{made}").status_code == 404
    assert len(files_below(media_root / "private")) == 2
    call_command("media", "show", made, stdout=out)
    assert "held since" in out.getvalue()
    assert "deleted" in out.getvalue()

    call_command("media", "release", made, stdout=out)
    tasks.remove_media()
    assert files_below(media_root) == set()
    with pytest.raises(CommandError, match="no attachment"):
        call_command("media", "show", made)


def test_nobody_heaps_up_uploads(alice, monkeypatch):
    monkeypatch.setattr(verbs, "WAITING_MAX", 2)
    for seed in (1, 2):
        upload(alice, photo(seed))

    refused = upload(alice, photo(3), status=422)
    assert "at most 2" in refused["error"]
    assert "you have 2" in refused["error"]


def test_the_limits_are_told(client_of):
    told = client_of().get("/api/v2/instance").json()["configuration"]
    media = told["media_attachments"]

    assert told["statuses"]["max_media_attachments"] == 10
    assert (media["description_limit"], media["video_size_limit"]) == (1_500, 300 * 1024 * 1024)
    assert media["image_size_limit"] == 32 * 1024 * 1024
    assert "image/heic" in media["supported_mime_types"]
    assert client_of().get("/api/v1/instance").json()["configuration"]["media_attachments"] == media
