"""Captions of videos: put, replaced, taken away; players find them in the master playlist."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.media import V1, content, fetch, finish, now, ready, upload
from tests.people import token_of
from tests.upscrolled.media.video.clips import Clips
from upscrolled.media import captioning, ledger
from upscrolled.media.jobs import Stage
from upscrolled.models import FileUse

pytestmark = pytest.mark.django_db

CUES = b"WEBVTT\n\n00:00.100 --> 00:01.000\nAt the well\n"
ARABIC = "1\n00:00:00,100 --> 00:00:01,000\nعند البئر\n".encode()


@pytest.fixture(autouse=True)
def _own_media(media_root):
    return media_root


@cache
def _film() -> bytes:
    with TemporaryDirectory() as folder:
        return bytes(Clips(Path(folder))["landscape.mp4"].read_bytes())


@pytest.fixture
def film(alice) -> str:
    """A video of alice's that is ready."""
    return ready(alice, _film())


def _put(account, media: str, data: bytes = CUES, *, status: int = 200, **fields: str):
    form = {"file": SimpleUploadedFile("a.vtt", data), "language": "en", **fields}
    headers = {"Authorization": f"Bearer {token_of(account)}"}
    answer = Client().post(f"/api/v1/upscrolled/media/{media}/captions", form, headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def _of(client_of, account, media: str):
    return client_of(account).get(f"{V1}/{media}").json()["upscrolled"]


def _lines(address: str) -> list[str]:
    answer = fetch(address)
    assert answer.status_code == 200, address
    return content(answer).decode().splitlines()


def _beside(address: str, relative: str) -> str:
    """What a player asks for that a playlist names."""
    base = address.rsplit("/", 1)[0]
    while relative.startswith("../"):
        base, relative = base.rsplit("/", 1)[0], relative[3:]
    return f"{base}/{relative}"


def test_captions_are_in_the_master_playlist_and_in_the_entity(client_of, alice, film):
    before = _of(client_of, alice, film)["hls_url"]
    _put(alice, film, CUES, name="English")
    _put(alice, film, ARABIC, language="AR", name="العربية")

    shown = _of(client_of, alice, film)
    assert {(each["language"], each["name"]) for each in shown["captions"]} == {
        ("ar", "العربية"),
        ("en", "English"),
    }
    assert shown["hls_url"] != before
    master = _lines(shown["hls_url"])
    subtitles = [line for line in master if "TYPE=SUBTITLES" in line]
    subtitles.sort(key=lambda line: line.split('LANGUAGE="')[1])
    assert [line.split('LANGUAGE="')[1].split('"')[0] for line in subtitles] == ["ar", "en"]
    assert all('SUBTITLES="captions"' in line for line in master if "STREAM-INF" in line)
    for line, words in zip(subtitles, ("عند البئر", "At the well"), strict=True):
        playlist = _beside(shown["hls_url"], line.split('URI="')[1].split('"')[0])
        (segment,) = [each for each in _lines(playlist) if not each.startswith("#")]
        assert words in _lines(_beside(playlist, segment))
    for each in shown["captions"]:
        answer = fetch(each["url"])
        assert answer["Content-Type"] == "text/vtt; charset=utf-8"
        assert content(answer).startswith(b"WEBVTT")
    video = next(line for line in master if line and not line.startswith("#"))
    assert _lines(_beside(shown["hls_url"], video))[0] == "#EXTM3U"


def test_captions_are_listed_replaced_and_taken_away(client_of, alice, film):
    path, client = f"/api/v1/upscrolled/media/{film}/captions", client_of(alice)
    assert client.get(path).json() == []
    _put(alice, film)
    _put(alice, film, CUES.replace(b"well", b"spring"))

    (listed,) = client.get(path).json()
    assert "At the spring" in "\n".join(_lines(listed["url"]))
    assert listed["name"] == "en"
    assert client.delete(f"{path}/en").status_code == 200
    assert client.get(path).json() == []
    assert "SUBTITLES" not in "\n".join(_lines(_of(client_of, alice, film)["hls_url"]))
    assert client.delete(f"{path}/en").status_code == 404


def test_files_of_captions_that_are_gone_go_too(client_of, alice, film):
    _put(alice, film)
    first = _of(client_of, alice, film)["captions"][0]["url"]
    client_of(alice).delete(f"/api/v1/upscrolled/media/{film}/captions/en")

    assert FileUse.objects.filter(role="captions").count() == 0
    ledger.remove_due(now=now() + 2 * ledger.GRACE)
    assert fetch(first).status_code == 404


def _subtitles(address: str) -> set[str]:
    """What the playlists of captions say that a master playlist names; each leads somewhere."""
    named = [line.split('URI="')[1].split('"')[0] for line in _lines(address) if "TYPE=SUBTITLES" in line]
    playlists = [_beside(address, each) for each in named]
    files = [_beside(each, line) for each in playlists for line in _lines(each) if not line.startswith("#")]
    return {_lines(each)[-1] for each in files}


def test_captions_come_as_soon_as_a_video_plays_and_stay_when_it_gets_better(client_of, alice, monkeypatch):
    made = upload(alice, _film())["id"]
    finish(Stage.LOOK)
    assert _of(client_of, alice, made)["improving"]
    _put(alice, made)

    soon = _of(client_of, alice, made)
    assert _subtitles(soon["hls_url"]) == {"At the well"}
    listed = captioning.listed

    def another_comes_meanwhile(*arguments, **more):
        monkeypatch.setattr(captioning, "listed", listed)
        written = listed(*arguments, **more)
        _put(alice, made, ARABIC, language="ar")
        return written

    monkeypatch.setattr(captioning, "listed", another_comes_meanwhile)
    finish(Stage.MAKE)

    better = _of(client_of, alice, made)
    assert not better["improving"]
    assert "\n".join(_lines(better["hls_url"])).count("STREAM-INF") == 3
    assert _subtitles(better["hls_url"]) == {"At the well", "عند البئر"}
    assert _subtitles(soon["hls_url"]) == {"At the well"}  # for whoever watches it just now
    client_of(alice).delete(f"/api/v1/upscrolled/media/{made}/captions/en")
    assert _subtitles(_of(client_of, alice, made)["hls_url"]) == {"عند البئر"}


def test_captions_that_meet_a_worker_are_written_for_what_it_made(client_of, alice, monkeypatch):
    made = upload(alice, _film())["id"]
    finish(Stage.LOOK)
    keep = captioning.keep

    def it_gets_better_meanwhile(*arguments, **more):
        monkeypatch.setattr(captioning, "keep", keep)
        written = keep(*arguments, **more)
        finish(Stage.MAKE)
        return written

    monkeypatch.setattr(captioning, "keep", it_gets_better_meanwhile)
    _put(alice, made)

    shown = _of(client_of, alice, made)
    assert "\n".join(_lines(shown["hls_url"])).count("STREAM-INF") == 3
    assert _subtitles(shown["hls_url"]) == {"At the well"}


@pytest.mark.parametrize(
    ("data", "fields", "why"),
    [
        (b"hello", {}, "The captions have no cue"),
        (b"\xff\xfe", {}, "is not in UTF-8 (byte 0)"),
        (b"WEBVTT\n\n00:01.000 --> 00:00.500\nx\n", {}, "Line 3: the cue ends at"),
        (b"WEBVTT\n" * 40_000, {}, "280000 bytes; at most 262144"),
        (CUES, {"language": "klingon!"}, 'The language "klingon!" is no tag'),
        (b"WEBVTT\n\n10:00.000 --> 10:01.000\nx\n", {}, "begin after the video's end"),
    ],
)
def test_what_cannot_be_read_is_named(alice, film, data, fields, why):
    refused = _put(alice, film, data, status=422, **fields)

    assert why in refused["error"]
    assert FileUse.objects.filter(role="captions").count() == 0


def test_only_ones_own_videos_that_are_ready_have_captions(client_of, alice, bob, film):
    _put(bob, film, status=404)
    _put(alice, "12345", status=404)
    assert client_of(bob).get(f"/api/v1/upscrolled/media/{film}/captions").status_code == 404
    assert client_of(bob).delete(f"/api/v1/upscrolled/media/{film}/captions/en").status_code == 404
    waiting = upload(alice, _film() + b"\0\0\0\x08free")["id"]
    assert "still being processed" in _put(alice, waiting, status=422)["error"]
    picture = ready(alice)
    assert "Only a video has captions" in _put(alice, picture, status=422)["error"]


def test_captions_may_come_after_the_post(client_of, alice, film):
    posted = client_of(alice).post("/api/v1/statuses", {"status": "At the well", "media_ids": [film]})
    assert posted.status_code == 200
    _put(alice, film)

    (media,) = client_of(alice).get(f"/api/v1/statuses/{posted.json()['id']}").json()["media_attachments"]
    assert [each["language"] for each in media["upscrolled"]["captions"]] == ["en"]
