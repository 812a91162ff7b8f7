"""What lowers another's reach without a restriction, and quieter ways around one, is refused to web and workers too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from moderation import notices
from tests.moderation.attempts import Attempt, Scene, as_app, bent, refused, run, scene
from upscrolled.models import MediaAttachment

__all__ = ["as_app", "scene"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def dated(at: datetime, **more: Any) -> Attempt:
    """A removal whose parts all say that it was decided at another time."""
    return bent(
        statement={"starts_at": at, "created_at": at},
        notice={"created_at": at},
        decision={"decided_at": at},
        logentry={"created_at": at},
        restriction={"starts_at": at},
        **more,
    )


def held(number: int) -> Attempt:
    """A hold of three days by a program, the next when the one before is over."""
    ends = datetime.now(UTC) + timedelta(minutes=number + 1)
    return bent(
        decision={"decided_by_id": None, "action": "hold", "ends_at": ends},
        statement={"measure": "hold", "ends_at": ends, "automated_decision": True},
        restriction={"kind": "hold", "ends_at": ends},
    )


ACCOUNT = "UPDATE upscrolled_account SET {} WHERE id = %(alice)s"
POST = "UPDATE feed_post SET {} WHERE id = %(post)s"
HAND = "SELECT set_config('upscrolled.actor', %({})s::text, true)"
BLOCK = "INSERT INTO upscrolled_block (account_id, target_id, created_at) VALUES (%(bob)s, %(alice)s, now())"
POLICY = """INSERT INTO moderation_policyversion (key, version, severity, lane, category, strike_weight, strike_days,
  texts, published_at) VALUES ('quiet', 1, 9, 'ordinary', 'x', 9, 999, '{"en": {"rule": ""}}', now())"""
APPEAL = """INSERT INTO moderation_appeal (decision_id, account_id, text, filed_at, deadline, state, version, answer,
  decided_at, decided_by_id) VALUES (%(decision)s, %(alice)s, 'x', now(), now(), {})"""

ATTEMPTS: dict[str, Attempt] = {
    # what is the author's
    "another's post deleted": run(POST.format("deleted_at = now()")),
    "another's post deleted for good": run("DELETE FROM feed_post WHERE id = %(post)s"),
    "another's post edited": run(POST.format("text = '', html = ''")),
    "another's post covered": run(POST.format("sensitive = true, warning = 'x'")),
    "another's audience": run(POST.format("audience = 'followers'")),
    "another's answers closed": run(POST.format("replying = 'nobody'")),
    "another's post out of its hashtags": run(POST.format("tags = ARRAY['other']")),
    "another's post edited by the second of a savepoint": run(
        HAND.format("alice"), "SAVEPOINT s", HAND.format("bob"), POST.format("text = ''")
    ),
    "a hand that ended with its transaction": run(HAND.format("alice"), "COMMIT", POST.format("text = ''")),
    "a post under another's number": run(POST.format("id = id + 1")),
    "a hashtag renamed": run("UPDATE feed_tag SET name = 'other' WHERE name = 'quiet'"),
    "another's account closed": run(ACCOUNT.format("is_active = false")),
    "another out of discover": run(ACCOUNT.format("discoverable = false")),
    "another out of search": run(ACCOUNT.format("indexable = false")),
    "another not confirmed any more": run(ACCOUNT.format("confirmed_at = NULL")),
    "another waits to be let in": run(ACCOUNT.format("awaits_approval = true")),
    "a block in another's name": run(BLOCK),
    "a block in another's name, in case": run(BLOCK + " ON CONFLICT DO NOTHING"),
    "a block in another's name, by its target": run(HAND.format("alice"), BLOCK),
    "a mute in another's name": run(
        "INSERT INTO upscrolled_mute (account_id, target_id, created_at, notifications) "
        "VALUES (%(bob)s, %(alice)s, now(), true)"
    ),
    "media that fail after they were shown": run("UPDATE upscrolled_mediaattachment SET state = 'failed'"),
    "media taken out of another's post": run(
        "UPDATE upscrolled_mediaattachment SET attached_at = NULL, expires_at = now()"
    ),
    "media of another's post deleted": run("UPDATE upscrolled_mediaattachment SET deleted_at = now()"),
    "media given to another": run("UPDATE upscrolled_mediaattachment SET owner_id = %(bob)s"),
    "what told of a decision taken away": run(
        "DELETE FROM upscrolled_notification WHERE kind = 'moderation_warning'"
    ),
    "what told of a decision given to another": run(
        "UPDATE upscrolled_notification SET recipient_id = %(bob)s WHERE kind = 'moderation_warning'"
    ),
    "what told of a decision tells of something else": run(
        "UPDATE upscrolled_notification SET kind = 'follow' WHERE kind = 'moderation_warning'"
    ),
    # dates and people of a decision
    "so long ago that it is too late to appeal": dated(datetime.now(UTC) - 300 * DAY),
    "published in the log in a hundred years": bent(
        logentry={"created_at": datetime.now(UTC) + 36_500 * DAY}
    ),
    "a whole decision of next year": dated(datetime.now(UTC) + 365 * DAY),
    "a statement older than its decision": bent(statement={"created_at": datetime.now(UTC) - 300 * DAY}),
    "a notice older than its decision": bent(notice={"created_at": datetime.now(UTC) - 300 * DAY}),
    "in force later than the statement says": bent(restriction={"starts_at": datetime.now(UTC) + DAY}),
    "by somebody who is nobody": bent(decision={"decided_by_id": 1}),
    "by somebody who moderates nothing": bent(decision={"decided_by_id": lambda scene: scene.bob.id}),
    "a hold by a program after a hold": lambda cursor, scene: [held(n)(cursor, scene) for n in range(2)],
    "no appeal among the ways of redress": bent(statement={"redress": ["court"]}),
    "a policy that says nothing": run(POLICY),
    "an act of the log in a hundred years": run(
        """INSERT INTO moderation_publicact (kind, ref, data, hash, created_at)
           VALUES ('kept', 1, '{}', sha256('\\x007b7d'::bytea), now() + interval '100 years')"""
    ),
    "an appeal that was answered before it was filed": run(
        APPEAL.format(
            "'upheld', 1, 'No, it stands as it is.', now(), (SELECT id FROM upscrolled_account LIMIT 1)"
        )
    ),
    "an appeal that somebody holds from the start": run(APPEAL.format("'claimed', 1, '', NULL, NULL")),
    "an appeal answered by nobody": run(
        APPEAL.format("'filed', 0, '', NULL, NULL"),
        """UPDATE moderation_appeal SET state = 'upheld', answer = 'No, it stands as it is.', decided_at = now(),
             decided_by_id = 1 WHERE decision_id = %(decision)s""",
    ),
    "an appeal answered by somebody who moderates nothing": run(
        APPEAL.format("'filed', 0, '', NULL, NULL"),
        """UPDATE moderation_appeal SET state = 'upheld', answer = 'No, it stands as it is.', decided_at = now(),
             decided_by_id = %(bob)s WHERE decision_id = %(decision)s""",
    ),
    "a case about something else": run("UPDATE moderation_case SET subject_id = %(removed)s"),
    # ways around
    "a copied row of restrictions": lambda cursor, scene: copied(cursor, scene),
    "a restriction, or else an update of one": run(
        """INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, decision_id)
           VALUES ('post', %(post)s, 'removed', '{}', now(), %(decision)s)
           ON CONFLICT (decision_id) DO UPDATE SET subject_id = excluded.subject_id, ends_at = NULL"""
    ),
    "a restriction that is put off": run(
        "SET CONSTRAINTS ALL DEFERRED",
        "SAVEPOINT s",
        """INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, decision_id)
           VALUES ('post', %(post)s, 'removed', '{}', now(), 0)""",
        "RELEASE s",
    ),
    "a restriction that is prepared": run(
        """INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, decision_id)
           VALUES ('post', %(post)s, 'removed', '{}', now(), 0)""",
        "PREPARE TRANSACTION 'quiet'",
    ),
    "a temporary table": run("CREATE TEMP TABLE feed_post AS SELECT * FROM public.feed_post LIMIT 0"),
    "a temporary view": run("CREATE TEMP VIEW feed_post AS SELECT * FROM public.feed_post LIMIT 0"),
    "a view": run("CREATE VIEW public.quiet AS SELECT 1"),
    "a function": run(
        "CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'infinity' $$"
    ),
    "a schema of its own": run("CREATE SCHEMA quiet"),
    "numbers given out again": run("SELECT setval('moderation_decision_id_seq', 1)"),
    "numbers of restrictions given out again": run("SELECT setval('upscrolled_restriction_id_seq', 1)"),
    "restrictions emptied": run("TRUNCATE upscrolled_restriction"),
    "rows of the log emptied": run("TRUNCATE moderation_logleaf, moderation_publicact"),
    "a policy of rows": run("ALTER TABLE feed_post ENABLE ROW LEVEL SECURITY"),
    "the table of another": run("ALTER TABLE feed_post OWNER TO upscrolled_app"),
    "a trigger of its own": run(
        "CREATE TRIGGER quiet BEFORE INSERT ON feed_post FOR EACH ROW EXECUTE FUNCTION moderation_append_only()"
    ),
    "a rule of its own": run("CREATE RULE quiet AS ON SELECT TO feed_post DO INSTEAD SELECT 1"),
    "another session": run("SET SESSION AUTHORIZATION upscrolled"),
}


def copied(cursor: psycopg.Cursor[Any], scene: Scene) -> None:
    columns = "subject_kind, subject_id, kind, countries, starts_at, decision_id"
    with cursor.copy(f"COPY upscrolled_restriction ({columns}) FROM STDIN") as copy:
        copy.write_row(("post", scene.post, "removed", "{}", datetime.now(UTC), 0))


@pytest.fixture(scope="module")
def furnished(scene: Scene, django_db_blocker: Any) -> Scene:
    """What some attempts need: a hashtag, media that are shown, a decision that was told, a case."""
    from feed.models import Tag
    from moderation.models import Case

    with django_db_blocker.unblock():
        now = datetime.now(UTC)
        Tag.objects.create(name="quiet")
        MediaAttachment.objects.create(id=1, owner=scene.alice, kind="image", state="ready", attached_at=now)
        Case.objects.create(
            subject_kind="post", subject_id=scene.post, account=scene.alice, policy="hate", opened_at=now
        )
        notices.deliver(now=now)
    return scene


@pytest.mark.parametrize("name", ATTEMPTS)
def test_quieter_ways_are_refused_too(as_app: psycopg.Connection[Any], furnished: Scene, name: str) -> None:
    refused(as_app, furnished, ATTEMPTS[name])
