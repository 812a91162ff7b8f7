"""Short videos from the camera to whoever scrolls: in their author's tabs, in discover, playing at their addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feed import tasks
from feed.timelines import pools
from tests import restricting
from tests.media import fetch, finish, now, photo, plays, ready, settle, upload, walk
from tests.people import client_of, publish
from tests.upscrolled.media.video.clips import Clips
from upscrolled.media import ledger
from upscrolled.media.jobs import Stage

pytestmark = pytest.mark.django_db
STATUSES, DISCOVER = "/api/v1/statuses", "/api/v1/upscrolled/discover"


@pytest.fixture(autouse=True)
def _own_media(media_root):
    return media_root


def post(author, *media: str) -> str:
    made = client_of(author).post(STATUSES, {"media_ids": media})
    assert made.status_code == 200, made.content
    settle()
    return str(made.json()["id"])


def test_a_video_is_found_where_people_look_for_videos_and_plays_there(alice, bob, tmp_path):
    clips = Clips(tmp_path)
    upright = upload(alice, clips["landscape.mp4"].read_bytes())["id"]
    finish(Stage.LOOK)
    quiet, still = upload(alice, clips["odd.webm"].read_bytes())["id"], ready(alice, photo(2))
    finish(Stage.LOOK, Stage.MAKE)
    publish(alice, "words alone", now=datetime.now(UTC))
    first, photograph, second = (
        post(alice, upright),
        post(alice, still),
        post(alice, ready(alice, photo(3)), quiet),
    )

    tab = client_of(bob).get(f"/api/v1/accounts/{alice.id}/statuses?only_media=true").json()
    assert [each["id"] for each in tab] == [second, photograph, first]
    assert [[media["type"] for media in each["media_attachments"]] for each in tab] == [
        ["image", "video"],
        ["image"],
        ["video"],
    ]

    soon = now() + timedelta(minutes=1)
    assert pools.advance("video", now=soon) is not None
    page = client_of(bob).get(DISCOVER, {"media": "video"}).json()
    shown = {each["status"]["id"]: each["status"]["media_attachments"][-1] for each in page["items"]}
    assert set(shown) == {first, second}
    for video in shown.values():
        assert "/media/public/" in video["url"]
        assert "Video: h264" in plays(video["url"])
        assert fetch(video["preview_url"])["Content-Type"] == "image/jpeg"
        reached = walk(video["upscrolled"]["hls_url"])
        assert {name.rpartition(".")[2] for name in reached} == {"m3u8", "m4s"}
        assert all("/media/public/" in name for name in reached)

    restricting.restrict("post", int(second), "removed")
    tasks.settle_openness()
    settle()
    ledger.remove_due(now=now())
    left = client_of(bob).get(DISCOVER, {"media": "video"}).json()
    assert [each["status"]["id"] for each in left["items"]] == [first]
    tab = client_of(bob).get(f"/api/v1/accounts/{alice.id}/statuses?only_media=true").json()
    assert [each["id"] for each in tab] == [photograph, first]
    assert fetch(shown[second]["upscrolled"]["hls_url"]).status_code == 404
    mine = client_of(alice).get(f"{STATUSES}/{second}").json()["media_attachments"][-1]
    assert all("/media/private/" in name for name in walk(mine["upscrolled"]["hls_url"]))
