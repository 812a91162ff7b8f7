"""Workers and attachments: nothing is lost with a worker, nothing shown twice, and what is wrong is said."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.media import (
    V1,
    content,
    fetch,
    files_below,
    finish,
    now,
    photo,
    plays,
    ready,
    settle,
    upload,
    walk,
)
from tests.people import client_of
from tests.upscrolled.media.video.clips import Clips
from upscrolled.media import ending, jobs, ledger, makers, placing, store, work
from upscrolled.media.jobs import Stage
from upscrolled.media.refusals import Broken
from upscrolled.models import FileUse, MediaAttachment, MediaHash, StoredFile
from upscrolled.operations import attachments
from upscrolled.operations import upload as verbs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(media_root: Path) -> Path:
    return media_root


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"))


def shown(account, made):
    return client_of(account).get(f"{V1}/{made['id']}").json()


def row(made) -> MediaAttachment:
    return MediaAttachment.objects.get(pk=made["id"])


def take(stage: Stage, at: datetime) -> bool:
    """Have a worker look for something to do at that moment."""
    return work.do_next(stage, clock=lambda: at)


def test_a_video_that_conforms_plays_at_once_and_better_later(alice, clips, media_root):
    made = upload(alice, clips["landscape.mp4"].read_bytes())
    assert made["type"] == "video"
    assert finish(Stage.LOOK) == 1
    soon = shown(alice, made)
    assert (soon["upscrolled"]["state"], soon["upscrolled"]["improving"]) == ("ready", True)
    assert "Video: h264" in plays(soon["url"])
    assert not MediaHash.objects.exists()

    assert finish(Stage.MAKE) == 1

    better = shown(alice, made)
    assert not better["upscrolled"]["improving"]
    assert better["url"] != soon["url"]
    assert "Video: h264" in plays(better["url"])
    assert (better["meta"]["original"]["width"], better["meta"]["original"]["height"]) == (1280, 720)
    assert MediaHash.objects.count() == 2
    assert content(fetch(soon["url"]))  # whoever was shown it has it for a day
    ledger.end_former(now=now() + timedelta(days=2))
    ledger.remove_due(now=now() + timedelta(days=2))
    assert fetch(soon["url"]).status_code == 404
    assert files_below(media_root / "incoming") == set()


def test_every_name_in_a_playlist_leads_somewhere(alice, clips):
    made = upload(alice, clips["landscape.mp4"].read_bytes())
    finish()
    master = shown(alice, made)["upscrolled"]["hls_url"]
    seen = walk(master)

    assert {name.rpartition(".")[2] for name in seen} == {"m3u8", "m4s"}
    assert len([name for name in seen if name.endswith(".m3u8")]) == 5  # itself, three qualities, the sound
    assert fetch(master)["Content-Type"] == "application/vnd.apple.mpegurl"


def test_a_video_that_does_not_conform_waits_for_its_ladder(alice, clips):
    made = upload(alice, clips["odd.webm"].read_bytes())
    finish(Stage.LOOK)
    waiting = client_of(alice).get(f"{V1}/{made['id']}")
    assert (waiting.status_code, waiting.json()["url"]) == (206, None)
    assert waiting.json()["upscrolled"]["state"] == "processing"
    finish(Stage.MAKE)

    assert "Video: h264" in plays(shown(alice, made)["url"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("moves.gif", "gifv"),
        ("note.mp3", "audio"),
        ("note.m4a", "audio"),
        ("note.webm", "audio"),
        ("note.3gp", "audio"),
    ],
)
def test_animations_become_videos_and_sounds_are_heard(alice, clips, name, kind):
    made = upload(alice, clips[name].read_bytes())
    finish()
    heard = shown(alice, made)

    assert heard["type"] == kind
    assert ("Audio: aac" in plays(heard["url"])) is (kind == "audio")
    assert (heard["preview_url"] is None) is (kind == "audio")


def test_a_video_that_everybody_sees_gets_its_better_files_where_everybody_sees_them(
    alice, clips, media_root
):
    made = upload(alice, clips["quiet.mp4"].read_bytes())
    finish(Stage.LOOK)
    attachments.attach([int(made["id"])], owner_id=alice.id, everybody=True, now=now())
    settle()
    finish(Stage.MAKE)
    settle()

    better = shown(alice, made)
    assert "/public/" in better["url"]
    assert walk(better["upscrolled"]["hls_url"])
    ledger.remove_due(now=now() + timedelta(days=1))
    assert files_below(media_root / "private") == set()


def test_files_that_cannot_be_moved_keep_no_others_waiting(alice, media_root, monkeypatch):
    monkeypatch.setattr(placing, "_BATCH", 1)
    lost, well = int(ready(alice)), int(ready(alice, photo(2)))
    for use in FileUse.objects.select_related("file").filter(attachment=lost):
        (media_root / use.file.key).unlink()
    attachments.attach([lost, well], owner_id=alice.id, everybody=True, now=now())

    settle()

    shown = dict(MediaAttachment.objects.values_list("pk", "public"))
    assert shown == {lost: False, well: True}


# --- workers that die, and machines that do not do as they should -----------------------------------


def test_what_a_dead_worker_had_is_taken_by_the_next_when_the_lease_is_over(alice):
    made = upload(alice, photo())
    dead = jobs.claim(Stage.LOOK, now=now())
    assert dead is not None
    assert finish() == 0  # somebody is at it, as far as anybody knows

    later = now() + jobs.LEASES[Stage.LOOK]
    assert work.do_next(Stage.LOOK, clock=lambda: later)

    assert row(made).state == "ready"
    assert row(made).turn == 2
    assert FileUse.objects.count() == 2


def test_a_worker_that_lost_its_turn_writes_nothing(alice):
    made = upload(alice, photo())
    slow = jobs.claim(Stage.LOOK, now=now())
    assert slow is not None
    work.do_next(Stage.LOOK, clock=lambda: now() + jobs.LEASES[Stage.LOOK])
    before = row(made)

    with pytest.raises(jobs.Lost):
        jobs.write(slow, state="failed")
    assert row(made).state == before.state == "ready"


def test_what_is_deleted_while_it_is_made_ends_the_work(alice, clips, media_root, monkeypatch):
    made = upload(alice, clips["odd.webm"].read_bytes())
    finish(Stage.LOOK)
    real = makers.ladder

    def deleted_meanwhile(*arguments):
        client_of(alice).delete(f"{V1}/{made['id']}")
        return real(*arguments)

    monkeypatch.setattr(makers, "ladder", deleted_meanwhile)
    finish(Stage.MAKE)

    assert row(made).state == "processing"
    assert not FileUse.objects.exclude(role="upload").exists()
    ledger.remove_due(now=now() + timedelta(days=1))
    assert not StoredFile.objects.exclude(area="incoming").exists()


def test_a_machine_that_fails_is_given_time_and_then_says_so(alice, monkeypatch):
    made = upload(alice, photo())

    def broken(*_):
        raise Broken("no space left")

    monkeypatch.setattr(makers, "photograph", broken)
    waited = []
    for _ in range(jobs.ATTEMPTS_MAX):
        at = row(made).due_at
        waited.append(at)
        take(Stage.LOOK, at)

    assert row(made).state == "failed"
    assert [(b - a).total_seconds() for a, b in pairwise(waited)] == [30, 60, 120]
    refused = client_of(alice).get(f"{V1}/{made['id']}")
    assert (refused.status_code, row(made).reason) == (422, "broken")

    monkeypatch.undo()
    again = client_of(alice).post(f"/api/v1/upscrolled/media/{made['id']}/retry")
    assert again.status_code in (200, 202), again.content
    finish()
    assert row(made).state == "ready"


def test_workers_that_die_at_a_file_again_and_again_leave_it(alice):
    made = upload(alice, photo())
    at = now()
    for _ in range(jobs.ATTEMPTS_MAX):
        assert jobs.claim(Stage.LOOK, now=at)
        at += jobs.LEASES[Stage.LOOK]
    work.do_next(Stage.LOOK, clock=lambda: at)

    assert (row(made).state, row(made).reason) == ("failed", "broken")


def test_a_ladder_that_cannot_be_made_leaves_what_plays(alice, clips, monkeypatch):
    made = upload(alice, clips["quiet.mp4"].read_bytes())
    finish(Stage.LOOK)

    def broken(*_):
        raise Broken("no space left")

    monkeypatch.setattr(makers, "ladder", broken)
    for _ in range(jobs.ATTEMPTS_MAX):
        at = row(made).due_at
        take(Stage.MAKE, at)

    assert (row(made).state, row(made).due_at) == ("ready", None)
    assert plays(shown(alice, made)["url"])


def test_a_pulse_tells_how_far_it_is_and_hears_that_it_lost(alice):
    made = upload(alice, photo())
    job = jobs.claim(Stage.LOOK, now=now())
    assert job is not None
    time = [0.0]
    pulse = jobs.Pulse(job, clock=lambda: time[0])
    before = row(made).leased_until

    pulse.tell(40)
    assert not pulse.lost()
    assert row(made).percent == 0  # not more often than every two seconds
    time[0] = 3.0
    assert not pulse.lost()
    assert row(made).percent == 40
    assert row(made).leased_until > before
    client_of(alice).delete(f"{V1}/{made['id']}")
    time[0] = 14.0
    assert pulse.lost()


def test_a_file_that_is_stored_again_while_it_is_removed_is_there(alice, media_root):
    """Whoever stores what was just given up keeps it: the row is asked again under its lock."""
    first = ready(alice)
    client_of(alice).delete(f"{V1}/{first}")
    ending.purge(now=now())
    second = ready(alice)
    ledger.remove_due(now=now())

    assert len(files_below(media_root / "private")) == 2
    assert content(fetch(client_of(alice).get(f"{V1}/{second}").json()["url"]))


def test_an_object_that_lies_in_the_store_is_accepted_by_its_key(alice, media_root):
    key = verbs.incoming_key(alice, now=now())
    (media_root / key).parent.mkdir(parents=True)
    (media_root / key).write_bytes(photo())
    made = verbs.accept(owner=alice, sent=key, now=now())
    finish()

    assert MediaAttachment.objects.get(pk=made.pk).state == "ready"
    ledger.remove_due(now=now())
    assert not store.store().exists(key)


# --- captions ---------------------------------------------------------------------------------------

ENGLISH = "WEBVTT\n\n00:00.100 --> 00:01.000\nThe river rises.\n"
ARABIC = "1\n00:00:00,100 --> 00:00:01,000\nيرتفع النهر\n"


def test_captions_come_and_go_without_the_video_being_made_again(alice, clips):
    made = upload(alice, clips["quiet.mp4"].read_bytes())
    path = f"/api/v1/upscrolled/media/{made['id']}/captions"
    client = client_of(alice)
    finish()
    before = walk(shown(alice, made)["upscrolled"]["hls_url"])

    client.post(path, {"file": ENGLISH, "language": "en", "name": "English"})
    video = client.post(path, {"file": ARABIC, "language": "ar", "name": "العربية"}).json()

    told = video["upscrolled"]
    assert [(each["language"], each["name"]) for each in told["captions"]] == [
        ("en", "English"),
        ("ar", "العربية"),
    ]
    assert client.get(path).json() == told["captions"]
    words = fetch(told["captions"][1]["url"])
    assert words["Content-Type"] == "text/vtt; charset=utf-8"
    assert "يرتفع النهر" in content(words).decode()
    after = walk(told["hls_url"])
    assert len([name for name in after if name.endswith(".vtt")]) == 2
    assert {name for name in before if name.endswith(".m4s")} <= after

    assert client.post(path, {"file": "WEBVTT\n\nno times", "language": "en"}).status_code == 422
    assert client_of(alice).delete(f"{path}/fr").status_code == 404
    left = client.delete(f"{path}/en").json()["upscrolled"]["captions"]
    assert [each["language"] for each in left] == ["ar"]
    again = client.post(path, {"file": ENGLISH, "language": "ar"}).json()["upscrolled"]["captions"]
    assert [(each["language"], each["name"]) for each in again] == [("ar", "ar")]
    assert FileUse.objects.filter(role="captions").count() == 1
