"""The audit finds what somebody did who owns the database and had switched the refusals off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from moderation import notices, publishing
from moderation.operations import audit
from moderation.operations.decide import Wish, decide, reverse
from moderation.subjects import Subject
from tests.people import publish
from tests.restricting import REASONS, moderator

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
def world(alice, bob) -> dict[str, int]:
    """A removal that stands, one that was taken back, a suspension; told, and published."""
    mia = moderator()
    posts = [publish(alice, f"post {n} #bread") for n in range(3)]
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
    notices.deliver(now=YESTERDAY)
    publishing.publish(now=NOW)
    return {
        "removed": removed.decision_id,
        "restored": restored.decision_id,
        "post": posts[2],
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
    call_command("audit")
    assert "Nobody is restricted quietly." in capsys.readouterr().out
    call_command("log_verify")


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
        ("strikes on somebody else", "UPDATE moderation_strike SET account_id = 1"),
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
    ],
)
def test_what_was_done_behind_its_back_stands_out(world, found: str, statement: str) -> None:
    as_superuser(*statement.split(";"), **world)

    assert found in wrong()
    with pytest.raises((SystemExit, CommandError)):
        call_command("audit")
