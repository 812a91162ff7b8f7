"""One suite for every storage: what is uploaded is served, private or public, and is gone when it is deleted."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from feed.tasks import settle_openness
from tests import restricting
from tests.media import V1, content, fetch, files_below, finish, now, photo, ready, settle, upload
from tests.people import client_of
from tests.upscrolled.media import stores
from tests.upscrolled.media.video.clips import Clips
from upscrolled.media import disk, ending, ledger, store
from upscrolled.models import MediaAttachment, Restriction
from upscrolled.operations import attachments
from upscrolled.operations import upload as verbs

pytestmark = pytest.mark.django_db

KINDS = ["disk", "moto", pytest.param("seaweed", marks=pytest.mark.long)]


@pytest.fixture(scope="module", params=KINDS)
def place(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[stores.ObjectStore | None]:
    if request.param == "disk":
        yield None
        return
    running = stores.fake() if request.param == "moto" else stores.real(tmp_path_factory.mktemp("weed"))
    with running as found:
        yield found


@pytest.fixture
def lying(place: stores.ObjectStore | None, settings: Any, media_root: Path) -> Callable[[], set[str]]:
    """Call it for the names of all that is stored."""
    if place is None:
        return lambda: files_below(media_root)
    settings.STORAGES = {**settings.STORAGES, "default": place.setting()}
    for key in place.names():
        place.client().delete_object(Bucket=stores.BUCKET, Key=key)
    return place.names


def got(address: str, **headers: str) -> bytes:
    """What a browser has in the end, from us or from the store that we send it to."""
    answer = fetch(address, **headers)
    if answer.status_code != 302:
        assert answer.status_code in (200, 206), (address, answer.status_code)
        return content(answer)
    assert answer["Cache-Control"] == "private, no-store"
    sent = requests.get(answer["Location"], headers=headers, timeout=60)
    assert sent.status_code in (200, 206), sent.text
    return sent.content


def shown(account: Any, made: str) -> dict[str, Any]:
    return client_of(account).get(f"{V1}/{made}").json()


def everything_goes(lying: Callable[[], set[str]]) -> bool:
    ending.purge(now=now())
    ledger.remove_due(now=now())
    return lying() == set()


def test_a_photo_comes_is_posted_and_goes(alice, lying):
    made = ready(alice)
    private = shown(alice, made)
    ledger.remove_due(now=now())
    assert {name.partition("/")[0] for name in lying()} == {"private"}
    picture = got(private["url"])
    assert picture.startswith(b"\xff\xd8")

    attachments.attach([int(made)], owner_id=alice.id, everybody=True, now=now())
    settle()
    ledger.remove_due(now=now())
    public = shown(alice, made)
    assert "/public/" in public["url"]
    assert got(public["url"]) == picture
    assert {name.partition("/")[0] for name in lying()} == {"public"}
    assert got(private["url"]) == picture  # until it ends: it is the same file

    attachments.let_go([int(made)], now=now(), at_once=True)
    assert fetch(private["url"]).status_code == 404
    assert everything_goes(lying)
    assert _is_gone(public["url"])


def test_what_a_decision_takes_from_everybody_comes_back_with_it(alice, lying):
    """From the audience of a post to the places of its files, in every storage; the rest is in test_openness.py."""
    made = ready(alice)
    sent = {"media_ids": [made], "status": "hello"}
    post = int(client_of(alice).post("/api/v1/statuses", sent).json()["id"])
    settle()
    public = _of_post(alice, post)
    assert "/public/" in public
    picture = got(public)

    held = restricting.restrict("post", post, "removed")
    _decided()
    assert _is_gone(public)
    assert {name.partition("/")[0] for name in lying()} == {"private"}
    signed = _of_post(alice, post)
    assert "/private/" in signed
    assert got(signed) == picture

    Restriction.objects.filter(pk=held.pk).update(ends_at=now() - timedelta(minutes=5))
    _decided()
    assert _of_post(alice, post) == public
    assert got(public) == picture
    assert {name.partition("/")[0] for name in lying()} == {"public"}


def _of_post(account: Any, post: int) -> str:
    (media,) = client_of(account).get(f"/api/v1/statuses/{post}").json()["media_attachments"]
    return str(media["url"])


def _decided() -> None:
    settle_openness()
    settle()
    ledger.remove_due(now=now())


def _is_gone(address: str) -> bool:
    """Say whether neither we nor the store has anything at an address that was public."""
    answer = fetch(address)
    if answer.status_code == 302:
        return requests.get(answer["Location"], timeout=60).status_code in (403, 404)
    return bool(answer.status_code == 404)


def test_a_video_is_read_in_parts(alice, lying, tmp_path_factory):
    clips = Clips(tmp_path_factory.mktemp("clips"))
    made = upload(alice, clips["quiet.mp4"].read_bytes())["id"]
    finish()
    video = shown(alice, made)
    whole = got(video["url"])
    assert got(video["url"], Range="bytes=100-199") == whole[100:200]

    master = video["upscrolled"]["hls_url"]
    (quality,) = [line for line in got(master).decode().splitlines() if line.endswith(".m3u8")]
    playlist = urljoin(master, quality)
    part = next(line for line in got(playlist).decode().splitlines() if line.endswith(".m4s"))
    assert b"ftyp" in got(urljoin(playlist, part), Range="bytes=0-31")

    client_of(alice).delete(f"{V1}/{made}")
    assert everything_goes(lying)


def test_who_asks_for_the_head_alone_is_told_the_size(alice, lying):
    address = shown(alice, ready(alice))["url"]
    answer = fetch(address, "head")
    headers = answer.headers
    if answer.status_code == 302:  # an address that is signed for GET lets no HEAD in
        sent = requests.head(answer["Location"], timeout=10)
        assert sent.status_code == 200
        headers = sent.headers

    assert int(headers["Content-Length"]) == len(got(address))
    assert headers["Content-Type"] == "image/jpeg"


def test_what_the_store_holds_already_is_accepted_by_its_key(alice, lying, tmp_path):
    key = verbs.incoming_key(alice, now=now())
    sent = tmp_path / "sent"
    sent.write_bytes(photo())
    store.store().take(sent, key, media_type="application/octet-stream")
    made = str(verbs.accept(owner=alice, sent=key, now=now()).pk)
    finish()

    assert got(shown(alice, made)["url"])


def test_a_file_that_was_stored_half_is_cleared(lying, place, media_root, monkeypatch, tmp_path):
    """Killed between writing and naming it: nothing of it is under the name, and its half goes with time."""
    if place is not None:
        pytest.skip("an object is there whole or not at all")
    sent = tmp_path / "sent"
    sent.write_bytes(photo())
    monkeypatch.setattr(disk, "_flush", lambda path: os.kill(os.getpid(), signal.SIGKILL))
    if (child := os.fork()) == 0:
        try:
            store.store().take(sent, "incoming/1/half", media_type="application/octet-stream")
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    monkeypatch.undo()

    (half,) = lying()
    assert half.startswith(".aside/")
    store.clear_work(before=time.time() - 60)
    assert lying() == {half}  # somebody may be at it
    store.clear_work(before=time.time() + 60)
    assert lying() == set()
    assert sent.read_bytes() == photo()


def test_a_store_that_is_away_loses_nothing(alice, lying, place, settings):
    if place is None:
        pytest.skip("a directory is never away")
    made = upload(alice, photo())["id"]
    away = place.setting()
    away["OPTIONS"] = {**away["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = {**settings.STORAGES, "default": away}
    finish()
    row = MediaAttachment.objects.get(pk=made)
    assert (row.state, row.attempts) == ("probing", 1)

    settings.STORAGES = {**settings.STORAGES, "default": place.setting()}
    MediaAttachment.objects.update(due_at=now())
    finish()
    assert got(shown(alice, made)["url"])


def test_the_store_itself_gives_nothing_without_a_signature(alice, lying, place):
    if place is None or not place.checks:
        pytest.skip("this one has no signatures, or believes them all")
    made = ready(alice)
    signed = fetch(shown(alice, made)["url"])["Location"]

    assert requests.get(signed, timeout=60).status_code == 200
    assert requests.get(signed.partition("?")[0], timeout=60).status_code == 403
    assert requests.get(signed[:-4] + "0000", timeout=60).status_code == 403
