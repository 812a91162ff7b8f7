"""The pool of videos: whose attachments say so, in step with every edit, and audited like the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feed.models import Candidate
from feed.operations import audit
from feed.operations.revise import Edit, delete_post, edit_post
from feed.post_types.media import Wanted
from feed.ranking.pool import NO_DIGEST
from feed.timelines import audits
from feed.timelines.freeze import freeze
from tests.media import photo, ready
from tests.people import client_of, publish
from upscrolled.models import MediaAttachment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(media_root):
    return media_root


def attachment(account, kind: str) -> str:
    """A photo that calls itself a video: what ffmpeg makes of one is tested elsewhere."""
    made = ready(account, photo(len(MediaAttachment.objects.all()) + 1))
    MediaAttachment.objects.filter(pk=made).update(kind=kind)
    return made


def posted(account, *media: str) -> int:
    return publish(
        account, "look", now=datetime.now(UTC) - timedelta(minutes=5), parts={"media": Wanted(media)}
    )


def videos() -> set[int]:
    pool = freeze(now=datetime.now(UTC), previous=NO_DIGEST, kind="video")
    assert audits.compare("video", pool).is_clean
    return set(pool.id.tolist())


def test_a_post_with_a_video_is_in_and_others_are_not(alice):
    clip = posted(alice, attachment(alice, "image"), attachment(alice, "video"))
    posted(alice, attachment(alice, "image"))
    posted(alice, attachment(alice, "gifv"))
    publish(alice, "words alone", now=datetime.now(UTC) - timedelta(minutes=5))

    assert videos() == {clip}
    page = client_of().get("/api/v1/upscrolled/discover", {"media": "video"}).json()
    assert [item["id"] for item in page["receipt"]["items"]] == [str(clip)]


def test_an_edit_lets_a_post_in_and_out(alice):
    still, clip = attachment(alice, "image"), attachment(alice, "video")
    post = posted(alice, still)
    assert videos() == set()

    edit_post(post, by=alice, edit=Edit(parts={"media": Wanted((still, clip))}), now=datetime.now(UTC))
    assert videos() == {post}
    edit_post(post, by=alice, edit=Edit(parts={"media": Wanted((still,))}), now=datetime.now(UTC))
    assert videos() == set()


def test_a_deleted_video_is_out(alice):
    post = posted(alice, attachment(alice, "video"))
    delete_post(post, by=alice, now=datetime.now(UTC))

    assert videos() == set()


def test_a_mark_that_is_wrong_is_found_and_mended(alice):
    clip, still = posted(alice, attachment(alice, "video")), posted(alice, attachment(alice, "image"))
    Candidate.objects.filter(pk=clip).update(video=False)
    Candidate.objects.filter(pk=still).update(video=True)
    pool = freeze(now=datetime.now(UTC), previous=NO_DIGEST, kind="video")

    found = audits.compare("video", pool)
    assert (found.missing, found.surplus) == ((clip,), (still,))
    assert {one.name: one.wrong for one in audit.repair()}["candidates: video"] == 2
    assert videos() == {clip}
