"""The audit finds what somebody did who owns the database and had switched the refusals off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from feed.tasks import deliver_owed
from moderation import effects, notices, publishing
from moderation.operations import audit, keeping
from moderation.operations.decide import Wish, decide, reverse
from moderation.operations.screening import set_mode
from moderation.subjects import Subject
from tests.desks import reported
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import AccountCounters

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
def world(alice, bob) -> dict[str, int]:
    """A removal that stands, one that was taken back, a suspension, a hold, a case that a law keeps."""
    mia = moderator()
    posts = [publish(alice, f"post {n} #bread") for n in range(4)]
    removed, restored = (
        decide(Wish(Subject("post", post), "removed", "hate", REASONS), by=mia, now=YESTERDAY)
        for post in posts[:2]
    )
    reverse(
        restored.decision_id,
        by=mia,
        facts="The post was read again in its context.",
        explanation="It quotes the insult to condemn it.",
        now=YESTERDAY,
    )
    decide(Wish(Subject("account", bob.id), "account_suspended", "spam", REASONS), by=mia, now=YESTERDAY)
    assert effects.settle_owed(now=YESTERDAY) == 1  # bob follows alice
    held = decide(Wish(Subject("post", posts[3]), "hold", "hate", REASONS), by=mia, now=YESTERDAY)
    case = reported(alice, make_account("dave"), "another", now=YESTERDAY)
    keeping.hold(case.pk, kind="eu_terrorist", because="an order", by=mia, now=YESTERDAY)
    set_mode("slurs", "shadow", because="its hits are to be read first", by=mia, now=YESTERDAY)
    notices.deliver(now=YESTERDAY)
    publishing.publish(now=NOW)
    deliver_owed()  # posts are entered for the search
    return {
        "removed": removed.decision_id,
        "restored": restored.decision_id,
        "post": posts[2],
        "hold": held.decision_id,
        "case": case.pk,
        "alice": alice.id,
    }


def wrong() -> set[str]:
    return {finding.name for finding in audit.audit(now=NOW) if finding.wrong}


def as_superuser(*statements: str, **facts: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was done properly is committed, so to speak
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement, facts)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_world_made_by_its_verbs_passes(world, capsys) -> None:
    assert wrong() == set()
    as_superuser(
        "INSERT INTO upscrolled_mediaattachment (id, owner_id, kind, state) VALUES (77, %(alice)s, 'image', 'failed')",
        **world,
    )
    call_command("audit")
    said = capsys.readouterr().out
    assert "Nobody is restricted quietly." in said
    (line,) = [
        line for line in said.splitlines() if line.startswith("media that the pipeline could not make")
    ]
    assert line.split()[-2:] == ["1:", "77"]
    call_command("log_verify")


def test_a_post_that_was_never_delivered_is_missed_in_home(alice, bob, client_of) -> None:
    client_of(bob).get("/api/v1/timelines/home")  # his list stands
    AccountCounters.objects.filter(account=bob).update(active_on=NOW.date())
    first = publish(alice, "delivered", now=NOW)
    deliver_owed()
    assert "posts that lists of home lack" not in wrong()

    post = publish(alice, "struck off", now=NOW)
    assert "posts that lists of home lack" not in wrong()  # it is on its way
    as_superuser("DELETE FROM feed_delivery")
    (finding,) = [one for one in audit.audit(now=NOW) if one.name == "posts that lists of home lack"]
    assert finding.examples == (str(post),) != (str(first),)


@pytest.mark.parametrize(
    ("found", "statement"),
    [
        (
            "restrictions without their decision",
            """INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, decision_id)
               VALUES ('post', %(post)s, 'removed', '{}', now(), 999)""",
        ),
        (
            "restrictions without their decision",
            "UPDATE upscrolled_restriction SET subject_id = %(post)s WHERE decision_id = %(removed)s",
        ),
        (
            "restrictions without their decision",
            "UPDATE upscrolled_restriction SET kind = 'age_limited' WHERE decision_id = %(removed)s",
        ),
        (
            "restrictions that ended early without a word",
            "UPDATE upscrolled_restriction SET ends_at = now() WHERE decision_id = %(removed)s",
        ),
        (
            "decisions that restrict and have no restriction",
            "DELETE FROM upscrolled_restriction WHERE decision_id = %(removed)s",
        ),
        (
            "decisions without their statement",
            "DELETE FROM moderation_statement WHERE id = (SELECT statement_id FROM moderation_decision "
            "WHERE id = %(removed)s)",
        ),
        ("statements without their decision", "DELETE FROM moderation_decision WHERE id = %(removed)s"),
        ("statements without a notice to whom they concern", "DELETE FROM moderation_notice"),
        ("statements without a notice to whom they concern", "UPDATE moderation_notice SET account_id = 1"),
        ("statements without their key or its tombstone", "DELETE FROM moderation_statementkey"),
        (
            "statements without their key or its tombstone",
            "UPDATE moderation_statementkey SET key = NULL, erased_at = now()",
        ),
        ("statements that are not what the log says", "UPDATE moderation_statement SET facts = explanation"),
        (
            "statements that are not what the log says",
            "UPDATE moderation_statement SET digest = repeat('0', 64) WHERE account_id = %(alice)s",
        ),
        (
            "notices that nobody was sent",
            "UPDATE moderation_notice SET sent_at = NULL, delivery_id = NULL",
        ),
        (
            "decisions that the log tells otherwise",
            "UPDATE moderation_decision SET action = 'warn' WHERE id = %(removed)s",
        ),
        (
            "decisions that the log tells otherwise",
            "UPDATE moderation_decision SET decided_at = decided_at - interval '9 days'",
        ),
        ("decisions that the log tells otherwise", "DELETE FROM moderation_logentry"),
        (
            "log entries with another hash",
            "ALTER TABLE moderation_logentry DROP CONSTRAINT log_entry_hash;"
            "UPDATE moderation_logentry SET hash = sha256('x')",
        ),
        ("places of the log that are missing", "DELETE FROM moderation_logleaf WHERE index = 1"),
        (
            "checkpoints that the log does not bear out",
            "DELETE FROM moderation_logleaf WHERE index = (SELECT max(index) FROM moderation_logleaf)",
        ),
        (
            "checkpoints that the log does not bear out",
            "UPDATE moderation_logcheckpoint SET root = sha256('x')",
        ),
        (
            "checkpoints that the log does not bear out",
            "UPDATE moderation_logcheckpoint SET note = replace(note, '/moderation-log', '/another')",
        ),
        ("tiles that are not the tree's", "DELETE FROM moderation_logtile"),
        (
            "strikes on somebody else, or other than the policy has them",
            "UPDATE moderation_strike SET account_id = 1",
        ),
        (
            "live public posts that discover cannot draw",
            "DELETE FROM feed_candidate WHERE post_id = %(post)s",
        ),
        (
            "refusals that are switched off",
            "ALTER TABLE upscrolled_restriction DISABLE TRIGGER no_silent_restriction",
        ),
        ("refusals that are switched off", "DROP TRIGGER notice_steps ON moderation_notice"),
        (
            "rights that the role of web and workers must not have",
            "GRANT UPDATE ON moderation_decision TO upscrolled_app",
        ),
        (
            "rights that the role of web and workers must not have",
            "GRANT CREATE ON SCHEMA public TO upscrolled_app",
        ),
        ("refusals that are switched off", "ALTER TABLE feed_post DISABLE TRIGGER own_hand"),
        (
            "restrictions on what is somebody else's by now",
            "UPDATE feed_post SET author_id = (SELECT min(id) FROM upscrolled_account WHERE id <> %(alice)s)",
        ),
        ("decisions by nobody who could decide", "UPDATE moderation_decision SET decided_by_id = 1"),
        (
            "holds that last longer than 72 hours",
            "ALTER TABLE upscrolled_restriction DROP CONSTRAINT hold_ends_within_72_hours;"
            "UPDATE upscrolled_restriction SET ends_at = NULL WHERE decision_id = %(hold)s",
        ),
        *(
            (
                "decisions that the log tells otherwise",
                "ALTER TABLE moderation_logentry DROP CONSTRAINT log_entry_hash;"
                f"UPDATE moderation_logentry SET data = replace(data, '{said}', '{forged}')",
            )
            for said, forged in (
                ('"category":"', '"category":"x'),
                ('"ground":"policy"', '"ground":"law"'),
                ('"source":"report"', '"source":"order"'),
                ('"countries":[]', '"countries":["FR"]'),
                ('"days":null', '"days":7'),
                ('"automated_detection":false', '"automated_detection":true'),
                ('"prior":""', '"prior":"00"'),
            )
        ),
        (
            "log entries with another hash",
            "ALTER TABLE moderation_logentry DROP CONSTRAINT log_entry_hash;"
            "UPDATE moderation_logentry SET data = replace(data, ',', ', ');"
            "UPDATE moderation_logentry SET hash = sha256('\\x00'::bytea || convert_to(data, 'UTF8'))",
        ),
        (
            "statements that are not what the log says",
            "ALTER TABLE moderation_logentry DROP CONSTRAINT log_entry_hash;"
            """UPDATE moderation_logentry e SET data = regexp_replace(data, '"prior":"[0-9a-f]+"', '"prior":"00"')""",
        ),
        (
            "decisions whose parts have other dates",
            "UPDATE moderation_decision SET decided_at = decided_at - interval '1 second'",
        ),
        (
            "strikes on somebody else, or other than the policy has them",
            "UPDATE moderation_strike SET weight = weight + 1",
        ),
        (
            "strikes on somebody else, or other than the policy has them",
            "UPDATE moderation_strike SET expires_at = expires_at + interval '1 day'",
        ),
        (
            "severed follows that are not as they were severed",
            "UPDATE moderation_severedfollow SET target_id = follower_id",
        ),
        (
            "severed follows that are not as they were severed",
            "UPDATE moderation_severedfollow SET reposts = NOT reposts",
        ),
        ("severed follows that are not as they were severed", "DELETE FROM moderation_severedfollow"),
        ("severed follows that are not as they were severed", "DELETE FROM moderation_severing"),
        (
            "severed follows that are not as they were severed",
            """INSERT INTO moderation_severedfollow (decision_id, follower_id, target_id, created_at, reposts, notify)
               SELECT decision_id, follower_id, follower_id + 1, now(), true, false FROM moderation_severedfollow""",
        ),
        (
            "follows that a suspension severed and that did not come back",
            """INSERT INTO moderation_endedeffect (decision_id, at)
               SELECT decision_id, now() FROM moderation_severedfollow""",
        ),
        (
            "holds of law without a word, or longer than their kind",
            "UPDATE moderation_casehold SET until = until + interval '1 year'",
        ),
        (
            "holds of law without a word, or longer than their kind",
            "UPDATE moderation_casehold SET released_at = now()",
        ),
        (
            "holds of law without a word, or longer than their kind",
            "DELETE FROM moderation_caseevent WHERE kind = 'held'",
        ),
        (
            "rules at the door and switches that nobody turned",
            "UPDATE moderation_screenmode SET mode = 'refuse'",
        ),
        (
            "rules at the door and switches that nobody turned",
            "INSERT INTO upscrolled_switch (name, value, changed_at, because) VALUES ('x', 'y', now(), 'z')",
        ),
        (
            "reports and appeals whose answer nobody was told",
            "UPDATE moderation_report SET outcome = 'upheld', decided_at = now() - interval '1 day'",
        ),
        (
            "appeals that were overturned and changed nothing, or wait longer than promised",
            """INSERT INTO moderation_appeal (decision_id, account_id, text, filed_at, deadline, state, version, answer,
                 decided_by_id, decided_at) VALUES (%(removed)s, %(alice)s, 'x', now(), now(), 'overturned', 1,
                 'It is restored, they say.', 1, now())""",
        ),
        (
            "appeals decided by somebody in the chain",
            """INSERT INTO moderation_appeal (decision_id, account_id, text, filed_at, deadline, state, version, answer,
                 decided_by_id, decided_at) SELECT id, %(alice)s, 'x', now(), now(), 'upheld', 1, 'It stands as it is.',
                 decided_by_id, now() FROM moderation_decision WHERE id = %(removed)s""",
        ),
        (
            "notices that were sent before their seal ended",
            """INSERT INTO moderation_sealstep (case_id, basis, reference, until, at)
               VALUES (%(case)s, 'bank_hit', 'a bank', now(), now());
               UPDATE moderation_decision SET case_id = %(case)s""",
        ),
        (
            "statements of erased accounts that can be read again",
            """UPDATE upscrolled_account SET is_active = false WHERE id = %(alice)s;
               INSERT INTO upscrolled_departure (account_id, left_at, erase_at, erased_at)
               SELECT %(alice)s, now() - interval '9 days', now() - interval '9 days', now() - interval '9 days'""",
        ),
        (
            "cases that were closed without a decision or a word",
            "UPDATE moderation_case SET state = 'decided', outcome = 'refused', closed_at = now()",
        ),
        (
            "live posts that search cannot find",
            "UPDATE feed_postwords SET words = '' WHERE post_id = %(post)s",
        ),
        (
            "live posts that are missing under their hashtags",
            "DELETE FROM feed_posttag WHERE post_id = %(post)s",
        ),
        (
            "accounts whose tickets do not count for no reason",
            "INSERT INTO feed_uncounted (account_id, since) VALUES (%(alice)s, now() - interval '1 day')",
        ),
        (
            "refusals that are not as they were made",
            """CREATE OR REPLACE FUNCTION moderation_no_silent_restriction() RETURNS trigger LANGUAGE plpgsql
               AS $$ BEGIN RETURN NULL%(end)s END $$""",
        ),
        (
            "refusals that are not as they were made",
            """DROP TRIGGER own_hand ON feed_post;CREATE TRIGGER own_hand BEFORE UPDATE OF text ON feed_post
               FOR EACH ROW WHEN (false) EXECUTE FUNCTION moderation_own_hand('author_id')""",
        ),
        (
            "refusals that are not as they were made",
            "ALTER TABLE moderation_logentry DROP CONSTRAINT log_entry_hash",
        ),
        (
            "refusals that are not as they were made",
            "ALTER TABLE moderation_decision DROP CONSTRAINT only_a_person_removes",
        ),
        (
            "media of posts and messages whose files nothing keeps",
            """INSERT INTO upscrolled_mediaattachment (id, owner_id, kind, state, attached_at, files)
               VALUES (1, %(alice)s, 'image', 'ready', now(), '{"original": "x"}')""",
        ),
    ],
)
def test_what_was_done_behind_its_back_stands_out(world, found: str, statement: str) -> None:
    as_superuser(*(part.replace("%(end)s", ";") for part in statement.split(";")), **world)

    assert found in wrong()
    with pytest.raises((SystemExit, CommandError)):
        call_command("audit")
