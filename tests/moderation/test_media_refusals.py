"""A photo is restricted by a decision about it and by nothing else: quieter ways are refused to web and workers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from feed.models import PostMedia
from moderation.models import Report
from tests.moderation.attempts import Attempt, Scene, as_app, refused, scene, write
from upscrolled.models import FileUse, MediaAttachment, StoredFile

__all__ = ["as_app", "scene"]
pytestmark = pytest.mark.django_db
PHOTO, LETTER, OTHER = 71, 72, 73  # alice's: of a post, of a message, of another post
NAME = f"aa/{'a' * 64}.jpg"


def run(*statements: str) -> Attempt:
    def attempt(cursor: psycopg.Cursor[Any], scene: Scene) -> None:
        for statement in statements:
            facts = {"bob": scene.bob.id, "restored": scene.restored, "photo": PHOTO, "other": OTHER}
            cursor.execute(statement, facts)

    return attempt


def decided(subject: int = PHOTO, *, of: str = "", **more: Any) -> Attempt:
    """A whole removal of a photo as the product writes it, but for what is changed; `of` another account."""

    def attempt(cursor: psycopg.Cursor[Any], scene: Scene) -> None:
        about: dict[str, Any] = {"subject_kind": "media", "subject_id": subject}
        whose = {"account_id": getattr(scene, of).id} if of else {}
        write(
            cursor,
            scene,
            statement={**about, **whose, "measure": more.get("kind", "removed")},
            notice=whose,
            decision={**about, "action": more.get("kind", "removed")},
            restriction={**about, "kind": more.get("kind", "removed"), **more.get("restriction", {})},
        )

    return attempt


MEDIA = "UPDATE upscrolled_mediaattachment SET {} WHERE id = %(photo)s"
USE = "UPDATE upscrolled_fileuse SET {} WHERE attachment_id = %(photo)s"
FILE = "UPDATE upscrolled_storedfile SET {} WHERE name LIKE 'aa/%%'"
ATTEMPTS: dict[str, Attempt] = {
    "a restriction of media alone": run(
        """INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, decision_id)
           VALUES ('media', %(photo)s, 'removed', '{}', now(), 1)"""
    ),
    "a restriction of media for a decision about its post": lambda cursor, scene: write(
        cursor, scene, restriction={"subject_kind": "media", "subject_id": PHOTO}
    ),
    "told to somebody else": decided(of="bob"),
    "of media that are not there": decided(7),
    "of media of a message": decided(LETTER),
    "out of discover, which is nothing for media": decided(kind="hidden_from_discover"),
    "longer than was decided": decided(restriction={"starts_at": datetime(2030, 1, 1, tzinfo=UTC)}),
    "failed": run(MEDIA.format("state = 'failed'")),
    "processed again": run(MEDIA.format("state = 'processing'")),
    "deleted": run(MEDIA.format("deleted_at = now()")),
    "let go": run(MEDIA.format("attached_at = NULL")),
    "the row deleted": run("DELETE FROM upscrolled_mediaattachment WHERE id = %(photo)s"),
    "given to another": run(MEDIA.format("owner_id = %(bob)s")),
    "under another number": run(MEDIA.format("id = 74")),
    "for messages from now on": run(MEDIA.format("purpose = 'message'")),
    "without files": run(MEDIA.format("files = '{}'")),
    "without the photo": run(MEDIA.format("files = files - 'original'")),
    "with a file that is not there": run(MEDIA.format("""files = '{"original": "bb/x.jpg"}'""")),
    "with captions that are not there": run(MEDIA.format("""captions = '[{"file": "bb/x.vtt"}]'""")),
    "its file not used any more": run("DELETE FROM upscrolled_fileuse WHERE attachment_id = %(photo)s"),
    "its file used by another": run(USE.format("attachment_id = %(other)s")),
    "another file used": run(
        USE.format("file_id = (SELECT id FROM upscrolled_storedfile WHERE name LIKE 'cc/%%')")
    ),
    "its file deleted": run("DELETE FROM upscrolled_storedfile WHERE name LIKE 'aa/%%'"),
    "its file under another name": run(FILE.format("name = 'bb/x.jpg'")),
    "its file elsewhere": run(FILE.format("area = 'incoming'")),
    "in another post": run(
        "UPDATE feed_postmedia SET post_id = %(restored)s WHERE attachment_id = %(photo)s"
    ),
    "in history alone": run("UPDATE feed_postmedia SET position = NULL WHERE attachment_id = %(photo)s"),
    "in no post": run("DELETE FROM feed_postmedia WHERE attachment_id = %(photo)s"),
    "not what was reported": run("UPDATE moderation_report SET media_ids = '{}'"),
}


@pytest.fixture(scope="module")
def shown(scene: Scene, django_db_blocker: Any) -> Scene:
    """A photo of alice's third post, with its file, that somebody reported; another; and one of a message."""
    with django_db_blocker.unblock():
        now = datetime.now(UTC)
        for number, purpose, name in (
            (PHOTO, "post", NAME),
            (OTHER, "post", f"cc/{'c' * 64}.jpg"),
            (LETTER, "message", f"dd/{'d' * 64}.jpg"),
        ):
            MediaAttachment.objects.create(
                id=number,
                owner=scene.alice,
                kind="image",
                state="ready",
                purpose=purpose,
                attached_at=now,
                files={"original": name},
            )
            file = StoredFile.objects.create(area="public", name=name, bytes=1, media_type="image/jpeg")
            FileUse.objects.create(file=file, attachment_id=number, role="original")
        PostMedia.objects.create(attachment_id=PHOTO, post_id=scene.post, position=0)
        Report.objects.create(
            reporter=scene.bob, target=scene.alice, media_ids=[PHOTO], comment="", created_at=now
        )
    return scene


@pytest.mark.parametrize("name", ATTEMPTS)
def test_it_is_refused(as_app: psycopg.Connection[Any], shown: Scene, name: str) -> None:
    refused(as_app, shown, ATTEMPTS[name])


def test_with_all_that_belongs_to_it_it_is_not(as_app: psycopg.Connection[Any], shown: Scene) -> None:
    with as_app.cursor() as cursor:
        decided()(cursor, shown)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        # A better file in the place of the one before, in whatever order.
        cursor.execute("DELETE FROM upscrolled_fileuse WHERE attachment_id = %s", [PHOTO])
        cursor.execute(
            """INSERT INTO upscrolled_fileuse (file_id, attachment_id, role, label)
               SELECT id, %s, 'original', '' FROM upscrolled_storedfile WHERE name LIKE 'cc/%%'""",
            [PHOTO],
        )
        cursor.execute(
            """UPDATE upscrolled_mediaattachment SET files = (
                 SELECT jsonb_build_object('original', name) FROM upscrolled_storedfile WHERE name LIKE 'cc/%%')
               WHERE id = %s""",
            [PHOTO],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    as_app.rollback()
